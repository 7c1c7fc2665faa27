/**
 * A book of which the venue sends the best levels whole, every time (reference section 4.3): deltas and
 * tops are what this program sees change from one to the next.
 */
import { type BookLevel, type BookSides, comparePrices } from '../../../model/book.ts';
import type { WireBook } from '../wire/books.ts';
import { type BookMoment, type BookRow, BookRows, type BookRowsOptions } from './book-rows.ts';
import { type BookOutcome, impossible, lost, nothingNew } from './outcome.ts';
import { problemOfBook } from './problem.ts';

/** More levels a side than the venue sends. */
const levelsMax = 1000;

/** One market's book. */
export class L2Book {
  readonly #rows: BookRows;
  readonly #symbol: string;
  #book: WireBook | undefined;

  constructor(options: BookRowsOptions) {
    this.#rows = new BookRows(options);
    this.#symbol = options.symbol;
  }

  /** The trustworthy epoch; null while none is. */
  get epoch(): number | null {
    return this.#rows.epoch;
  }

  /** A whole book. An older one than the last, or the same again, changes nothing. */
  accept(book: WireBook, receivedAtUs: number): BookOutcome {
    const moment = { eventTimeMs: book.timeMs, receivedAtUs, blockNumber: book.blockNumber };
    const before = this.#book;
    if (this.#rows.epoch !== null && before !== undefined) {
      if (book.timeMs < before.timeMs) return nothingNew(this.#rows, 1);
    }
    const found = problemOfBook(book, levelsMax);
    if (found !== undefined) {
      this.#book = undefined;
      const problem = impossible(this.#symbol, found.problem);
      return lost(this.#rows, moment, { reason: found.reason, problem });
    }
    this.#book = book;
    const view = { best: () => book, all: () => ({ bids: book.bids, asks: book.asks }) };
    if (this.#rows.epoch === null || before === undefined) {
      return this.#outcome(this.#rows.open(view, moment), 'safe');
    }
    const changes = changesOf(before, book);
    const isKnown = changes.bids.length + changes.asks.length === 0;
    if (isKnown && book.timeMs === before.timeMs) return nothingNew(this.#rows, 1);
    return this.#outcome(this.#rows.change(view, changes, moment), null);
  }

  /** What was said before it may never have been published. */
  beginSession(): void {
    this.#rows.beginSession();
  }

  /** The book is not to be trusted any more, for a reason that is not in its frames. */
  unsafe(reason: string, moment: BookMoment): BookOutcome {
    this.#book = undefined;
    const rows = this.#rows.unsafe(reason, moment);
    return { ...this.#outcome(rows, 'unsafe'), reason };
  }

  #outcome(rows: readonly BookRow[], became: BookOutcome['became']): BookOutcome {
    const { lastEpoch: epoch } = this.#rows;
    return { rows, became, epoch, reason: null, problem: null, ignored: 0 };
  }
}

/** What of the book after is not as it was before, best first; 0 where it is gone. */
export function changesOf(before: BookSides, after: BookSides): BookSides {
  return {
    bids: sideChanges(before.bids, after.bids, -1),
    asks: sideChanges(before.asks, after.asks, 1),
  };
}

/** Both sides are in order, so one walk over both finds all. */
function sideChanges(
  before: readonly BookLevel[],
  after: readonly BookLevel[],
  direction: 1 | -1,
): readonly BookLevel[] {
  const changes: BookLevel[] = [];
  let at = 0;
  for (const level of after) {
    let old = before[at];
    while (old !== undefined && old.price !== level.price) {
      if (comparePrices(old.price, level.price) * direction > 0) break;
      changes.push(gone(old));
      at += 1;
      old = before[at];
    }
    if (old?.price !== level.price) {
      changes.push(level);
      continue;
    }
    if (old.quantity !== level.quantity || old.orders !== level.orders) changes.push(level);
    at += 1;
  }
  for (const old of before.slice(at)) changes.push(gone(old));
  return changes;
}

function gone({ price }: BookLevel): BookLevel {
  return { price, quantity: '0', orders: 0 };
}
