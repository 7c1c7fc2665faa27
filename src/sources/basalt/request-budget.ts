/**
 * Keeps requests within a node's limit per minute and address. The node counts in fixed minutes, so
 * no minute of ours, wherever it begins, may hold more than the limit.
 */
import type { Clock } from '../../model/runtime.ts';

const minuteMs = 60_000;

/** How much, and for how long a node is left alone that said it was too much. */
export interface BudgetOptions {
  readonly requestsPerMinuteMax: number;
  readonly limitedRestMs: number;
  readonly clock: Clock;
}

/** One node's. Requests may wait concurrently; they are admitted in no particular order. */
export class RequestBudget {
  readonly #perMinute: number;
  readonly #restMs: number;
  readonly #clock: Clock;
  /** When the last `perMinute` requests were admitted, oldest first. */
  readonly #admittedAtMs: number[] = [];
  #closedUntilMs = 0;

  constructor({ requestsPerMinuteMax, limitedRestMs, clock }: BudgetOptions) {
    this.#perMinute = requestsPerMinuteMax;
    this.#restMs = limitedRestMs;
    this.#clock = clock;
  }

  /** Waits until one more request may be sent. Throws the signal's reason on abort. */
  async take(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.#waitMs();
      if (waitMs <= 0) break;
      await this.#clock.sleep(waitMs, signal);
    }
    this.#admittedAtMs.push(this.#clock.nowMs());
    if (this.#admittedAtMs.length > this.#perMinute) this.#admittedAtMs.shift();
  }

  /** For how long the node is still to be left alone. */
  get closedMs(): number {
    return Math.max(0, this.#closedUntilMs - this.#clock.nowMs());
  }

  /** The node said that it is too much: it is left alone for a while. */
  close(): void {
    this.#closedUntilMs = this.#clock.nowMs() + this.#restMs;
  }

  #waitMs(): number {
    const oldestMs = this.#admittedAtMs[this.#admittedAtMs.length - this.#perMinute];
    return oldestMs === undefined ? 0 : oldestMs + minuteMs - this.#clock.nowMs();
  }
}
