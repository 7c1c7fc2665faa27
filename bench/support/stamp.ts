/** A mark in the values of records that says which market and when, whatever their format. */

/** Digits that occur nowhere else in a frame: a market's number and a stamp follow them. */
export const stampMark = '8888888888';
export const marketDigits = 3;
export const stampDigits = 16;

const mark = Buffer.from(stampMark);

/** The text of a market's mark, with a stamp of zeros to be written over. */
export function markOf(market: number): string {
  return `${stampMark}${String(market).padStart(marketDigits, '0')}${'0'.repeat(stampDigits)}`;
}

/** Takes the records of one topic and checks the order of each market. */
export class StampOrder {
  readonly #lastOf = new Map<number, number>();
  #records = 0;
  #disordered = 0;

  /** Records that had a stamp. */
  get records(): number {
    return this.#records;
  }

  /** Those of them whose stamp was not above the one before it in their market. */
  get disordered(): number {
    return this.#disordered;
  }

  /** The stamp of a record's value; undefined without one. */
  take(value: Buffer): number | undefined {
    const at = value.indexOf(mark);
    if (at < 0) return undefined;
    const marketAt = at + mark.length;
    const stampAt = marketAt + marketDigits;
    const market = Number(value.toString('latin1', marketAt, stampAt));
    const stamp = Number(value.toString('latin1', stampAt, stampAt + stampDigits));
    if (stamp <= (this.#lastOf.get(market) ?? 0)) this.#disordered += 1;
    this.#lastOf.set(market, stamp);
    this.#records += 1;
    return stamp;
  }
}
