/**
 * The timer of waits that follow one another and mostly end before their time. It is left armed when it
 * is not wanted any more: a timer and its signal for each wait cost more than a small request, and Node
 * links them so that the collector keeps what came after them.
 */
import type { Clock } from './runtime.ts';

/** To make the error that an abort has by default costs more than the rest. */
const replaced = 'replaced';

interface Armed {
  readonly atUs: number;
  readonly cancel: AbortController;
}

/** One waiter; `stop` must follow, or its timer ends when it would have rung last. */
export class Alarm {
  readonly #clock: Clock;
  #due: { readonly atUs: number; readonly ring: () => void } | null = null;
  #armed: Armed | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True from `set` until it rings or is cleared. */
  get isSet(): boolean {
    return this.#due !== null;
  }

  /** Calls `ring` after `ms`, once, unless it is set anew or cleared before. */
  set(ms: number, ring: () => void): void {
    const atUs = this.#clock.nowUs() + ms * 1_000;
    this.#due = { atUs, ring };
    if (this.#armed === null || this.#armed.atUs > atUs) this.#arm(ms, atUs);
  }

  /** It is not wanted for now. */
  clear(): void {
    this.#due = null;
  }

  /** Ends its timer. Idempotent; it may be set again. */
  stop(): void {
    this.clear();
    this.#armed?.cancel.abort(replaced);
    this.#armed = null;
  }

  #arm(ms: number, atUs: number): void {
    this.#armed?.cancel.abort(replaced);
    const armed = { atUs, cancel: new AbortController() };
    this.#armed = armed;
    this.#clock.sleep(ms, armed.cancel.signal).then(
      () => this.#over(armed),
      // The only way a sleep fails is that another one takes its place, or none.
      () => undefined,
    );
  }

  #over(armed: Armed): void {
    if (this.#armed !== armed) return;
    this.#armed = null;
    const due = this.#due;
    if (due === null) return;
    const leftUs = due.atUs - this.#clock.nowUs();
    // A timer may be a little early by a finer clock: only a time that was set later is waited for.
    if (due.atUs > armed.atUs && leftUs > 0) {
      this.#arm(leftUs / 1_000, due.atUs);
      return;
    }
    this.#due = null;
    due.ring();
  }
}
