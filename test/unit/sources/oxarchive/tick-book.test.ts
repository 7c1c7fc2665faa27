/** A book that is replayed tick by tick: what is one epoch, and what ends it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bookDatasets } from '../../../../src/sources/oxarchive/books/book-rows.ts';
import { TickBook } from '../../../../src/sources/oxarchive/books/tick-book.ts';
import { readTicks, type Tick } from '../../../../src/sources/oxarchive/wire/ticks.ts';
import { contextOf } from './wire-context.ts';

const level = (price: string, quantity: string) => ({ price, quantity, orders: 1 });
const book = (timeMs: number, bid: string, quantity = '1') => ({
  ...{ timeMs, blockNumber: null },
  bids: [level(bid, quantity)],
  asks: [level('110', '1')],
});
const tick = (sequence: number, price: string, quantity: string): Tick => ({
  ...{ timeMs: 1_000 + sequence, sequence },
  change: { side: 'buy', price, quantity, orders: quantity === '0' ? 0 : 1 },
});
const lighter = { venue: 'lighter', symbol: 'BTC', channel: 'lighter_orderbook' } as const;
const moment = { eventTimeMs: 2_000, receivedAtUs: 1, blockNumber: null };

function opened(): TickBook {
  const datasets = new Set<string>(bookDatasets);
  const it1 = new TickBook({ symbol: 'BTC', datasets, snapshotEveryMs: 60_000 });
  const [outcome] = it1.accept(book(1_000, '100'), [], 1);
  assert.equal(outcome?.became, 'safe');
  return it1;
}

describe('a book of ticks', () => {
  it('goes on in its epoch over a whole book that it has come to', () => {
    const it1 = opened();
    const epoch = it1.epoch;
    const { rows } = it1.apply([tick(7, '100', '0'), tick(8, '101', '2')], moment);
    const deltas = rows.flatMap((row) => (row.dataset === 'book_deltas' ? [row.bids] : []));
    assert.deepEqual(deltas, [[level('101', '2'), { price: '100', quantity: '0', orders: 0 }]]);
    assert.deepEqual(it1.accept(book(3_000, '101', '2'), [], 2), []);
    assert.equal(it1.epoch, epoch);
  });

  it('begins another epoch where a whole book is not the one that it has come to', () => {
    const it1 = opened();
    const outcomes = it1.accept(book(3_000, '99'), [], 2);
    assert.deepEqual(
      outcomes.map(({ became, reason }) => [became, reason]),
      [
        ['unsafe', 'gap'],
        ['safe', null],
      ],
    );
  });

  it('is unsafe from a hole in the sequence to the next whole book, and ignores repeats', () => {
    const it1 = opened();
    it1.apply([tick(7, '99', '2')], moment);
    assert.equal(it1.apply([tick(7, '99', '3')], moment).ignored, 1);
    const { became, reason } = it1.apply([tick(9, '98', '2')], moment);
    assert.deepEqual([became, reason, it1.epoch], ['unsafe', 'gap', null]);
    assert.deepEqual(it1.apply([tick(10, '98', '2')], moment).rows, []);
    assert.deepEqual(
      it1.accept(book(3_000, '98'), [], 2).map(({ became: now }) => now),
      ['safe'],
    );
  });

  it('begins with the changes that are known to follow the whole one', () => {
    const it1 = opened();
    const [, outcome] = it1.accept(book(3_000, '98'), [tick(7, '97', '5')], 2);
    const [row] = outcome?.rows ?? [];
    assert.ok(row?.dataset === 'book_snapshots');
    assert.deepEqual([row.bids.length, row.eventTimeMs], [2, 1_007]);
    assert.equal(it1.apply([tick(9, '98', '2')], moment).became, 'unsafe');
  });

  it('is crossed by a change that cannot be', () => {
    const it1 = opened();
    const { became, problem } = it1.apply([tick(7, '111', '1')], moment);
    assert.equal(became, 'unsafe');
    assert.match(problem?.message ?? '', /crossed after change 7/);
  });

  it('is read in the order of the sequence, with numbers as the wire has them', () => {
    const deltas = [
      { timestamp: 1_790_000_000_130, side: 'ask', price: 64210.4, size: 0, sequence: 13 },
      { timestamp: 1_790_000_000_105, side: 'bid', price: 5e-7, size: 0.35, sequence: 12 },
    ];
    const ticks = readTicks(deltas, contextOf(lighter));
    assert.deepEqual(
      ticks.map(({ sequence, change }) => [sequence, change]),
      [
        [12, { side: 'buy', price: '0.0000005', quantity: '0.35', orders: 1 }],
        [13, { side: 'sell', price: '64210.4', quantity: '0', orders: 0 }],
      ],
    );
  });
});
