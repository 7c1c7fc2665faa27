/**
 * How new the row of each primary key is that a state topic of market data holds: a row that was read
 * late must not take the place of a newer one.
 */
import { keyText, tooManyKeys } from './current-rows.ts';

/** One per state topic; holds at most `keysMax` keys. */
export class LatestTimes {
  readonly #topic: string;
  readonly #keysMax: number;
  readonly #times = new Map<string, number>();

  constructor(topic: string, keysMax: number) {
    this.#topic = topic;
    this.#keysMax = keysMax;
  }

  /**
   * True when the row is the key's latest from now on: one that is not `isLate` is, a late one where
   * nothing newer is there. Throws `state.too_many_keys`.
   */
  takes(key: Buffer, timeMs: number, isLate: boolean): boolean {
    const text = keyText(key);
    const known = this.#times.get(text);
    if (isLate && known !== undefined && timeMs < known) return false;
    if (known === undefined && this.#times.size >= this.#keysMax) {
      throw tooManyKeys(this.#topic, this.#keysMax);
    }
    this.#times.set(text, timeMs);
    return true;
  }
}
