/** So many operations in any second, not more. */
import type { Clock } from '../../../model/runtime.ts';

/** Counts what it allows. */
export class SlidingLimit {
  readonly #max: number;
  readonly #clock: Clock;
  #times: number[] = [];

  constructor(max: number, clock: Clock) {
    this.#max = max;
    this.#clock = clock;
  }

  /** Operations that the present second still has room for. */
  get left(): number {
    const now = this.#clock.nowMs();
    this.#times = this.#times.filter((time) => time > now - 1000);
    return this.#max - this.#times.length;
  }

  allows(): boolean {
    if (this.left <= 0) return false;
    this.#times.push(this.#clock.nowMs());
    return true;
  }
}
