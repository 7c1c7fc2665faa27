/** A client of a WebSocket without a library for the venue: it shows each frame as it came. */
import { once } from 'node:events';
import { type ClientOptions, WebSocket } from 'ws';

const deadlineMs = 20_000;

/** Frames of one socket. Waits end with an error after a deadline, or when the server closes. */
export class RawWebSocket {
  protected readonly socket: WebSocket;
  readonly #closed: Promise<readonly [code: number, reason: string]>;
  readonly #frames: string[] = [];
  #pings = 0;
  #binary = 0;
  #wake: () => void = () => undefined;

  protected constructor(url: string | URL, options: ClientOptions) {
    this.socket = new WebSocket(url, options);
    this.#closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve([code, String(reason)]));
    });
    this.socket.on('message', (data, isBinary) => {
      if (isBinary) this.#binary += 1;
      this.#frames.push(String(data));
      this.#wake();
    });
    this.socket.on('ping', () => {
      this.#pings += 1;
      this.#wake();
    });
    this.socket.on('error', () => undefined);
    void this.#closed.then(() => this.#wake());
  }

  get pings(): number {
    return this.#pings;
  }

  get binaryFrames(): number {
    return this.#binary;
  }

  /** Sends text as it is. */
  sendRaw(text: string): void {
    this.socket.send(text);
  }

  /** The next frame. */
  async next(): Promise<string> {
    await this.#until(() => this.#frames.length > 0, 'frame');
    return String(this.#frames.shift());
  }

  /** Waits until so many pings came. */
  async untilPings(count: number): Promise<void> {
    await this.#until(() => this.#pings >= count, `${count} pings`);
  }

  /** The close code and its reason. */
  async whenClosed(): Promise<readonly [code: number, reason: string]> {
    const deadline = AbortSignal.timeout(deadlineMs);
    return new Promise((resolve, reject) => {
      deadline.onabort = () => reject(new Error(`Still open after ${deadlineMs} ms.`));
      void this.#closed.then(resolve);
    });
  }

  /** Reads nothing any more. */
  pause(): void {
    this.socket.pause();
  }

  /** Reads again. */
  resume(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.terminate();
  }

  /** Rejects with the text of a refused upgrade. */
  protected async opened(): Promise<void> {
    await once(this.socket, 'open', { signal: AbortSignal.timeout(deadlineMs) });
  }

  async #until(isReached: () => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(deadlineMs);
    while (!isReached()) {
      if (deadline.aborted) throw new Error(`No ${what} came in ${deadlineMs} ms.`);
      if (this.socket.readyState === this.socket.CLOSED) throw new Error(`Closed, no ${what}.`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.onabort = () => resolve();
      });
    }
  }
}
