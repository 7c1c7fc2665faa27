/** One connection of a source, open while any of its calls is under way. */

/** Opened by the first that enters, closed by the last that leaves. */
export class SharedConnection<T extends { close(): Promise<void> }> {
  readonly #open: () => T;
  #connection: T | undefined;
  #users = 0;

  /** `open` is cheap and does no I/O. */
  constructor(open: () => T) {
    this.#open = open;
  }

  async using<R>(use: (connection: T) => Promise<R>): Promise<R> {
    const connection = this.#enter();
    try {
      return await use(connection);
    } finally {
      await this.#leave();
    }
  }

  /** Passes on what is yielded. An abort is how a call ends, not an error: then it returns. */
  async *yielding<R>(
    use: (connection: T) => AsyncIterable<R>,
    signal: AbortSignal,
  ): AsyncGenerator<R> {
    const connection = this.#enter();
    try {
      yield* use(connection);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await this.#leave();
    }
  }

  #enter(): T {
    this.#connection ??= this.#open();
    this.#users += 1;
    return this.#connection;
  }

  async #leave(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.close();
  }
}
