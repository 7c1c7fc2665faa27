import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isItem } from '../../../../src/devnet/simulator/json.ts';
import {
  levelsOf,
  rebuiltLevels,
  rebuiltOrders,
  rowsOf,
  sorted,
} from '../../../support/oxarchive/rebuilt.ts';
import { openOxarchiveScene } from '../../../support/oxarchive/scene.ts';

describe('live channels', () => {
  test('an acknowledgement tells channel, coin, symbol and version, and comes before any row', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    const ack = await socket.ask({ op: 'subscribe', channel: 'orderbook', symbol: 'ETH' });
    assert.equal(
      JSON.stringify(ack),
      '{"type":"subscribed","channel":"orderbook","coin":"ETH","symbol":"ETH","version":"2026-10-01"}',
    );
    simulator.produce(24);
    const frames = await socket.drain();
    assert.equal(frames.length, 2);
    for (const { type, channel, coin, symbol, data } of frames) {
      assert.deepEqual(
        { type, channel, coin, symbol },
        { type: 'data', channel: 'orderbook', coin: 'ETH', symbol: 'ETH' },
      );
      assert.ok(isItem(data));
      const {
        timeMs: time,
        bids,
        asks,
      } = simulator.bookAt('hyperliquid', 'ETH', Number(data['time']));
      assert.deepEqual(data, { coin: 'ETH', time, levels: [bids, asks] });
      assert.ok(bids.length <= 20 && bids.length > 10);
    }
  });

  test('trades of Lighter come as two legs each, exactly those that happened', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    await socket.subscribe('lighter_trades', 'btc');
    const fromMs = simulator.nowMs + 1;
    simulator.produce(100);
    const rows = rowsOf(await socket.drain());
    const legs = simulator.trades('lighter', 'BTC', fromMs, simulator.nowMs);
    assert.deepEqual(
      rows.map(({ tid, side, px, sz, time, users }) => ({ tid, side, px, sz, time, users })),
      legs.map(({ tid, side, px, sz, time, user }) => ({ tid, side, px, sz, time, users: [user] })),
    );
    assert.deepEqual(Object.keys(rows[0] ?? {}), [
      ...['coin', 'side', 'px', 'sz', 'time', 'hash', 'tid', 'oid', 'crossed', 'dir', 'fee'],
      ...['fee_token', 'closed_pnl', 'start_position', 'users'],
    ]);
    assert.equal(rows[0]?.['fee'], null);
  });

  test('trades of Hyperliquid come as one row with both accounts, or as two legs', async (t) => {
    for (const tradeRows of ['pair', 'legs'] as const) {
      const { simulator, open } = await openOxarchiveScene(t, { profile: { tradeRows } });
      const socket = await open();
      await socket.subscribe('trades', 'ETH');
      const fromMs = simulator.nowMs + 1;
      simulator.produce(100);
      const rows = rowsOf(await socket.drain());
      const legs = simulator.trades('hyperliquid', 'ETH', fromMs, simulator.nowMs);
      const tids = [...new Set(legs.map(({ tid }) => tid))];
      assert.deepEqual([...new Set(rows.map(({ tid }) => tid))], tids);
      assert.equal(rows.length, tradeRows === 'pair' ? tids.length : legs.length);
      for (const { users } of rows) {
        assert.equal(Array.isArray(users) && users.length, tradeRows === 'pair' ? 2 : 1);
      }
    }
  });

  test('diffs applied to the snapshot give exactly the orders that rest', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    await socket.subscribe('l4_diffs', 'BTC');
    simulator.produce(300);
    const frames = await socket.drain();
    const first = Number(frames[0]?.['last_block_number']);
    const truth = simulator.ordersAfter('hyperliquid', 'BTC', first + 300);
    const shown = truth.map(
      ({ oid, side, px, sz }) => [oid, `${side} ${Number(px)} ${Number(sz)}`] as const,
    );
    assert.deepEqual(rebuiltOrders(frames), sorted(shown));
    for (const frame of frames.slice(1)) {
      assert.equal(frame['type'], 'l4_batch');
      const rows = rowsOf([frame]);
      const blocks = new Set(rows.map(({ block_number }) => block_number));
      assert.equal(blocks.size, 1);
      assert.ok([...blocks].every((block) => Number(block) > first));
      assert.deepEqual(
        rows.map(({ seq }) => seq),
        rows.map((_row, index) => index),
      );
    }
  });

  test('level changes applied to the full snapshot give exactly the full book', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    await socket.subscribe('orderbook_full', 'ETH');
    simulator.produce(300);
    const rebuilt = rebuiltLevels(await socket.drain());
    assert.deepEqual(
      rebuilt,
      levelsOf(simulator.fullBookAt('hyperliquid', 'ETH', simulator.nowMs)),
    );
  });

  test('funding and open interest tell the same, at once and each second, without a time', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    for (const channel of ['lighter_funding', 'lighter_open_interest']) {
      await socket.subscribe(channel, 'BTC');
      await socket.nextItem();
    }
    simulator.produce(20);
    const frames = await socket.drain();
    assert.equal(frames.length, 4);
    const [funding, interest] = frames;
    assert.deepEqual(funding?.['data'], interest?.['data']);
    assert.ok(isItem(funding?.['data']) && isItem(funding['data']['ctx']));
    assert.deepEqual(Object.keys(funding['data']['ctx']), [
      ...['openInterest', 'funding', 'premium', 'markPx', 'oraclePx', 'midPx', 'dayNtlVlm'],
      ...['dayBaseVlm', 'prevDayPx', 'impactPxs'],
    ]);
  });

  test('what went out is remembered, frame by frame', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    await socket.subscribe('trades', 'BTC');
    simulator.produce(50);
    const frames = await socket.drain();
    const sent = simulator.sent().map(({ text }): unknown => JSON.parse(text));
    assert.deepEqual(sent.slice(1, -1), frames);
  });
});
