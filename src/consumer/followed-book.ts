/**
 * A book of one market, rebuilt from the rows of one topic, that knows from the rows alone whether it
 * is to be trusted. Takes rows of `book_deltas` as of `book_snapshots`.
 */
import {
  type BookLevel,
  type BookSides,
  bookChecksum,
  checksumLevels,
  isCrossed,
} from '../model/book.ts';
import { BookSide } from '../model/book-side.ts';

/** What a row must tell: rows of both datasets do. */
export interface BookRow {
  readonly epoch: number;
  readonly sequence: number;
  /** `snapshot`, `delta` or `unsafe`. */
  readonly change: string;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  readonly checksum: number;
  readonly reason: string | null;
}

/**
 * One market's book. Rows come in the order of their partition; rows that come again change nothing. A
 * book in doubt stays so until the next snapshot.
 */
export class FollowedBook {
  readonly #bids = new BookSide('bids');
  readonly #asks = new BookSide('asks');
  #epoch = -1;
  #sequence = -1;
  #doubt: string | null = 'no snapshot yet';

  /** Why the book is not to be trusted; null while it is. */
  get doubt(): string | null {
    return this.#doubt;
  }

  /** The epoch of the last row; null before the first. */
  get epoch(): number | null {
    return this.#epoch < 0 ? null : this.#epoch;
  }

  /** The best `count` levels a side, all without it; none while the book is in doubt. */
  levels(count?: number): BookSides {
    if (this.#doubt !== null) return { bids: [], asks: [] };
    return { bids: this.#bids.levels(count), asks: this.#asks.levels(count) };
  }

  /** Takes the next row; true where the book after it is to be trusted. */
  apply(row: BookRow): boolean {
    const isKnown =
      row.epoch < this.#epoch || (row.epoch === this.#epoch && row.sequence <= this.#sequence);
    if (isKnown) return this.#doubt === null;
    const follows = row.epoch === this.#epoch && row.sequence === this.#sequence + 1;
    this.#epoch = row.epoch;
    this.#sequence = row.sequence;
    this.#doubt = this.#doubtAfter(row, follows);
    return this.#doubt === null;
  }

  #doubtAfter(row: BookRow, follows: boolean): string | null {
    switch (row.change) {
      case 'snapshot':
        this.#bids.replace(row.bids);
        this.#asks.replace(row.asks);
        return this.#verified(row);
      case 'delta':
        if (!follows) return 'rows are missing before this one';
        if (this.#doubt !== null) return this.#doubt;
        for (const level of row.bids) this.#bids.set(level);
        for (const level of row.asks) this.#asks.set(level);
        return this.#verified(row);
      case 'unsafe':
        return row.reason ?? 'unsafe';
      default:
        return `an unknown change "${row.change}"`;
    }
  }

  #verified({ checksum }: BookRow): string | null {
    const best = {
      bids: this.#bids.levels(checksumLevels),
      asks: this.#asks.levels(checksumLevels),
    };
    if (bookChecksum(best) !== checksum) return 'the checksum is another';
    return isCrossed(best) ? 'the book is crossed' : null;
  }
}
