/** One side of a book, kept in order while its levels change one by one. */
import { type BookLevel, comparePrices } from './book.ts';

/** Levels of one side. Changes near the best price cost least. */
export class BookSide {
  /** 1 where a higher price is better. */
  readonly #direction: 1 | -1;
  /** Best last: what changes most stands at the end. */
  #levels: BookLevel[] = [];

  constructor(side: 'bids' | 'asks') {
    this.#direction = side === 'bids' ? 1 : -1;
  }

  get size(): number {
    return this.#levels.length;
  }

  get best(): BookLevel | undefined {
    return this.#levels.at(-1);
  }

  /** The best `count` levels, all of them without it; best first. */
  levels(count = this.#levels.length): readonly BookLevel[] {
    return this.#levels.slice(Math.max(0, this.#levels.length - count)).reverse();
  }

  /** Takes the place of all levels; best first, each price once. */
  replace(levels: readonly BookLevel[]): void {
    this.#levels = levels.toReversed();
  }

  /** The level at a price. */
  at(price: string): BookLevel | undefined {
    const level = this.#levels[this.#place(price)];
    return level?.price === price ? level : undefined;
  }

  /** Sets what a price has, or removes it where the quantity is 0; gives back what it had. */
  set(level: BookLevel): BookLevel | undefined {
    const place = this.#place(level.price);
    const found = this.#levels[place];
    const before = found?.price === level.price ? found : undefined;
    if (level.quantity !== '0') this.#levels.splice(place, before === undefined ? 0 : 1, level);
    else if (before !== undefined) this.#levels.splice(place, 1);
    return before;
  }

  /** Of the level with this price, or where it would stand. */
  #place(price: string): number {
    let [low, high] = [0, this.#levels.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const other = this.#levels[middle]?.price ?? price;
      if (comparePrices(other, price) * this.#direction < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
