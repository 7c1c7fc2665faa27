/**
 * A Lighter book of ticks: a checkpoint, then changes that are counted (reference section 4.4). A number
 * that is missing, or a checkpoint that differs from the book, ends the epoch.
 */
import type { Tick, WireBook } from '../wire/books.ts';
import { type BookMoment, type BookRow, BookRows, type BookRowsOptions } from './book-rows.ts';
import { changesOf } from './l2-book.ts';
import { LevelBook, levelsMax } from './level-book.ts';
import { type BookOutcome, impossible, lost, nothingNew } from './outcome.ts';
import { type BookProblem, problemOfBook } from './problem.ts';

/** One market's book. */
export class TickBook {
  readonly #rows: BookRows;
  readonly #symbol: string;
  readonly #book = new LevelBook();
  /** Of the last tick; undefined before the first one after a book that came without a number. */
  #sequence: number | undefined;

  constructor(options: BookRowsOptions) {
    this.#rows = new BookRows(options);
    this.#symbol = options.symbol;
  }

  /** The trustworthy epoch; null while none is. */
  get epoch(): number | null {
    return this.#rows.epoch;
  }

  /** A checkpoint: the same book as the one held says nothing new. It has no number of its own. */
  accept(book: WireBook, receivedAtUs: number): BookOutcome {
    const moment = { eventTimeMs: book.timeMs, receivedAtUs, blockNumber: null };
    const found = problemOfBook(book, levelsMax);
    if (found !== undefined) {
      const problem = impossible(this.#symbol, found.problem);
      return lost(this.#rows, moment, { reason: found.reason, problem });
    }
    const isHeld = this.#rows.epoch !== null;
    if (isHeld) {
      const { bids, asks } = changesOf(this.#book.view.all(), book);
      if (bids.length + asks.length === 0) return nothingNew(this.#rows, 1);
    }
    const ended = isHeld ? this.#rows.unsafe('gap', moment) : [];
    this.#book.replace(book);
    this.#sequence = undefined;
    const rows = [...ended, ...this.#rows.open(this.#book.view, moment)];
    const { lastEpoch: epoch } = this.#rows;
    const reason = isHeld ? 'gap' : null;
    return { rows, became: 'safe', epoch, reason, problem: null, ignored: 0 };
  }

  /** Ticks in the order of their numbers: one row for all of one time. Repeats are dropped. */
  apply(ticks: readonly Tick[], receivedAtUs: number): BookOutcome {
    if (this.#rows.epoch === null) return nothingNew(this.#rows, ticks.length);
    const rows: BookRow[] = [];
    let ignored = 0;
    for (const ofTime of byTime(ticks)) {
      const moment = { eventTimeMs: ofTime[0]?.timeMs ?? 0, receivedAtUs, blockNumber: null };
      const result = this.#applyAll(ofTime);
      if (typeof result !== 'number') {
        const problem = impossible(this.#symbol, result.problem);
        const ended = lost(this.#rows, moment, { reason: result.reason, problem });
        return { ...ended, rows: [...rows, ...ended.rows], ignored };
      }
      ignored += result;
      rows.push(...this.#row(moment));
    }
    const { lastEpoch: epoch } = this.#rows;
    return { rows, became: null, epoch, reason: null, problem: null, ignored };
  }

  /** The book is not to be trusted any more, for a reason that is not in its frames. */
  unsafe(reason: string, moment: BookMoment): BookOutcome {
    const rows = this.#rows.unsafe(reason, moment);
    const { lastEpoch: epoch } = this.#rows;
    return { rows, became: 'unsafe', epoch, reason, problem: null, ignored: 0 };
  }

  #row(moment: BookMoment): readonly BookRow[] {
    const changes = this.#book.takeChanges();
    if (changes.bids.length + changes.asks.length === 0) return [];
    return this.#rows.change(this.#book.view, changes, moment);
  }

  /** How many were repeats, or why the book cannot be; it may be crossed between ticks of one time. */
  #applyAll(ticks: readonly Tick[]): number | BookProblem {
    let repeats = 0;
    for (const { sequence, change } of ticks) {
      const last = this.#sequence;
      if (last !== undefined && sequence <= last) {
        repeats += 1;
        continue;
      }
      if (last !== undefined && sequence !== last + 1) {
        return { reason: 'gap', problem: `has change ${sequence} after change ${last}` };
      }
      this.#sequence = sequence;
      this.#book.set(change);
    }
    return this.#book.problemAfter(`change ${this.#sequence}`) ?? repeats;
  }
}

/** In the order of their numbers, those of one time together. */
function byTime(ticks: readonly Tick[]): readonly (readonly Tick[])[] {
  const groups: Tick[][] = [];
  for (const tick of ticks.toSorted((a, b) => a.sequence - b.sequence)) {
    const last = groups.at(-1);
    if (last?.[0]?.timeMs === tick.timeMs) last.push(tick);
    else groups.push([tick]);
  }
  return groups;
}
