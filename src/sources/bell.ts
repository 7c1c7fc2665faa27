/** What wakes a session that reads several sockets and waits for REST: whoever has news rings. */
import type { Clock } from '../model/runtime.ts';

/** To make the error that an abort has by default costs more than the rest of a ring. */
const rung = 'rung';

/** One waiter. A ring while nobody waits counts for the next wait. */
export class Bell {
  #hasRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, at the latest after `ms`. Throws the signal's reason. */
  async wait(
    ms: number,
    { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  ): Promise<void> {
    signal.throwIfAborted();
    const timer = new AbortController();
    const wake = () => timer.abort(rung);
    this.#wake = wake;
    signal.addEventListener('abort', wake, { once: true });
    try {
      if (!this.#hasRung) await clock.sleep(ms, timer.signal).catch(() => undefined);
    } finally {
      signal.removeEventListener('abort', wake);
      this.#wake = undefined;
      this.#hasRung = false;
    }
    signal.throwIfAborted();
  }
}
