import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blockAt } from '../../../../src/devnet/oxarchive/history/block-time.ts';
import { OxarchiveSimulator } from '../../../../src/devnet/oxarchive/simulator.ts';

const startMs = 1_790_000_000_000;

describe('the history', () => {
  test('is the same whenever and in whatever order it is asked for', () => {
    const forwards = new OxarchiveSimulator({ seed: 'same' });
    const backwards = new OxarchiveSimulator({ seed: 'same', startTimeMs: startMs + 9_000_000 });
    const minutes = [0, 3, 1, 200, 2, 100];
    const rows = (simulator: OxarchiveSimulator, minute: number) => {
      const fromMs = startMs + minute * 60_000;
      return [
        simulator.trades('hyperliquid', 'ETH', fromMs, fromMs + 59_999),
        simulator.fullBookAt('hyperliquid', 'ETH', fromMs),
      ];
    };
    const first = minutes.map((minute) => rows(forwards, minute));
    const second = [...minutes].reverse().map((minute) => rows(backwards, minute));
    assert.deepEqual(first, second.reverse());
    const other = new OxarchiveSimulator({ seed: 'other' });
    assert.notDeepEqual(rows(other, 0), first[0]);
  });

  test('no book is crossed, some have an empty side, most have more than 20 levels', () => {
    const simulator = new OxarchiveSimulator();
    const seconds = Array.from({ length: 300 }, (_, second) => startMs + second * 1000);
    const books = simulator.markets.flatMap(({ venue, symbol }) =>
      seconds.map((timeMs) => simulator.fullBookAt(venue, symbol, timeMs)),
    );
    for (const { bids, asks } of books) {
      assert.ok(Number(bids[0]?.px ?? 0) < Number(asks[0]?.px ?? Number.POSITIVE_INFINITY));
    }
    const emptySides = books.filter(({ bids, asks }) => bids.length * asks.length === 0).length;
    const deep = books.filter(({ bids, asks }) => bids.length > 20 && asks.length > 20).length;
    assert.ok(emptySides > 20, `${emptySides} empty sides`);
    assert.ok(deep > 1000, `${deep} deep books`);
  });

  test('a trade has two legs of one id, a buyer and a seller, at a price that the book had', () => {
    const simulator = new OxarchiveSimulator();
    const legs = simulator.trades('lighter', 'BTC', startMs, startMs + 600_000);
    assert.ok(legs.length > 1000, `${legs.length} legs`);
    const ids = new Set(legs.map(({ tid }) => tid));
    assert.equal(ids.size * 2, legs.length);
    for (const [index, maker] of legs.entries()) {
      if (index % 2 === 1) continue;
      const taker = legs[index + 1] ?? assert.fail();
      assert.deepEqual([maker.tid, maker.px, maker.sz], [taker.tid, taker.px, taker.sz]);
      assert.notEqual(maker.side, taker.side);
      assert.notEqual(maker.user, taker.user);
      assert.deepEqual([maker.crossed, taker.crossed], [false, true]);
      const before = simulator.ordersAfter('lighter', 'BTC', blockAt(maker.time) - 1);
      const order = before.find(({ oid }) => oid === maker.oid) ?? assert.fail();
      assert.equal(order.px, maker.px);
      assert.equal(order.side, maker.side);
    }
  });

  test('has the awkward values: trailing zeros, ids near 2^50, no hash, text beyond ASCII', () => {
    const simulator = new OxarchiveSimulator();
    const legs = simulator.trades('hyperliquid', 'BTC', startMs, startMs + 3_600_000);
    assert.ok(legs.some(({ px }) => px.endsWith('0')));
    assert.ok(legs.some(({ sz }) => sz.endsWith('00')));
    assert.ok(legs.some(({ hash }) => hash === null));
    assert.ok(legs.some(({ dir }) => dir.includes('→')));
    assert.ok(legs.some(({ isLiquidation }) => isLiquidation));
    assert.ok(legs.every(({ tid }) => tid > 2 ** 50 - 2 ** 44 && tid < 2 ** 50));
    assert.ok(new Set(legs.map(({ time }) => time)).size < legs.length / 2);
    const dust = simulator.trades('spot', 'HYPE-USDC', startMs, startMs + 600_000);
    assert.ok(dust.every(({ sz }) => sz.split('.')[1]?.length === 8));
  });
});
