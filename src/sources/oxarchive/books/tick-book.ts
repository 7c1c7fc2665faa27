/**
 * A book that is replayed tick by tick (reference section 4.4): a whole book now and then, every change
 * between. A hole in the sequence ends the epoch; one right before a whole book is seen by comparing.
 */
import type { WireBook } from '../wire/books.ts';
import type { Tick } from '../wire/ticks.ts';
import { type BookMoment, type BookRow, BookRows, type BookRowsOptions } from './book-rows.ts';
import { changesOf } from './l2-book.ts';
import { LevelBook, levelsMax } from './level-book.ts';
import { type BookOutcome, impossible, lost, nothingNew } from './outcome.ts';
import { problemOfBook } from './problem.ts';

/** One market's book. */
export class TickBook {
  readonly #rows: BookRows;
  readonly #symbol: string;
  #book = new LevelBook();
  /** Of the last change; null after a whole book, which tells none. */
  #sequence: number | null = null;

  constructor(options: BookRowsOptions) {
    this.#rows = new BookRows(options);
    this.#symbol = options.symbol;
  }

  /** The trustworthy epoch; null while none is. */
  get epoch(): number | null {
    return this.#rows.epoch;
  }

  /** A whole book and changes that are known to follow it. Where it is the book that is held, its epoch goes on. */
  accept(book: WireBook, later: readonly Tick[], receivedAtUs: number): readonly BookOutcome[] {
    const eventTimeMs = later.at(-1)?.timeMs ?? book.timeMs;
    const moment = { eventTimeMs, receivedAtUs, blockNumber: null };
    this.#sequence = later.at(-1)?.sequence ?? null;
    const found = problemOfBook(book, levelsMax);
    if (found !== undefined) {
      const problem = impossible(this.#symbol, found.problem);
      return [lost(this.#rows, moment, { reason: found.reason, problem })];
    }
    const next = new LevelBook();
    next.replace(book);
    for (const { change } of later) next.set(change);
    next.takeChanges();
    const isHeld = this.#rows.epoch !== null;
    const { bids, asks } = changesOf(this.#book.view.all(), next.view.all());
    if (isHeld && bids.length + asks.length === 0) return [];
    this.#book = next;
    const ended = isHeld ? [lost(this.#rows, moment, { reason: 'gap', problem: null })] : [];
    return [...ended, this.#outcome(this.#rows.open(next.view, moment), 'safe')];
  }

  /** Changes of one moment, by their sequence. While the book is unsafe they are of no use. */
  apply(ticks: readonly Tick[], moment: BookMoment): BookOutcome {
    if (this.#rows.epoch === null) return nothingNew(this.#rows, ticks.length);
    let ignored = 0;
    for (const { sequence, change } of ticks) {
      const before = this.#sequence;
      if (before !== null && sequence > before + 1) {
        return lost(this.#rows, moment, { reason: 'gap', problem: null });
      }
      const isNew = before === null || sequence > before;
      if (!isNew || !this.#book.set(change)) ignored += 1;
      this.#sequence = Math.max(sequence, before ?? sequence);
    }
    const found = this.#book.problemAfter(`change ${this.#sequence}`);
    if (found !== undefined) {
      const problem = impossible(this.#symbol, found.problem);
      return lost(this.#rows, moment, { reason: found.reason, problem });
    }
    const changes = this.#book.takeChanges();
    if (changes.bids.length + changes.asks.length === 0) return nothingNew(this.#rows, ignored);
    return this.#outcome(this.#rows.change(this.#book.view, changes, moment), null);
  }

  /** The book is not to be trusted any more, for a reason that is not in its frames. */
  unsafe(reason: string, moment: BookMoment): BookOutcome {
    return { ...this.#outcome(this.#rows.unsafe(reason, moment), 'unsafe'), reason };
  }

  #outcome(rows: readonly BookRow[], became: BookOutcome['became']): BookOutcome {
    const { lastEpoch: epoch } = this.#rows;
    return { rows, became, epoch, reason: null, problem: null, ignored: 0 };
  }
}
