/**
 * Keeps requests within a node's limit per minute and address. The node counts in fixed minutes, so
 * no minute of ours, wherever it begins, may hold more than the limit.
 */
import type { Clock } from '../../model/runtime.ts';

const minuteMs = 60_000;

/** One node's. Requests may wait concurrently; they are admitted in no particular order. */
export class RequestBudget {
  readonly #perMinute: number;
  readonly #clock: Clock;
  /** When the last `perMinute` requests were admitted, oldest first. */
  readonly #admittedAtMs: number[] = [];
  #closedUntilMs = 0;

  constructor(perMinute: number, clock: Clock) {
    this.#perMinute = perMinute;
    this.#clock = clock;
  }

  /** Waits until one more request may be sent. Throws the signal's reason on abort. */
  async take(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = this.waitMs();
      if (waitMs <= 0) break;
      await this.#clock.sleep(waitMs, signal);
    }
    this.#admittedAtMs.push(this.#clock.nowMs());
    if (this.#admittedAtMs.length > this.#perMinute) this.#admittedAtMs.shift();
  }

  /** How long the next request would have to wait now. */
  waitMs(): number {
    const nowMs = this.#clock.nowMs();
    const oldestMs = this.#admittedAtMs[this.#admittedAtMs.length - this.#perMinute];
    const freeAtMs = oldestMs === undefined ? nowMs : oldestMs + minuteMs;
    return Math.max(freeAtMs, this.#closedUntilMs) - nowMs;
  }

  /** The node said that it is too much: nothing for a minute. */
  close(): void {
    this.#closedUntilMs = this.#clock.nowMs() + minuteMs;
  }
}
