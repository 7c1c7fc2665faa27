/**
 * Lets each row of market data pass once, and its retraction once: topics of a `low_latency` source may
 * repeat records after a failure. Remembers the newest rows; a repeat is never of an old one.
 */
import type { DecodedChange } from '../encoding/change-decoder.ts';

/** Bounded by a number of rows; the oldest is forgotten first. */
export class RecentIdentities {
  /** Rows that were handed over, in that order: false once they were taken back. */
  readonly #live = new Map<string, boolean>();
  readonly #rowsMax: number;
  /** Goes on where it stopped: what was forgotten is not walked over again. */
  #oldest: Iterator<string> = this.#live.keys();
  #hasForgotten = false;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  get size(): number {
    return this.#live.size;
  }

  /** False for a repeat, and for the retraction of a row that never passed. */
  lets({ eventId, incarnation, isRetraction }: DecodedChange): boolean {
    const id = `${eventId}#${incarnation}`;
    const known = this.#live.get(id);
    if (isRetraction) {
      if (known === undefined) return this.#hasForgotten;
      this.#live.set(id, false);
      return known;
    }
    if (known !== undefined) return false;
    this.#live.set(id, true);
    if (this.#live.size > this.#rowsMax) this.#forgetOldest();
    return true;
  }

  #forgetOldest(): void {
    const next = this.#oldest.next();
    if (next.done === true) return;
    this.#live.delete(next.value);
    this.#hasForgotten = true;
  }
}
