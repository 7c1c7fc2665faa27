/**
 * A book at full depth: a snapshot, then level changes by block (reference section 4.10). Blocks without
 * changes are not sent, so an unbroken socket is the only proof that none is missing: what comes out of
 * order ends the epoch.
 */
import type { BlockOfLevels, WireBook } from '../wire/books.ts';
import { type BookMoment, BookRows, type BookRowsOptions } from './book-rows.ts';
import { LevelBook, levelsMax } from './level-book.ts';
import { type BookOutcome, impossible, lost, nothingNew } from './outcome.ts';
import { type BookProblem, problemOfBook } from './problem.ts';

/** One market's book. */
export class FullBook {
  readonly #rows: BookRows;
  readonly #symbol: string;
  readonly #book = new LevelBook();
  /** Block of the snapshot, and the last one applied. */
  #snapshotBlock = 0;
  #block = 0;

  constructor(options: BookRowsOptions) {
    this.#rows = new BookRows(options);
    this.#symbol = options.symbol;
  }

  /** The trustworthy epoch; null while none is. */
  get epoch(): number | null {
    return this.#rows.epoch;
  }

  /** The whole book as of its block. Where one was held, its epoch ends without a word of its own. */
  accept(book: WireBook, receivedAtUs: number): BookOutcome {
    const blockNumber = book.blockNumber ?? 0;
    const moment = { eventTimeMs: book.timeMs, receivedAtUs, blockNumber };
    const found = problemOfBook(book, levelsMax);
    if (found !== undefined) {
      const problem = impossible(this.#symbol, found.problem);
      return lost(this.#rows, moment, { reason: found.reason, problem });
    }
    this.#book.replace(book);
    this.#snapshotBlock = blockNumber;
    this.#block = blockNumber;
    const rows = this.#rows.open(this.#book.view, moment);
    const { lastEpoch: epoch } = this.#rows;
    return { rows, became: 'safe', epoch, reason: null, problem: null, ignored: 0 };
  }

  /** The changes of a frame. While the book is unsafe they are of no use and ignored. */
  apply(blocks: readonly BlockOfLevels[], moment: BookMoment): BookOutcome {
    const inOrder = blocks.toSorted((a, b) => a.blockNumber - b.blockNumber);
    if (this.#rows.epoch === null) return nothingNew(this.#rows, countOf(inOrder));
    let ignored = 0;
    for (const block of inOrder) {
      const result = this.#applyOne(block);
      if (typeof result !== 'number') return this.#lost(result, moment);
      ignored += result;
    }
    const at = { ...moment, blockNumber: this.#block };
    const changes = this.#book.takeChanges();
    if (changes.bids.length + changes.asks.length === 0) return nothingNew(this.#rows, ignored);
    const rows = this.#rows.change(this.#book.view, changes, at);
    const { lastEpoch: epoch } = this.#rows;
    return { rows, became: null, epoch, reason: null, problem: null, ignored };
  }

  /** What was said before it may never have been published. */
  beginSession(): void {
    this.#rows.beginSession();
  }

  /** The book is not to be trusted any more, for a reason that is not in its frames. */
  unsafe(reason: string, moment: BookMoment): BookOutcome {
    const rows = this.#rows.unsafe(reason, moment);
    const { lastEpoch: epoch } = this.#rows;
    return { rows, became: 'unsafe', epoch, reason, problem: null, ignored: 0 };
  }

  /** How many of its changes were of no use, or why the book cannot be. */
  #applyOne({ blockNumber, changes }: BlockOfLevels): number | BookProblem {
    if (blockNumber <= this.#snapshotBlock) return changes.length;
    if (blockNumber < this.#block) {
      const problem = `has block ${blockNumber} after block ${this.#block}`;
      return { reason: 'out_of_order', problem };
    }
    this.#block = blockNumber;
    const useless = changes.filter((change) => !this.#book.set(change)).length;
    return this.#book.problemAfter(`block ${blockNumber}`) ?? useless;
  }

  #lost({ reason, problem }: BookProblem, moment: BookMoment): BookOutcome {
    const at = { ...moment, blockNumber: this.#block };
    return lost(this.#rows, at, { reason, problem: impossible(this.#symbol, problem) });
  }
}

function countOf(blocks: readonly BlockOfLevels[]): number {
  return blocks.reduce((count, { changes }) => count + changes.length, 0);
}
