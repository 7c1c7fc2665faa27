/**
 * Readers of either dataset have the same book as one another at every row, and the book that a plain
 * model has, whatever goes wrong on the way. A failing case prints its seed and path;
 * OMMER_BOOKS_SEED=<seed> repeats it.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { FollowedBook } from '../../src/consumer/followed-book.ts';
import { bookDatasets } from '../../src/sources/oxarchive/books/book-rows.ts';
import { FullBook } from '../../src/sources/oxarchive/books/full-book.ts';
import { L2Book } from '../../src/sources/oxarchive/books/l2-book.ts';
import { OrderBook } from '../../src/sources/oxarchive/books/order-book.ts';
import {
  BookReaders,
  decimal,
  level,
  levelsOf,
  type OrderStep,
  type PlainBook,
  PlainOrders,
  plainChecksum,
} from '../support/market/plain-books.ts';

const seed = Number(process.env['OMMER_BOOKS_SEED'] ?? Date.now() % 1_000_000);
const command = `OMMER_BOOKS_SEED=${seed} npm test -- test/property/books.test.ts`;
const runs = { seed, numRuns: Number(process.env['OMMER_PROPERTY_RUNS'] ?? 100) };
const options = { symbol: 'ETH', datasets: new Set<string>(bookDatasets), snapshotEveryMs: 0 };
const startUs = 1_790_000_000_000_000;

const sideOf = (sign: 1 | -1) =>
  fc
    .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 500 })), {
      selector: ([distance]) => distance,
      maxLength: 25,
    })
    .map((levels) => new Map(levels.map(([at, quantity]) => [10_000 + sign * at, quantity])));
const anyBook = fc.record({ bids: sideOf(-1), asks: sideOf(1) });

const moment = (eventTimeMs: number) => ({
  eventTimeMs,
  receivedAtUs: startUs,
  blockNumber: null,
});
const wire = (book: PlainBook, timeMs: number) => ({
  timeMs,
  ...levelsOf(book),
  blockNumber: null,
});

const nothing: PlainBook = { bids: new Map(), asks: new Map() };
const crossed: PlainBook = { bids: new Map([[10_000, 1]]), asks: new Map([[10_000, 1]]) };

/** A book as its venue sends it, and what it is to its readers after each thing that happens. */
class Walk {
  readonly #book = new L2Book(options);
  readonly #readers = new BookReaders();
  #held: PlainBook | undefined;

  accept(book: PlainBook, timeMs: number): void {
    this.#held = book;
    const { rows } = this.#book.accept(wire(book, timeMs), startUs);
    const [checksum] = new Set(rows.map((row) => row.checksum));
    assert.equal(checksum, plainChecksum(book));
    this.#readers.take(rows);
  }

  trouble(kind: 'repeat' | 'older' | 'crossed' | 'cut', timeMs: number): void {
    if (kind === 'cut') {
      this.#readers.take(this.#book.unsafe('disconnected', moment(timeMs)).rows);
      this.#held = undefined;
    } else if (kind === 'crossed') {
      this.#readers.take(this.#book.accept(wire(crossed, timeMs), startUs).rows);
      this.#held = undefined;
    } else if (this.#held !== undefined) {
      const again = kind === 'repeat' ? wire(this.#held, timeMs) : wire(nothing, 1);
      this.#readers.take(this.#book.accept(again, startUs).rows);
    }
  }

  check(): void {
    if (this.#held === undefined) this.#readers.assertDoubt();
    else this.#readers.assertHave(this.#held);
  }
}

describe(`books rebuilt from rows (${command})`, () => {
  it('are those that were sent, where books come whole', () => {
    const trouble = fc.constantFrom('repeat', 'older', 'crossed', 'cut');
    const walk = fc.array(fc.oneof({ weight: 6, arbitrary: anyBook }, trouble), { maxLength: 40 });
    fc.assert(
      fc.property(walk, (events) => {
        const walked = new Walk();
        for (const [at, each] of events.entries()) {
          if (typeof each === 'string') walked.trouble(each, 1000 + at);
          else walked.accept(each, 1000 + at);
          walked.check();
        }
      }),
      runs,
    );
  });

  it('are what the changes add up to, where levels change', () => {
    const change = fc.record({
      side: fc.constantFrom('buy', 'sell'),
      at: fc.integer({ min: 1, max: 40 }),
      quantity: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 500 })),
    });
    const blocks = fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), { maxLength: 30 });
    fc.assert(
      fc.property(anyBook, blocks, (first, all) => {
        const plain = { bids: new Map(first.bids), asks: new Map(first.asks) };
        const book = new FullBook(options);
        const readers = new BookReaders();
        readers.take(book.accept({ ...wire(plain, 1000), blockNumber: 1 }, startUs).rows);
        readers.assertHave(plain);
        for (const [at, block] of all.entries()) {
          const changes = block.map(({ side, at: distance, quantity }) => {
            const price = 10_000 + (side === 'buy' ? -distance : distance);
            (side === 'buy' ? plain.bids : plain.asks).set(price, quantity);
            return { side, ...level([price, quantity]) };
          });
          const outcome = book.apply([{ blockNumber: 2 + at, changes }], moment(1001 + at));
          readers.take(outcome.rows);
          readers.assertHave(plain);
        }
      }),
      runs,
    );
  });

  it('are what the orders add up to, where orders come and go', () => {
    const step: fc.Arbitrary<OrderStep> = fc.record({
      orderId: fc.integer({ min: 1, max: 12 }),
      isBuy: fc.boolean(),
      price: fc.integer({ min: 9960, max: 10_040 }),
      quantity: fc.integer({ min: 0, max: 500 }),
      diffType: fc.constantFrom('new', 'new', 'update', 'remove'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const book = new OrderBook(options);
        const readers = new BookReaders();
        const orders = new PlainOrders();
        const empty = { timeMs: 1000, blockNumber: 1, bids: [], asks: [] };
        readers.take(book.accept(empty, startUs).rows);
        for (const [at, each] of steps.entries()) {
          readers.take(book.apply([diffOf(each, 2 + at)], moment(1001 + at)).rows);
          orders.take(each);
          readers.assertHave(orders.book());
        }
      }),
      runs,
    );
  });

  it('are in doubt after any row that is lost', () => {
    const books = fc.array(anyBook, { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(books, fc.nat(), (sent, lostAt) => {
        const book = new L2Book(options);
        const deltas = sent
          .flatMap((each, at) => book.accept(wire(each, 1000 + at), startUs).rows)
          .flatMap((row) => (row.dataset === 'book_deltas' ? [row] : []));
        const lost = lostAt % deltas.length;
        const reader = new FollowedBook();
        for (const [at, row] of deltas.entries()) {
          if (at !== lost) assert.equal(reader.apply(row), at < lost);
        }
      }),
      runs,
    );
  });
});

function diffOf({ orderId, isBuy, price, quantity, diffType }: OrderStep, blockNumber: number) {
  return {
    dataset: 'order_diffs',
    symbol: 'ETH',
    eventTimeMs: 1000,
    details: null,
    blockNumber,
    sequence: 1,
    occurrence: 0,
    orderId,
    account: null,
    side: isBuy ? 'buy' : 'sell',
    price: decimal(price),
    diffType,
    newQuantity: diffType === 'remove' ? null : decimal(quantity),
    insertBefore: null,
  } as const;
}
