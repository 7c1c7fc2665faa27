/** Why a whole book cannot be. */
import { type BookLevel, type BookSides, comparePrices, isCrossed } from '../../../model/book.ts';

/** A word for the rows and a sentence for the operator. */
export interface BookProblem {
  readonly reason: 'crossed' | 'impossible' | 'too_large' | 'out_of_order' | 'gap';
  /** Follows "The book of X". */
  readonly problem: string;
}

/** Undefined for a book that can be: in order, each price once, nothing empty, not crossed. */
export function problemOfBook(book: BookSides, levelsMax: number): BookProblem | undefined {
  const { bids, asks } = book;
  const size = Math.max(bids.length, asks.length);
  if (size > levelsMax) {
    return { reason: 'too_large', problem: `has ${size} levels, more than ${levelsMax}` };
  }
  const problem = problemOfSide(bids, 'bids', -1) ?? problemOfSide(asks, 'asks', 1);
  if (problem !== undefined) return { reason: 'impossible', problem };
  if (!isCrossed(book)) return undefined;
  const [bid, ask] = [bids[0]?.price, asks[0]?.price];
  return { reason: 'crossed', problem: `is crossed: a bid at ${bid} and an ask at ${ask}` };
}

function problemOfSide(
  levels: readonly BookLevel[],
  side: string,
  direction: 1 | -1,
): string | undefined {
  let before: BookLevel | undefined;
  for (const level of levels) {
    if (level.quantity === '0') return `has nothing at ${level.price} among its ${side}`;
    if (before !== undefined && comparePrices(level.price, before.price) * direction <= 0) {
      return `has ${before.price} before ${level.price} among its ${side}`;
    }
    before = level;
  }
  return undefined;
}
