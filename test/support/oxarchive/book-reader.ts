/** A reader of one topic of books, who has nothing but its rows: one followed book for each market. */
import assert from 'node:assert/strict';
import { type BookRow, FollowedBook } from '../../../src/consumer/followed-book.ts';
import type { BookLevel, BookSides } from '../../../src/model/book.ts';
import { isObject } from '../../../src/sources/wire-object.ts';

type Row = Readonly<Record<string, unknown>>;

/** A book that may be trusted, as the rows say it. */
export interface ReadBook extends BookSides {
  readonly epoch: number;
  readonly timeMs: number;
  readonly blockNumber: number | null;
}

/** Of `book_snapshots` or `book_deltas`. */
export class BookReader {
  readonly #books = new Map<string, FollowedBook>();
  readonly #seen = new Set<string>();

  /** Markets that may be trusted now. */
  get trusted(): readonly string[] {
    return [...this.#books].flatMap(([symbol, { doubt }]) => (doubt === null ? [symbol] : []));
  }

  /** The book after this row, where it may be trusted; else undefined. */
  take({ row }: { readonly row: Row }): ReadBook | undefined {
    const symbol = String(row['symbol']);
    const book = this.#books.get(symbol) ?? new FollowedBook();
    this.#books.set(symbol, book);
    const read = bookRowOf(row);
    const name = `${symbol}/${read.epoch}/${read.sequence}`;
    // A row that comes again tells of a book that has gone on.
    if (this.#seen.has(name)) return undefined;
    this.#seen.add(name);
    assert(read.epoch >= (book.epoch ?? 0), `the epoch of ${symbol} went back to ${read.epoch}`);
    if (!book.apply(read)) return undefined;
    const blockNumber = typeof row['block_number'] === 'number' ? row['block_number'] : null;
    const timeMs = Number(row['event_time']);
    return { epoch: read.epoch, timeMs, blockNumber, ...book.levels() };
  }
}

function bookRowOf(row: Row): BookRow {
  return {
    epoch: Number(row['epoch']),
    sequence: Number(row['sequence']),
    change: String(row['change']),
    bids: levelsOf(row['bids']),
    asks: levelsOf(row['asks']),
    checksum: Number(row['checksum']),
    reason: row['reason'] === null ? null : String(row['reason']),
  };
}

function levelsOf(levels: unknown): readonly BookLevel[] {
  assert(Array.isArray(levels));
  return levels.map((level: unknown) => {
    assert(isObject(level));
    const { price, quantity, orders } = level;
    return { price: String(price), quantity: String(quantity), orders: Number(orders) };
  });
}
