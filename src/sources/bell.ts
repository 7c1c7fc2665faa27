/** What wakes a session that reads several sockets and waits for REST: whoever has news rings. */
import { Alarm } from '../model/alarm.ts';
import type { Clock } from '../model/runtime.ts';

/** One waiter. A ring while nobody waits counts for the next wait. */
export class Bell {
  #hasRung = false;
  #wake: (() => void) | undefined;
  #alarm: Alarm | undefined;

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
    if (!this.#hasRung) await this.#rung(ms, clock, signal);
    this.#hasRung = false;
    signal.throwIfAborted();
  }

  /** Ends its timer: nobody waits any more. */
  close(): void {
    this.#alarm?.stop();
  }

  async #rung(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    this.#alarm ??= new Alarm(clock);
    const alarm = this.#alarm;
    let wake = (): void => undefined;
    await new Promise<void>((resolve) => {
      wake = resolve;
      this.#wake = wake;
      signal.addEventListener('abort', wake, { once: true });
      alarm.set(ms, wake);
    });
    signal.removeEventListener('abort', wake);
    this.#wake = undefined;
    alarm.clear();
  }
}
