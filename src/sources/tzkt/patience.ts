/** For how long something has been so: what is doubtful must last before it counts. */
import type { Clock } from '../../model/runtime.ts';

/** One thing at a time per topic: another value begins anew. */
export class Patience {
  readonly #clock: Clock;
  readonly #since = new Map<string, { readonly value: string; readonly atMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since this value of the topic was first asked for in a row. */
  waitedMs(topic: string, value: string): number {
    const nowMs = this.#clock.nowMs();
    const seen = this.#since.get(topic);
    if (seen?.value === value) return nowMs - seen.atMs;
    this.#since.set(topic, { value, atMs: nowMs });
    return 0;
  }

  /** The topic is settled. */
  forget(topic: string): void {
    this.#since.delete(topic);
  }
}
