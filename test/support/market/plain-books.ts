/** Plain books and orders, slow and obvious, to judge the builders and readers of books by. */
import assert from 'node:assert/strict';
import { FollowedBook } from '../../../src/consumer/followed-book.ts';
import type { BookRow } from '../../../src/sources/oxarchive/books/book-rows.ts';

/** One side: quantity by price, both in hundredths; 0 is nothing. */
export type PlainSide = ReadonlyMap<number, number>;

/** Both sides. */
export interface PlainBook {
  readonly bids: PlainSide;
  readonly asks: PlainSide;
}

/** Decimal text of hundredths. */
export const decimal = (hundredths: number): string => String(hundredths / 100);

/** A level of one order. */
export const level = ([price, quantity]: readonly [number, number]) => ({
  price: decimal(price),
  quantity: decimal(quantity),
  orders: 1,
});

/** The levels that are there, best first. */
export function levelsOf({ bids, asks }: PlainBook) {
  return { bids: sorted(bids, -1).map(level), asks: sorted(asks, 1).map(level) };
}

function sorted(side: PlainSide, direction: 1 | -1): (readonly [number, number])[] {
  const there = [...side].filter(([, quantity]) => quantity > 0);
  return there.sort(([a], [b]) => (a - b) * direction);
}

/** CRC-32 by its definition, of a text made here. */
export function plainChecksum({ bids, asks }: PlainBook): number {
  const text = (side: PlainSide, direction: 1 | -1) =>
    sorted(side, direction)
      .slice(0, 20)
      .map(([price, quantity]) => `${decimal(price)}:${decimal(quantity)}`)
      .join(',');
  let crc = 0xff_ff_ff_ff;
  for (const byte of Buffer.from(`${text(bids, -1)}|${text(asks, 1)}`)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xed_b8_83_20 : 0);
  }
  return (crc ^ 0xff_ff_ff_ff) >>> 0;
}

/** One thing that happens to an order, at a distance from 100 that is negative where it crosses. */
export interface OrderStep {
  readonly orderId: number;
  readonly isBuy: boolean;
  readonly price: number;
  readonly quantity: number;
  readonly diffType: 'new' | 'update' | 'remove';
}

/** Orders by id, and nothing else. */
export class PlainOrders {
  readonly #orders = new Map<number, OrderStep>();

  take(step: OrderStep): void {
    const { orderId, quantity, diffType } = step;
    const known = this.#orders.get(orderId);
    if (diffType === 'new' && quantity > 0) {
      this.#fillCrossed(step);
      this.#orders.set(orderId, step);
    } else if (diffType === 'update' && known !== undefined && quantity > 0) {
      this.#orders.set(orderId, { ...known, quantity });
    } else if (diffType !== 'new') this.#orders.delete(orderId);
  }

  /** What they add up to. */
  book(): PlainBook {
    return { bids: this.#side(true), asks: this.#side(false) };
  }

  #fillCrossed({ isBuy, price }: OrderStep): void {
    for (const [id, other] of this.#orders) {
      const crosses = isBuy ? other.price <= price : other.price >= price;
      if (other.isBuy !== isBuy && crosses) this.#orders.delete(id);
    }
  }

  #side(isBuy: boolean): PlainSide {
    const totals = new Map<number, number>();
    for (const order of this.#orders.values()) {
      if (order.isBuy !== isBuy) continue;
      totals.set(order.price, (totals.get(order.price) ?? 0) + order.quantity);
    }
    return totals;
  }
}

/** A reader of each topic of books, and what the rows must never do. */
export class BookReaders {
  readonly snapshots = new FollowedBook();
  readonly deltas = new FollowedBook();
  readonly #places = new Map<string, readonly [number, number]>();

  /** Every row of deltas comes twice. */
  take(rows: readonly BookRow[]): void {
    for (const row of rows) {
      const [epoch, sequence] = this.#places.get(row.dataset) ?? [0, -1];
      if (row.epoch === epoch) assert.equal(row.sequence, sequence + 1, 'no hole in an epoch');
      else assert.ok(row.epoch > epoch && row.sequence === 0, 'epochs grow and begin at 0');
      this.#places.set(row.dataset, [row.epoch, row.sequence]);
      if (row.dataset === 'book_snapshots') this.snapshots.apply(row);
      if (row.dataset !== 'book_deltas') continue;
      this.deltas.apply(row);
      this.deltas.apply(row);
    }
  }

  /** Both have this book and believe it; order counts are compared between them only. */
  assertHave(book: PlainBook): void {
    const bare = ({ bids, asks }: ReturnType<typeof levelsOf>) =>
      [bids, asks].map((side) => side.map(({ price, quantity }) => `${price}x${quantity}`));
    const found = this.deltas.levels();
    assert.equal(this.deltas.doubt, null);
    assert.deepEqual(bare({ bids: [...found.bids], asks: [...found.asks] }), bare(levelsOf(book)));
    assert.deepEqual(this.snapshots.levels(), found);
  }

  /** Neither believes what it has, or shows it. */
  assertDoubt(): void {
    for (const reader of [this.snapshots, this.deltas]) {
      assert.notEqual(reader.doubt, null);
      assert.deepEqual(reader.levels(), { bids: [], asks: [] });
    }
  }
}
