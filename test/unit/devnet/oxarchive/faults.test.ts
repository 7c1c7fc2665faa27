import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { FaultRequest } from '../../../../src/devnet/oxarchive/faults.ts';
import { type Item, isItem } from '../../../../src/devnet/simulator/json.ts';
import { until } from '../../../../src/devnet/until.ts';
import { RawSocket } from '../../../support/oxarchive/raw-socket.ts';
import { rowsOf } from '../../../support/oxarchive/rebuilt.ts';
import { openOxarchiveScene } from '../../../support/oxarchive/scene.ts';

const trades = { channel: 'lighter_trades', symbol: 'BTC' };

/** A socket with the trades of Lighter, and the keys of rows as they should and as they do come. */
async function tradeScene(t: TestContext) {
  const scene = await openOxarchiveScene(t, { profile: { finalityLagMs: 0 } });
  const socket = await scene.open();
  await socket.subscribe('lighter_trades', 'BTC');
  const { simulator } = scene;
  const fromMs = simulator.nowMs + 1;
  const keyOf = ({ tid, side }: { readonly tid?: unknown; readonly side?: unknown }) =>
    `${tid} ${side}`;
  return {
    ...scene,
    socket,
    truth: () => simulator.trades('lighter', 'BTC', fromMs, simulator.nowMs).map(keyOf),
    keysOf: (frames: readonly Item[]) =>
      rowsOf(frames.filter(({ type }) => type === 'data')).map(keyOf),
  };
}

describe('lost rows', () => {
  test('what is dropped or lost in a gap is in the archive and nowhere else', async (t) => {
    const { simulator, socket, truth, keysOf } = await tradeScene(t);
    simulator.faults.arm({ name: 'drop', ...trades });
    const gap = simulator.faults.arm({ name: 'gap', ...trades, times: 5 });
    simulator.produce(60);
    await gap.over;
    simulator.produce(30);
    const sent = keysOf(await socket.drain());
    const all = truth();
    const lost = all.filter((key) => !sent.includes(key));
    assert.ok(lost.length > 10 && sent.length > 10, `${lost.length} lost, ${sent.length} sent`);
    assert.deepEqual(
      sent,
      all.filter((key) => !lost.includes(key)),
    );
    const window = { start: simulator.nowMs - 8999, end: simulator.nowMs };
    socket.send({ op: 'replay', channel: 'lighter_trades', symbol: 'BTC', ...window });
    const replayed = rowsOf(await socket.through('replay_completed'));
    assert.deepEqual(
      replayed.map(({ tid, side }) => `${tid} ${side}`),
      all,
    );
  });

  test('a dropped notice tells how many rows of what, a stopped one ends the stream, a gap is named', async (t) => {
    const { simulator, socket, truth, keysOf } = await tradeScene(t);
    simulator.faults.arm({ name: 'dropped', ...trades });
    simulator.produce(20);
    const [notice, ...frames] = await socket.drain();
    const lost = truth().length - keysOf(frames).length;
    assert.deepEqual(notice, {
      type: 'error',
      message: `Dropped ~${lost} live lighter_trades messages for BTC: your connection fell behind the Lighter stream, and those trades were not delivered.`,
      error_code: 'slow_consumer',
    });
    simulator.faults.arm({ name: 'stopped', ...trades });
    simulator.produce(20);
    assert.deepEqual(await socket.drain(), [
      {
        type: 'error',
        message:
          'Stopped the lighter_trades stream for BTC: your connection is too slow to keep up. Re-subscribe to resume.',
        error_code: 'slow_consumer',
      },
    ]);
    await socket.subscribe('lighter_trades', 'BTC');
    simulator.faults.arm({ name: 'gap-frame', ...trades });
    simulator.produce(20);
    const [gap] = await socket.drain();
    assert.deepEqual([gap?.['type'], gap?.['symbol']], ['gap_detected', 'BTC']);
  });

  test('held frames come when they are let go, in order; muted ones never', async (t) => {
    const { simulator, socket, truth, keysOf } = await tradeScene(t);
    const hold = simulator.faults.arm({ name: 'hold', ...trades });
    simulator.produce(20);
    assert.deepEqual(await socket.drain(), []);
    hold.clear();
    assert.deepEqual(keysOf(await socket.drain()), truth());
    const freeze = simulator.faults.arm({ name: 'freeze' });
    simulator.produce(20);
    freeze.clear();
    const before = truth();
    const muted = simulator.faults.arm({ name: 'mute' });
    simulator.produce(20);
    muted.clear();
    const frames = await socket.drain();
    assert.deepEqual(keysOf(frames), before.slice(-keysOf(frames).length));
    assert.ok(truth().length > before.length);
  });

  test('a real slow reader of Lighter loses rows and is told', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t, {
      markets: [{ venue: 'lighter', symbol: 'BTC', price: '64210.4', size: '0.9', activity: 10 }],
      timing: { bufferedBytesMax: 4_000_000 },
    });
    const socket = await open();
    await socket.subscribe('lighter_trades', 'BTC');
    const fromMs = simulator.nowMs + 1;
    socket.pause();
    for (let n = 0; n < 120; n += 1) simulator.produce(50);
    const toMs = simulator.nowMs;
    socket.resume();
    await until(async () => ((await socket.drain()).length === 0 ? true : undefined), {
      timeoutMs: 20_000,
    });
    simulator.produce(20);
    const [notice] = await socket.drain();
    const [, rows] = /^Dropped ~(\d+) live lighter_trades/.exec(String(notice?.['message'])) ?? [];
    const all = simulator.trades('lighter', 'BTC', fromMs, toMs).length;
    assert.ok(Number(rows) > 0 && Number(rows) < all, `${rows} of ${all}`);
  });
});

describe('frames that are not as they should be', () => {
  const cases: readonly (readonly [FaultRequest, (frames: readonly Item[]) => void])[] = [
    [{ name: 'unknown-type', ...trades }, ([first]) => assert.equal(first?.['type'], 'weather')],
    [
      { name: 'error-frame', ...trades, text: 'upstream_unavailable' },
      ([first]) => assert.equal(first?.['error_code'], 'upstream_unavailable'),
    ],
    [
      { name: 'unknown-field', ...trades },
      ([first]) => {
        assert.equal(first?.['flavor'], 'strange');
        assert.equal(rowsOf(first === undefined ? [] : [first])[0]?.['flavor'], 'strange');
      },
    ],
    [
      { name: 'missing-field', ...trades, text: 'tid' },
      ([first]) => assert.equal(rowsOf(first === undefined ? [] : [first])[0]?.['tid'], undefined),
    ],
    [
      { name: 'bad-number', ...trades },
      ([first]) => assert.equal(rowsOf(first === undefined ? [] : [first])[0]?.['px'], 'NaN'),
    ],
    [{ name: 'duplicate-frame', ...trades }, ([first, second]) => assert.deepEqual(first, second)],
    [
      { name: 'duplicate-row', ...trades },
      ([first, second]) => {
        const [before, after] = [first, second].map((one) =>
          rowsOf(one === undefined ? [] : [one]),
        );
        assert.deepEqual(before?.at(-1), after?.[0]);
      },
    ],
    [
      { name: 'huge-frame', ...trades },
      ([first]) => assert.equal(String(first?.['padding']).length, 30_000_000),
    ],
  ];

  for (const [fault, check] of cases) {
    test(`${fault.name} strikes one frame`, async (t) => {
      const { simulator, socket } = await tradeScene(t);
      const armed = simulator.faults.arm(fault);
      simulator.produce(30);
      await armed.over;
      check(await socket.drain());
    });
  }

  test('times can be skewed, or an hour ahead', async (t) => {
    const { simulator, socket } = await tradeScene(t);
    const skew = simulator.faults.arm({ name: 'clock-skew', delayMs: 5000 });
    simulator.produce(20);
    skew.clear();
    const rows = rowsOf(await socket.drain());
    assert.ok(rows.every(({ time }) => Number(time) > simulator.nowMs));
    simulator.faults.arm({ name: 'future-time', ...trades });
    simulator.produce(20);
    const [first] = rowsOf(await socket.drain());
    assert.ok(Number(first?.['time']) > simulator.nowMs + 3_000_000);
  });

  test('malformed, truncated and binary frames come once each', async (t) => {
    const { simulator, socket } = await tradeScene(t);
    simulator.faults.arm({ name: 'malformed-frame', ...trades, text: '{"type":' });
    simulator.faults.arm({ name: 'truncated-frame', ...trades });
    simulator.faults.arm({ name: 'binary-frame', ...trades });
    simulator.produce(30);
    assert.equal(await socket.next(), '{"type":');
    const cut = await socket.next();
    assert.throws(() => JSON.parse(cut), SyntaxError);
    assert.equal((await socket.nextItem())['type'], 'data');
    assert.equal(socket.binaryFrames, 1);
    simulator.faults.arm({ name: 'cut-message', ...trades });
    simulator.produce(30);
    assert.equal((await socket.whenClosed())[0], 1006);
  });

  test('a fault that crosses a book waits for a frame that is one', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    await socket.subscribe('trades', 'BTC');
    const armed = simulator.faults.arm({ name: 'crossed-book' });
    simulator.produce(30);
    await socket.drain();
    assert.equal(simulator.faults.armed.length, 1);
    await socket.subscribe('orderbook', 'BTC');
    simulator.produce(12);
    await armed.over;
  });

  test('a crossed book is crossed, on every kind of channel that has one', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    for (const channel of ['orderbook', 'orderbook_full', 'l4_diffs']) {
      await socket.subscribe(channel, 'BTC');
      await socket.drain();
    }
    for (const channel of ['orderbook', 'orderbook_full', 'l4_diffs']) {
      simulator.faults.arm({ name: 'crossed-book', channel });
    }
    simulator.produce(12);
    const frames = await socket.drain();
    const book = frames.find(({ channel }) => channel === 'orderbook')?.['data'];
    assert.ok(isItem(book) && Array.isArray(book['levels']));
    const [bids, asks] = book['levels'];
    assert.ok(Number(bids[0].px) > Number(asks[0].px));
    const { asks: trueAsks } = simulator.bookAt('hyperliquid', 'BTC', simulator.nowMs);
    for (const [channel, name] of [
      ['orderbook_full', 'px'],
      ['l4_diffs', 'price'],
    ] as const) {
      const rows = rowsOf(frames.filter((frame) => frame['channel'] === channel));
      const crossing = rows.filter(
        (row) => row['side'] === 'B' && Number(row[name]) > Number(trueAsks[0]?.px) * 1.01,
      );
      assert.equal(crossing.length, 1, channel);
    }
  });

  test('diffs can lack their number, and rows come in reverse', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    await socket.subscribe('l4_diffs', 'BTC');
    await socket.drain();
    const armed = simulator.faults.arm({ name: 'seq-absent' });
    simulator.produce(20);
    armed.clear();
    assert.ok(rowsOf(await socket.drain()).every(({ seq }) => seq === undefined));
    simulator.faults.arm({ name: 'reorder', channel: 'l4_diffs', times: 20 });
    simulator.produce(20);
    const numbers = (await socket.drain()).map((frame) => rowsOf([frame]).map(({ seq }) => seq));
    assert.ok(numbers.some((list) => list.length > 1));
    assert.ok(numbers.every((list) => list.at(-1) === 0));
  });
});

describe('acknowledgements and connections', () => {
  const subscribe = { op: 'subscribe', channel: 'lighter_funding', symbol: 'BTC' } as const;

  test('an ack comes never, late, after the data, without version, or as an error', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const { faults } = simulator;
    const socket = await open();
    faults.arm({ name: 'ack-never', channel: 'lighter_funding' });
    socket.send(subscribe);
    simulator.produce(20);
    assert.deepEqual(await socket.drain(), []);
    const late = faults.arm({ name: 'ack-late' });
    socket.send(subscribe);
    await late.struck;
    assert.equal(simulator.connections[0]?.subscriptions.length, 1);
    late.clear();
    assert.equal((await socket.nextItem())['type'], 'subscribed');
    await socket.drain();
    faults.arm({ name: 'data-before-ack' });
    socket.send(subscribe);
    const types = (await socket.drain()).map(({ type }) => type);
    assert.deepEqual(types, ['data', 'subscribed', 'data']);
    const bare = faults.arm({ name: 'no-version' });
    assert.equal((await socket.ask(subscribe))['version'], undefined);
    bare.clear();
    await socket.drain();
    faults.arm({ name: 'ack-error', text: 'internal_error' });
    assert.equal((await socket.ask(subscribe))['error_code'], 'internal_error');
    const spent = faults.arm({ name: 'credits-exhausted' });
    assert.equal((await socket.ask(subscribe))['error_code'], 'insufficient_credits');
    spent.clear();
  });

  test('an upgrade is refused, closed, reset or left hanging', async (t) => {
    const { simulator, server, open } = await openOxarchiveScene(t);
    const { faults } = simulator;
    for (const status of [401, 429, 503]) {
      faults.arm({ name: 'upgrade-status', status, retryAfterSeconds: 2 });
      await assert.rejects(open(), new RegExp(String(status)));
    }
    faults.arm({ name: 'upgrade-close', code: 1013 });
    assert.deepEqual(await (await open()).whenClosed(), [1013, 'simulated']);
    faults.arm({ name: 'upgrade-reset' });
    await assert.rejects(open());
    const hang = faults.arm({ name: 'upgrade-hang' });
    const hanging = RawSocket.open(server.ws).catch(() => 'gone');
    await hang.struck;
    await server.close();
    assert.equal(await hanging, 'gone');
  });

  test('without pings nothing is answered, but data goes on', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t, { timing: { pingMs: 5 } });
    const socket = await open();
    await socket.subscribe('lighter_funding', 'BTC');
    await socket.untilPings(1);
    simulator.faults.arm({ name: 'no-pings' });
    socket.send({ op: 'ping' });
    // What answers comes behind every ping that was on its way.
    socket.send({ op: 'subscribe', channel: 'lighter_trades', symbol: 'BTC' });
    await socket.through('subscribed');
    const { pings } = socket;
    simulator.produce(20);
    const types = [await socket.nextItem(), await socket.nextItem()].map(({ type }) => type);
    assert.deepEqual(types, ['data', 'data']);
    assert.equal(socket.pings, pings);
  });
});
