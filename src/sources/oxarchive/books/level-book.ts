/** A book that is changed level by level, and what changed of it since it was last asked. */
import {
  type BookLevel,
  type BookSides,
  checksumLevels,
  comparePrices,
  isCrossed,
} from '../../../model/book.ts';
import { BookSide } from '../../../model/book-side.ts';
import type { LevelChange } from '../wire/books.ts';
import type { BookProblem } from './problem.ts';

/** More levels a side than any market has by far: some 7,000 is a lot. */
export const levelsMax = 100_000;

/** Both sides of one book. */
export class LevelBook {
  readonly #bids = new BookSide('bids');
  readonly #asks = new BookSide('asks');
  /** What a price had when changes were last taken; undefined where it had nothing. */
  readonly #before = {
    buy: new Map<string, BookLevel | undefined>(),
    sell: new Map<string, BookLevel | undefined>(),
  };

  /** Takes the place of everything; nothing counts as changed. */
  replace({ bids, asks }: BookSides): void {
    this.#bids.replace(bids);
    this.#asks.replace(asks);
    this.#before.buy.clear();
    this.#before.sell.clear();
  }

  /** What the price has now. */
  at(side: LevelChange['side'], price: string): BookLevel | undefined {
    return this.#side(side).at(price);
  }

  best(side: LevelChange['side']): BookLevel | undefined {
    return this.#side(side).best;
  }

  /** False for the removal of a level that is not there. */
  set({ side, price, quantity, orders }: LevelChange): boolean {
    const before = this.#side(side).set({ price, quantity, orders });
    if (!this.#before[side].has(price)) this.#before[side].set(price, before);
    return before !== undefined || quantity !== '0';
  }

  /** Why the book cannot be as it is after this change; undefined where it can. */
  problemAfter(change: string): BookProblem | undefined {
    const [bid, ask] = [this.#bids.best, this.#asks.best];
    if (bid !== undefined && ask !== undefined && isCrossed({ bids: [bid], asks: [ask] })) {
      return { reason: 'crossed', problem: `is crossed after ${change}` };
    }
    if (Math.max(this.#bids.size, this.#asks.size) <= levelsMax) return undefined;
    return { reason: 'too_large', problem: `has more than ${levelsMax} levels after ${change}` };
  }

  /** What is not as it was when this was last asked, best first; quantity 0 where it is gone. */
  takeChanges(): BookSides {
    return { bids: this.#changes('buy', -1), asks: this.#changes('sell', 1) };
  }

  /** What the checksum is of. */
  readonly view = {
    best: (): BookSides => ({
      bids: this.#bids.levels(checksumLevels),
      asks: this.#asks.levels(checksumLevels),
    }),
    all: (): BookSides => ({ bids: this.#bids.levels(), asks: this.#asks.levels() }),
  };

  #changes(side: LevelChange['side'], direction: 1 | -1): readonly BookLevel[] {
    const changes: BookLevel[] = [];
    for (const [price, before] of this.#before[side]) {
      const now = this.#side(side).at(price);
      const isSame = now?.quantity === before?.quantity && now?.orders === before?.orders;
      if (!isSame) changes.push(now ?? { price, quantity: '0', orders: 0 });
    }
    this.#before[side].clear();
    return changes.sort((a, b) => comparePrices(a.price, b.price) * direction);
  }

  #side(side: LevelChange['side']): BookSide {
    return side === 'buy' ? this.#bids : this.#asks;
  }
}
