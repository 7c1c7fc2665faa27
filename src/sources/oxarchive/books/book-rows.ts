/**
 * The rows of one market's book: epochs, sequences, checksums, and which of the three datasets gets
 * what. It believes what it is told of the book; the builders beside it do not.
 */
import { type BookLevel, type BookSides, bookChecksum } from '../../../model/book.ts';
import type { BookMessage, BookTopMessage } from '../messages.ts';

/** A row of any of the three. */
export type BookRow = BookMessage | BookTopMessage;

/** The datasets of books. */
export type BookDataset = BookRow['dataset'];

/** Names of the datasets of books. */
export const bookDatasets: readonly BookDataset[] = ['book_snapshots', 'book_deltas', 'book_tops'];

/** When something was said of a book. */
export interface BookMoment {
  /** The venue's time, else that of the receipt. */
  readonly eventTimeMs: number;
  readonly receivedAtUs: number;
  /** Null where the venue tells none. */
  readonly blockNumber: number | null;
}

/** What the rows are of. */
export interface BookRowsOptions {
  readonly symbol: string;
  /** Datasets that somebody wants: rows of others are not made. */
  readonly datasets: ReadonlySet<string>;
  /**
   * Least distance of whole books within an epoch, of event time: they are large where a book is kept
   * at full depth. 0: one with every change.
   */
  readonly snapshotEveryMs: number;
}

/** A book as its builder has it now. */
export interface BookView {
  /** At least the best 20 levels a side. */
  best(): BookSides;
  all(): BookSides;
}

/** Of one market, over all its epochs. */
export class BookRows {
  readonly #options: BookRowsOptions;
  readonly #sequences = { book_snapshots: 0, book_deltas: 0, book_tops: 0 };
  #epoch = 0;
  #isOpen = false;
  #isToldUnsafe = false;
  #snapshotAtMs = 0;
  #bid: BookLevel | undefined;
  #ask: BookLevel | undefined;

  constructor(options: BookRowsOptions) {
    this.#options = options;
  }

  /** The epoch that is trustworthy; null while none is. */
  get epoch(): number | null {
    return this.#isOpen ? this.#epoch : null;
  }

  /** The newest epoch there was, also one that ended; 0 before the first. */
  get lastEpoch(): number {
    return this.#epoch;
  }

  /** Begins an epoch with the whole book. */
  open(view: BookView, moment: BookMoment): readonly BookRow[] {
    this.#begin(moment);
    this.#isOpen = true;
    this.#isToldUnsafe = false;
    const best = view.best();
    const checksum = bookChecksum(best);
    const rows: BookRow[] = [];
    this.#snapshotAtMs = moment.eventTimeMs;
    for (const dataset of ['book_snapshots', 'book_deltas'] as const) {
      if (!this.#options.datasets.has(dataset)) continue;
      const row = { change: 'snapshot', ...view.all(), checksum, reason: null } as const;
      rows.push(this.#book(dataset, row, moment));
    }
    if (this.#options.datasets.has('book_tops')) rows.push(this.#top(best, checksum, moment));
    return rows;
  }

  /** The book changed; `changes` are its levels as they are now, with quantity 0 where they are gone. */
  change(view: BookView, changes: BookSides, moment: BookMoment): readonly BookRow[] {
    const best = view.best();
    const checksum = bookChecksum(best);
    const rows: BookRow[] = [];
    const { datasets, snapshotEveryMs } = this.#options;
    const isDue = moment.eventTimeMs - this.#snapshotAtMs >= snapshotEveryMs;
    if (datasets.has('book_snapshots') && isDue) {
      this.#snapshotAtMs = moment.eventTimeMs;
      const row = { change: 'snapshot', ...view.all(), checksum, reason: null } as const;
      rows.push(this.#book('book_snapshots', row, moment));
    }
    if (datasets.has('book_deltas') && changes.bids.length + changes.asks.length > 0) {
      const row = { change: 'delta', ...changes, checksum, reason: null } as const;
      rows.push(this.#book('book_deltas', row, moment));
    }
    const [[bid], [ask]] = [best.bids, best.asks];
    const isNew = !isSame(bid, this.#bid) || !isSame(ask, this.#ask);
    if (datasets.has('book_tops') && isNew) rows.push(this.#top(best, checksum, moment));
    return rows;
  }

  /** What was said before it may never have been published: `unsafe` says it again, in an epoch of its own. */
  beginSession(): void {
    this.#isOpen = false;
    this.#isToldUnsafe = false;
  }

  /**
   * Ends the epoch: nothing of the book is to be trusted until the next one. Before the first one it is
   * an epoch by itself, for readers who trust the rows of an earlier run. Said once a session.
   */
  unsafe(reason: string, moment: BookMoment): readonly BookRow[] {
    if (this.#isToldUnsafe) return [];
    if (!this.#isOpen) this.#begin(moment);
    this.#isOpen = false;
    this.#isToldUnsafe = true;
    const { datasets } = this.#options;
    const empty = { change: 'unsafe', bids: [], asks: [], checksum: 0, reason } as const;
    const rows: BookRow[] = [];
    for (const dataset of ['book_snapshots', 'book_deltas'] as const) {
      if (datasets.has(dataset)) rows.push(this.#book(dataset, empty, moment));
    }
    if (!datasets.has('book_tops')) return rows;
    const common = this.#common('book_tops', moment);
    const { change, checksum } = empty;
    const dataset = 'book_tops';
    rows.push({ dataset, ...common, change, bid: null, ask: null, checksum, reason });
    return rows;
  }

  /** An epoch of its own for every life, also where the clock stands still or goes back. */
  #begin({ receivedAtUs }: BookMoment): void {
    this.#epoch = Math.max(this.#epoch + 1, receivedAtUs);
    this.#sequences.book_snapshots = 0;
    this.#sequences.book_deltas = 0;
    this.#sequences.book_tops = 0;
  }

  #book(
    dataset: BookMessage['dataset'],
    row: Pick<BookMessage, 'change' | 'bids' | 'asks' | 'checksum' | 'reason'>,
    moment: BookMoment,
  ): BookMessage {
    return { dataset, ...this.#common(dataset, moment), ...row };
  }

  #top({ bids: [bid], asks: [ask] }: BookSides, checksum: number, moment: BookMoment) {
    this.#bid = bid;
    this.#ask = ask;
    return {
      dataset: 'book_tops',
      ...this.#common('book_tops', moment),
      change: 'snapshot',
      bid: bid ?? null,
      ask: ask ?? null,
      checksum,
      reason: null,
    } as const;
  }

  #common(dataset: BookDataset, { eventTimeMs, blockNumber }: BookMoment) {
    const sequence = this.#sequences[dataset];
    this.#sequences[dataset] += 1;
    const { symbol } = this.#options;
    return { symbol, eventTimeMs, epoch: this.#epoch, sequence, blockNumber, details: null };
  }
}

function isSame(a: BookLevel | undefined, b: BookLevel | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return a.price === b.price && a.quantity === b.quantity && a.orders === b.orders;
}
