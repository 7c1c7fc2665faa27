import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { plans } from '../../../../src/devnet/oxarchive/access.ts';
import { type Item, isItem } from '../../../../src/devnet/simulator/json.ts';
import { HandClock } from '../../../support/oxarchive/hand-clock.ts';
import {
  levelsOf,
  rebuiltLevels,
  rebuiltOrders,
  rowsOf,
  sorted,
} from '../../../support/oxarchive/rebuilt.ts';
import { openOxarchiveScene } from '../../../support/oxarchive/scene.ts';

const now = 1_790_000_000_000;
const start = now - 60_000;
const end = now - 10_000;
const minute = 60_000;

function replay(channel: string, symbol: string, options: Item = {}): Item {
  return { op: 'replay', channel, symbol, start, end, speed: 10, ...options };
}

describe('timed replay', () => {
  test('trades of a past window come leg by leg, all of them, and are counted', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    const ack = await socket.ask(replay('trades', 'ETH'));
    assert.equal(
      JSON.stringify(ack),
      `{"type":"replay_started","channel":"trades","coin":"ETH","symbol":"ETH","start":${start},"end":${end},"speed":10,"version":"2026-10-01"}`,
    );
    const frames = await socket.through('replay_completed');
    const legs = simulator.trades('hyperliquid', 'ETH', start, end);
    assert.deepEqual(
      rowsOf(frames.slice(0, -1)).map(({ tradeId, side, price, time }) => [
        ...[tradeId, side, price, time],
      ]),
      legs.map(({ tid, side, px, time }) => [tid, side, px, time]),
    );
    assert.equal(
      JSON.stringify(frames.at(-1)),
      `{"type":"replay_completed","channel":"trades","coin":"ETH","symbol":"ETH","snapshots_sent":${legs.length}}`,
    );
  });

  test('what was sent live is replayed with the same keys, whatever was lost meanwhile', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t, { profile: { tradeRows: 'legs' } });
    const socket = await open();
    await socket.subscribe('trades', 'ETH');
    simulator.faults.arm({ name: 'drop', channel: 'trades', times: 3 });
    simulator.produce(100);
    const live = rowsOf(await socket.drain()).map(({ tid, side }) => `${tid} ${side}`);
    socket.send(replay('trades', 'ETH', { start: now + 1, end: now + 10_000 }));
    const rows = rowsOf((await socket.through('replay_completed')).slice(1, -1));
    const replayed = rows.map(({ tradeId, side }) => `${tradeId} ${side}`);
    assert.ok(replayed.length > live.length);
    assert.deepEqual(
      live,
      replayed.filter((key) => live.includes(key)),
    );
  });

  test('books, funding, candles and open interest have the shapes of their archive', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    const rowsFor = async (channel: string, symbol: string, options: Item = {}) => {
      socket.send(replay(channel, symbol, options));
      return (await socket.through('replay_completed')).slice(1, -1);
    };
    const [book] = await rowsFor('orderbook', 'ETH');
    assert.ok(isItem(book?.['data']));
    const names = ['coin', 'timestamp', 'bids', 'asks', 'midPrice', 'spread', 'spreadBps'];
    assert.deepEqual(Object.keys(book['data']), names);
    const truth = simulator.bookAt('hyperliquid', 'ETH', Number(book['timestamp']));
    assert.deepEqual(book['data']['bids'], truth.bids);
    const lighter = await rowsFor('lighter_orderbook', 'BTC', { granularity: '10s' });
    assert.deepEqual(
      lighter.map(({ timestamp }) => timestamp),
      [0, 1, 2, 3, 4, 5].map((n) => start + n * 10_000).filter((at) => at <= end),
    );
    assert.ok(isItem(lighter[0]?.['data']) && Array.isArray(lighter[0]['data']['levels']));
    const [funding] = await rowsFor('funding', 'ETH', { start: now - 10 * minute });
    assert.ok(isItem(funding?.['data']));
    assert.deepEqual(Object.keys(funding['data']), ['coin', 'fundingRate', 'premium', 'timestamp']);
    const [interest] = await rowsFor('lighter_open_interest', 'BTC');
    assert.ok(isItem(interest?.['data']) && isItem(interest['data']['ctx']));
    assert.equal(interest['data']['ctx']['funding'], null);
    const candles = await rowsFor('candles', 'ETH', { start: now - 30 * minute, interval: '5m' });
    assert.equal(candles.length, 6);
    const [candle] = rowsOf(candles);
    const openMs = Number(candle?.['timestamp']);
    const legs = simulator.trades('hyperliquid', 'ETH', openMs, openMs + 5 * minute - 1);
    const prices = legs.map(({ px }) => Number(px));
    assert.deepEqual(
      [
        candle?.['open'],
        candle?.['high'],
        candle?.['low'],
        candle?.['close'],
        candle?.['tradeCount'],
      ],
      [prices[0], Math.max(...prices), Math.min(...prices), prices.at(-1), legs.length / 2],
    );
  });

  test('the old contract gets the storage shape of Lighter', async (t) => {
    const { open } = await openOxarchiveScene(t, { profile: { finalityLagMs: 0 } });
    const socket = await open({ version: null });
    socket.send(replay('lighter_trades', 'BTC'));
    const [ack, first] = await socket.through('replay_completed');
    assert.equal(ack?.['version'], undefined);
    assert.ok(isItem(first?.['data']) && first['data']['tradeId'] !== undefined);
  });

  test('Lighter replays only finalized trades', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t, { profile: { finalityLagMs: 40_000 } });
    const socket = await open();
    socket.send(replay('lighter_trades', 'BTC'));
    const rows = rowsOf((await socket.through('replay_completed')).slice(1, -1));
    const legs = simulator.trades('lighter', 'BTC', start, now - 40_000);
    assert.equal(rows.length, legs.length);
    assert.ok(rows.every(({ fee, closed_pnl }) => fee !== null && closed_pnl !== null));
  });

  test('several channels come as states first, then merged by time', async (t) => {
    const { open } = await openOxarchiveScene(t);
    const socket = await open();
    const names = ['orderbook', 'trades', 'funding'];
    const { channel: _channel, ...request } = replay('', 'ETH', { start: now - 3 * minute });
    socket.send({ ...request, channels: names });
    const frames = await socket.through('replay_completed');
    assert.deepEqual(frames[0]?.['channels'], names);
    const states = frames.filter(({ type }) => type === 'replay_snapshot');
    assert.deepEqual(
      states.map(({ channel }) => channel),
      ['orderbook', 'funding'],
    );
    assert.ok(states.every(({ timestamp }) => Number(timestamp) <= now - 3 * minute));
    const rows = frames.filter(({ type }) => type === 'historical_data');
    const times = rows.map(({ timestamp }) => Number(timestamp));
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    assert.deepEqual(new Set(rows.map(({ channel }) => channel)), new Set(names));
    assert.equal(frames.at(-1)?.['snapshots_sent'], rows.length);
  });

  test('the pace follows the clock; pause, resume, seek and stop are obeyed', async (t) => {
    const clock = new HandClock();
    const profile = { isPaced: true };
    const { simulator, open } = await openOxarchiveScene(t, { clock, profile });
    const socket = await open();
    await socket.ask(replay('trades', 'ETH'));
    const legs = simulator.trades('hyperliquid', 'ETH', start, end);
    const firstMs = Number(legs[0]?.time);
    assert.equal(await clock.untilAsleep(), Math.ceil((firstMs - start) / 10));
    clock.move(1000);
    await clock.untilAsleep();
    const early = await socket.drain();
    const due = legs.filter(({ time }) => time <= start + 10_000);
    assert.deepEqual(
      early.map(({ timestamp }) => timestamp),
      due.map(({ time }) => time),
    );
    const paused = await socket.ask({ op: 'replay.pause' });
    assert.deepEqual(paused, { type: 'replay_paused', current_timestamp: start + 10_000 });
    clock.move(60_000);
    assert.deepEqual(await socket.drain(), []);
    const resumed = await socket.ask({ op: 'replay.resume' });
    assert.deepEqual(resumed, { type: 'replay_resumed', current_timestamp: start + 10_000 });
    clock.move(100);
    await clock.untilAsleep();
    const next = legs.filter(({ time }) => time > start + 10_000 && time <= start + 11_000);
    assert.equal((await socket.drain()).length, next.length);
    socket.send({ op: 'replay.seek', timestamp: start + 40_000 });
    const atOnce = await socket.drain();
    clock.move(100);
    await clock.untilAsleep();
    const jumped = [...atOnce, ...(await socket.drain())];
    assert.equal(jumped[0]?.['timestamp'], legs.find(({ time }) => time >= start + 40_000)?.time);
    const second = await socket.ask(replay('trades', 'BTC'));
    assert.equal(second['error_code'], 'conflict');
    assert.deepEqual(await socket.ask({ op: 'replay.stop' }), { type: 'replay_stopped' });
    clock.move(60_000);
    assert.deepEqual(await socket.drain(), []);
    assert.equal((await socket.ask(replay('trades', 'BTC')))['type'], 'replay_started');
  });

  test('the speed is clamped to the plan, silently', async (t) => {
    const { open } = await openOxarchiveScene(t, { keys: { free: plans.free } });
    const socket = await open({ key: 'free' });
    assert.equal((await socket.ask(replay('trades', 'ETH', { speed: 100 })))['speed'], 10);
  });

  test('a long hole is announced where it is, a short one is not', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const holes = [
      { kind: 'trades', fromMs: now - 100 * minute, toMs: now - 30 * minute },
      { kind: 'orderbook', fromMs: now - 40 * minute, toMs: now - 39 * minute },
      { kind: 'orderbook', fromMs: now - 20 * minute, toMs: now - 17 * minute },
    ] as const;
    for (const hole of holes) simulator.addHole({ venue: 'hyperliquid', symbol: 'ETH', ...hole });
    const socket = await open();
    const gapsOf = async (channel: string, from: number) => {
      socket.send(replay(channel, 'ETH', { start: from }));
      const frames = await socket.through('replay_completed');
      return frames.flatMap((frame, n) => {
        if (frame['type'] !== 'gap_detected') return [];
        return [
          { ...frame, before: frames[n - 1]?.['timestamp'], after: frames[n + 1]?.['timestamp'] },
        ];
      });
    };
    const [gap, ...others] = await gapsOf('trades', now - 101 * minute);
    assert.deepEqual(others, []);
    assert.ok(gap !== undefined);
    const { before, after, ...frame } = gap;
    assert.deepEqual(frame, {
      ...{ type: 'gap_detected', channel: 'trades', coin: 'ETH', symbol: 'ETH' },
      ...{ gap_start: before, gap_end: after, duration_minutes: 70 },
    });
    const books = await gapsOf('orderbook', now - 41 * minute);
    assert.deepEqual(
      books.map(({ duration_minutes }: Item) => duration_minutes),
      [3],
    );
  });

  const refusals: readonly (readonly [request: Item, code: string])[] = [
    [replay('ticker', 'ETH'), 'unsupported_for_venue'],
    [replay('spot_trades', 'HYPE-USDC'), 'unsupported_for_venue'],
    [replay('trades', 'X'), 'invalid_symbol'],
    [replay('trades', 'ETH', { start: 1 }), 'range_before_coverage'],
    [replay('trades', 'ETH', { start: end, end: start }), 'invalid_time_range'],
    [replay('trades', 'ETH', { start: now + minute, end: now + 2 * minute }), 'invalid_time_range'],
    [replay('trades', 'ETH', { start: now - 40 * 24 * 60 * minute }), 'historical_depth_exceeded'],
    [replay('trades', 'ETH', { speed: null }), 'invalid_parameter'],
    [replay('trades', 'ETH', { start: 'today' }), 'invalid_parameter'],
    [replay('candles', 'ETH', { interval: '2m' }), 'invalid_interval'],
    [replay('orderbook', 'ETH', { granularity: 'tick' }), 'invalid_parameter'],
    [
      { op: 'replay', channels: ['trades', 'hip3_trades'], symbol: 'ETH', start, end },
      'unsupported_for_venue',
    ],
    [
      { op: 'replay', channels: ['trades', 'l4_diffs'], symbol: 'ETH', start, end },
      'invalid_parameter',
    ],
  ];

  test('what cannot be replayed is refused with its code', async (t) => {
    const { open } = await openOxarchiveScene(t, { keys: { free: plans.free } });
    const socket = await open({ key: 'free' });
    for (const [request, code] of refusals) {
      assert.equal((await socket.ask(request))['error_code'], code, JSON.stringify(request));
    }
  });

  test('a replay fails, stalls, loses a row or dies where a fault says so', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const { faults } = simulator;
    const socket = await open();
    faults.arm({ name: 'replay-error' });
    const refused = await socket.ask(replay('trades', 'ETH'));
    assert.equal(refused['error_code'], 'upstream_unavailable');
    const stall = faults.arm({ name: 'replay-stalled' });
    faults.arm({ name: 'replay-lost-row' });
    socket.send(replay('trades', 'ETH'));
    await stall.struck;
    assert.equal((await socket.drain()).length, 1);
    stall.clear();
    const frames = await socket.through('replay_completed');
    assert.equal(frames.at(-1)?.['snapshots_sent'], frames.length);
    faults.arm({ name: 'replay-killed' });
    socket.send(replay('trades', 'ETH'));
    assert.equal((await socket.whenClosed())[0], 1006);
  });
});

describe('tick replay of Lighter', () => {
  test('changes applied to a checkpoint give the book of the next one', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    const from = Math.floor(now / minute) * minute - 3 * minute;
    socket.send(
      replay('lighter_orderbook', 'BTC', {
        start: from,
        end: from + 2 * minute,
        granularity: 'tick',
      }),
    );
    const frames = (await socket.through('replay_completed')).slice(1, -1);
    assert.equal(frames.length, 3);
    const deltas = deltasOf(frames[0]);
    const numbers = deltas.map(({ sequence }) => Number(sequence));
    assert.deepEqual(
      numbers,
      numbers.map((_number, n) => (numbers[0] ?? 0) + n),
    );
    const truth = simulator.fullBookAt('lighter', 'BTC', from + minute);
    assert.deepEqual(rebuiltTicks(frames[0]), levelsOf(truth));
  });
});

function deltasOf(frame: Item | undefined): readonly Item[] {
  const deltas = frame?.['deltas'];
  return Array.isArray(deltas) ? deltas.filter(isItem) : [];
}

/** The book at the end of a frame of ticks. */
function rebuiltTicks(frame: Item | undefined): ReadonlyMap<string, number> {
  const checkpoint = frame?.['checkpoint'];
  assert.ok(isItem(checkpoint) && Array.isArray(checkpoint['levels']));
  const [bids, asks] = checkpoint['levels'];
  const levels = new Map<string, number>([
    ...bids.map(({ px, sz }: Item) => [`B ${Number(px)}`, Number(sz)]),
    ...asks.map(({ px, sz }: Item) => [`A ${Number(px)}`, Number(sz)]),
  ]);
  for (const { side, price, size } of deltasOf(frame)) {
    const name = `${side === 'bid' ? 'B' : 'A'} ${price}`;
    if (size === 0) levels.delete(name);
    else levels.set(name, Number(size));
  }
  return sorted(levels);
}

describe('bulk replay', () => {
  test('the checkpoint before the start and all batches give the orders at the end', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    socket.send(replay('l4_diffs', 'ETH'));
    const frames = (await socket.through('replay_completed')).slice(1);
    const [snapshot] = frames;
    assert.equal(snapshot?.['type'], 'l4_snapshot');
    assert.ok(Number(snapshot['timestamp']) <= start);
    assert.ok(frames.every(({ data }) => !Array.isArray(data) || data.length <= 5000));
    const last =
      Number(snapshot['last_block_number']) + (end - Number(snapshot['timestamp'])) / 100;
    const truth = simulator.ordersAfter('hyperliquid', 'ETH', last);
    assert.deepEqual(
      rebuiltOrders(frames.slice(0, -1)),
      sorted(truth.map(({ oid, side, px, sz }) => [oid, `${side} ${Number(px)} ${Number(sz)}`])),
    );
  });

  test('the full depth comes in batches of one block; seeking is refused, stopping is not', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    socket.send(replay('orderbook_full', 'ETH'));
    const frames = (await socket.through('replay_completed')).slice(1, -1);
    assert.deepEqual(
      rebuiltLevels(frames),
      levelsOf(simulator.fullBookAt('hyperliquid', 'ETH', end)),
    );
    for (const frame of frames.slice(1)) {
      assert.equal(new Set(rowsOf([frame]).map(({ bn }) => bn)).size, 1);
    }
    const stall = simulator.faults.arm({ name: 'replay-stalled' });
    socket.send(replay('hip3_l4_orders', 'xyz:SP500'));
    await stall.struck;
    socket.send({ op: 'replay.seek', timestamp: start });
    const refused = (await socket.through('error')).at(-1);
    assert.equal(refused?.['error_code'], 'unsupported_for_venue');
    socket.send({ op: 'replay.stop' });
    await socket.through('replay_stopped');
    stall.clear();
    assert.ok((await socket.drain()).length <= 1);
  });
});
