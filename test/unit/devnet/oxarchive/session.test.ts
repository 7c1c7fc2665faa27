import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { plans } from '../../../../src/devnet/oxarchive/access.ts';
import { type Item, isItem } from '../../../../src/devnet/simulator/json.ts';
import { until } from '../../../../src/devnet/until.ts';
import { HandClock } from '../../../support/oxarchive/hand-clock.ts';
import { RawSocket } from '../../../support/oxarchive/raw-socket.ts';
import { openOxarchiveScene } from '../../../support/oxarchive/scene.ts';

const startMs = 1_790_000_000_000;

describe('the handshake', () => {
  test('takes the key in a header or in the URL, and offers deflate', async (t) => {
    const { server, simulator } = await openOxarchiveScene(t);
    const socket = await RawSocket.open(server.ws);
    assert.match(socket.extensions, /permessage-deflate/);
    const url = `${server.ws}?apiKey=0xa_simulator-key&version=2026-10-01`;
    await RawSocket.open(url, { key: null, version: null });
    assert.equal(simulator.connections.length, 2);
    assert.deepEqual(server.requests.slice(1), ['/ws?apiKey=0xa_simulator-key&version=2026-10-01']);
  });

  test('an encoded key is decoded', async (t) => {
    const { server } = await openOxarchiveScene(t, { keys: { '0xa_k+1': plans.pro } });
    await RawSocket.open(`${server.ws}?apiKey=0xa_k%2B1`, { key: null });
    await assert.rejects(RawSocket.open(`${server.ws}?apiKey=0xa_k+1`, { key: null }), /401/);
  });

  test('refuses a bad key, another path, an unknown contract, a connection too many', async (t) => {
    const { server } = await openOxarchiveScene(t, { keys: { good: plans.free } });
    const open = (options: object, url = server.ws) => RawSocket.open(url, options);
    await assert.rejects(open({ key: 'bad' }), /401/);
    await assert.rejects(open({ key: null }), /401/);
    await assert.rejects(open({ key: 'good' }, `${server.http.replace('http', 'ws')}/x`), /404/);
    await assert.rejects(open({ key: 'good', version: '1999-01-01' }), /400/);
    await open({ key: 'good' });
    const second = await open({ key: 'good' });
    await assert.rejects(open({ key: 'good' }), /429/);
    second.close();
    await second.whenClosed();
    const again = await until(() => open({ key: 'good' }).catch(() => undefined), {
      timeoutMs: 20_000,
      pollMs: 5,
    });
    assert.ok(again);
  });

  test('a refused upgrade says why in its body', async (t) => {
    const { server } = await openOxarchiveScene(t);
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'x-api-key': 'bad' };
    const asked = request(`${server.http}/ws`, { headers: upgrade }).end();
    const [response] = await once(asked, 'response');
    assert.equal(response.statusCode, 401);
    assert.deepEqual(JSON.parse(await text(response)), {
      success: false,
      error: 'The API key is missing or wrong.',
      error_code: 'unauthorized',
    });
  });
});

describe('subscribing', () => {
  const refusals: readonly (readonly [request: Item, code: string, text: RegExp])[] = [
    [{ op: 'dance' }, 'invalid_parameter', /Unknown op/],
    [{}, 'invalid_parameter', /Unknown op/],
    [{ op: 'subscribe', channel: 'x', symbol: 'ETH' }, 'invalid_parameter', /Unknown channel/],
    [{ op: 'subscribe', channel: 'trades' }, 'invalid_symbol', /trades: null/],
    [{ op: 'subscribe', channel: 'trades', symbol: 'eth' }, 'invalid_symbol', /"eth"/],
    [{ op: 'subscribe', channel: 'hip3_trades', symbol: 'XYZ:SP500' }, 'invalid_symbol', /XYZ/],
    [{ op: 'subscribe', channel: 'hip4_trades', symbol: '520' }, 'invalid_symbol', /"520"/],
    [
      { op: 'subscribe', channel: 'rh_lighter_funding', symbol: 'AAPL-USDG' },
      'invalid_symbol',
      /AAPL/,
    ],
    [{ op: 'subscribe', channel: 'candles', symbol: 'ETH' }, 'unsupported_for_venue', /replay/],
    [{ op: 'subscribe', channel: 'mempool' }, 'endpoint_unsupported', /wss:\/\/api/],
    [{ op: 'subscribe', channel: 'all_tickers', symbol: 'ETH' }, 'invalid_parameter', /no symbol/],
    [{ op: 'stream', channel: 'trades', symbol: 'ETH' }, 'invalid_parameter', /discontinued/],
    [{ op: 'replay.pause' }, 'invalid_parameter', /No replay/],
  ];

  test('what is wrong is refused with its code, and the socket stays open', async (t) => {
    const { open } = await openOxarchiveScene(t, { clock: new HandClock() });
    const socket = await open();
    socket.sendRaw('not JSON');
    assert.deepEqual((await socket.nextItem())['error_code'], 'invalid_parameter');
    for (const [asked, code, message] of refusals) {
      const frame = await (asked['op'] === 'subscribe' ? await open() : socket).ask(asked);
      assert.equal(frame['type'], 'error');
      assert.equal(frame['error_code'], code, JSON.stringify(asked));
      assert.match(String(frame['message']), message);
    }
    await socket.subscribe('trades', 'ETH');
  });

  test('the texts about interval_ms are those of the reference', async (t) => {
    const { open } = await openOxarchiveScene(t);
    const socket = await open();
    const ask = (channel: string, symbol: string, interval_ms: unknown) =>
      socket.ask({ op: 'subscribe', channel, symbol, interval_ms } as Item);
    const messages = [
      (await ask('orderbook', 'ETH', 500))['message'],
      (await ask('rh_lighter_trades', 'BTC', 500))['message'],
      (await ask('lighter_orderbook', 'BTC', 50))['message'],
    ];
    assert.deepEqual(messages, [
      'interval_ms is only supported on lighter_orderbook.',
      'interval_ms is only supported on rh_lighter_orderbook.',
      'interval_ms must be between 100 and 5000 for lighter_orderbook (got 50). Leave it out for one book a second.',
    ]);
  });

  test('the eleventh in a second is refused, a second later it is not', async (t) => {
    const clock = new HandClock();
    const { open } = await openOxarchiveScene(t, { clock });
    const socket = await open();
    for (let n = 0; n < 10; n += 1) await socket.subscribe('trades', 'ETH');
    const refused = await socket.ask({ op: 'subscribe', channel: 'trades', symbol: 'BTC' });
    assert.equal(
      JSON.stringify(refused),
      '{"type":"error","message":"Subscription rate limit exceeded","error_code":"rate_limited"}',
    );
    clock.move(1000);
    await socket.subscribe('trades', 'BTC');
  });

  test('the old contract has neither a version nor codes', async (t) => {
    const { open } = await openOxarchiveScene(t);
    const socket = await open({ version: null });
    const ack = await socket.ask({ op: 'subscribe', channel: 'trades', coin: 'ETH' });
    assert.equal(
      JSON.stringify(ack),
      '{"type":"subscribed","channel":"trades","coin":"ETH","symbol":"ETH"}',
    );
    assert.deepEqual(Object.keys(await socket.ask({ op: 'x' })), ['type', 'message']);
  });

  test('the plan limits subscriptions; the same one again is none more', async (t) => {
    const clock = new HandClock();
    const { open, simulator } = await openOxarchiveScene(t, {
      clock,
      keys: { free: { ...plans.free, subscriptionsMax: 2 } },
    });
    const socket = await open({ key: 'free' });
    await socket.subscribe('trades', 'ETH');
    await socket.subscribe('lighter_orderbook', 'BTC', { interval_ms: 100 });
    await socket.nextItem();
    const third = await socket.ask({ op: 'subscribe', channel: 'trades', symbol: 'BTC' });
    assert.equal(third['error_code'], 'forbidden');
    await socket.subscribe('lighter_orderbook', 'btc', { interval_ms: 5000 });
    assert.equal((await socket.nextItem())['symbol'], 'BTC');
    simulator.produce(40);
    const books = (await socket.drain()).filter(({ channel }) => channel === 'lighter_orderbook');
    assert.deepEqual(books, []);
    const ended = await socket.ask({ op: 'unsubscribe', channel: 'trades', symbol: 'ETH' });
    assert.equal(
      JSON.stringify(ended),
      '{"type":"unsubscribed","channel":"trades","coin":"ETH","symbol":"ETH"}',
    );
    await socket.subscribe('trades', 'BTC');
  });

  test('silent channels are acknowledged and stay silent; tickers tell prices', async (t) => {
    const { open, simulator } = await openOxarchiveScene(t);
    const socket = await open();
    await socket.subscribe('hip4_orderbook', '#520');
    await socket.subscribe('spot_twap', 'HYPE-USDC');
    simulator.produce(50);
    assert.deepEqual(await socket.drain(), []);
    await socket.subscribe('all_tickers');
    await socket.subscribe('ticker', 'ETH');
    simulator.produce(10);
    const [all, one] = await socket.drain();
    assert.ok(Array.isArray(all?.['data']) && isItem(one?.['data']));
    assert.deepEqual(all['data'][1], one['data']);
  });

  test('Lighter sends its book at once, as often as asked, and only what is new', async (t) => {
    const { open, simulator } = await openOxarchiveScene(t);
    const often = await open();
    const seldom = await open();
    await often.subscribe('lighter_orderbook', 'BTC', { interval_ms: 100 });
    await seldom.subscribe('lighter_orderbook', 'BTC');
    simulator.produce(50);
    const books = await often.drain();
    const times = books.map(({ data }) => Number(isItem(data) && data['time']));
    assert.equal(times[0], startMs);
    assert.ok(times.length > 25 && times.length < 51, `${times.length} books`);
    assert.deepEqual(times, [...new Set(times)].sort());
    const fewer = await seldom.drain();
    assert.ok(fewer.length >= 5 && fewer.length <= 6, `${fewer.length} books`);
    const truth = simulator.bookAt('lighter', 'BTC', times.at(-1) ?? 0);
    const [bids, asks] = [truth.bids, truth.asks].map((side) =>
      side.map((level) => ({ ...level, n: 1 })),
    );
    assert.ok(isItem(books.at(-1)?.['data']));
    assert.deepEqual(books.at(-1)?.['data'], {
      coin: 'BTC',
      time: times.at(-1),
      levels: [bids, asks],
    });
  });

  test('a liquidation comes as such and among the trades', async (t) => {
    const { open, simulator } = await openOxarchiveScene(t);
    const socket = await open();
    await socket.subscribe('liquidations', 'ETH');
    await socket.subscribe('trades', 'ETH');
    simulator.produce(1200);
    const frames = await socket.drain();
    const rows = (name: string) =>
      frames
        .filter(({ channel }) => channel === name)
        .flatMap(({ data }) => (Array.isArray(data) ? data : []))
        .filter(isItem);
    const liquidations = rows('liquidations');
    assert.ok(liquidations.length > 2, `${liquidations.length}`);
    const flagged = rows('trades').filter(({ is_liquidation }) => is_liquidation === true);
    const keyOf = ({ tid, px, sz, users }: Item) => ({ tid, px, sz, users });
    assert.deepEqual(flagged.map(keyOf), liquidations.map(keyOf));
    assert.deepEqual(Object.keys(liquidations[0] ?? {}), [
      ...['coin', 'side', 'px', 'sz', 'time', 'hash', 'tid', 'dir', 'closed_pnl', 'users'],
      'is_liquidation',
    ]);
  });

  test('a settled outcome says so once and is not known any more', async (t) => {
    const { open, simulator } = await openOxarchiveScene(t);
    const socket = await open();
    await socket.subscribe('hip4_trades', '#520');
    await socket.subscribe('hip4_l4_diffs', '#520');
    await socket.nextItem();
    simulator.settle('#520');
    simulator.produce(600);
    const frames = await socket.drain();
    assert.equal(
      JSON.stringify(frames),
      '[{"type":"outcome_settled","coin":"#520","outcome_id":52,"side":0,"settlement_value":1,"settlement_at":"2026-09-21T14:13:20.000Z"}]',
    );
    const again = await socket.ask({ op: 'subscribe', channel: 'hip4_trades', symbol: '#520' });
    assert.equal(again['error_code'], 'invalid_symbol');
  });
});

describe('the second host', () => {
  test('serves trades, liquidations, orders and the mempool, and nothing else', async (t) => {
    const { server, simulator } = await openOxarchiveScene(t, {
      keys: { pro: plans.pro, build: plans.build },
    });
    const socket = await RawSocket.open(server.streamWs, { key: 'pro' });
    await socket.subscribe('mempool');
    await socket.subscribe('l4_orders', 'ETH');
    assert.equal((await socket.nextItem())['type'], 'l4_snapshot');
    simulator.produce(100);
    const actions = (await socket.drain()).filter(({ channel }) => channel === 'mempool');
    assert.ok(actions.length > 5);
    assert.deepEqual([actions[0]?.['coin'], actions[0]?.['symbol']], [null, null]);
    for (const channel of ['orderbook', 'lighter_trades', 'funding']) {
      const refused = await socket.ask({ op: 'subscribe', channel, symbol: 'BTC' });
      assert.equal(refused['error_code'], 'endpoint_unsupported');
      assert.match(String(refused['message']), /wss:\/\/api\.0xarchive\.io\/ws/);
    }
    const replay = await socket.ask({ op: 'replay', channel: 'trades', symbol: 'ETH', start: 1 });
    assert.equal(replay['error_code'], 'endpoint_unsupported');
    const build = await RawSocket.open(server.streamWs, { key: 'build' });
    const refused = await build.ask({ op: 'subscribe', channel: 'mempool' });
    assert.equal(refused['error_code'], 'forbidden');
  });
});

describe('keeping alive', () => {
  test('pings come, and who answers none is cut without a close frame', async (t) => {
    const { open } = await openOxarchiveScene(t, { timing: { pingMs: 20, idleMs: 1000 } });
    const alive = await open();
    const dead = await open({ autoPong: false });
    await alive.untilPings(3);
    assert.equal((await dead.whenClosed())[0], 1006);
    await alive.untilPings(alive.pings + 3);
    assert.deepEqual(await alive.ask({ op: 'ping' }), { type: 'pong' });
  });

  test('frames keep a socket alive too', async (t) => {
    const { open } = await openOxarchiveScene(t, { timing: { pingMs: 20, idleMs: 1000 } });
    const socket = await open({ autoPong: false });
    while (socket.pings < 80) await socket.ask({ op: 'ping' });
    socket.close();
  });

  test('a reader that falls too far behind is cut', async (t) => {
    const { open, simulator } = await openOxarchiveScene(t, {
      timing: { bufferedBytesMax: 100_000 },
    });
    const socket = await open();
    await socket.subscribe('l4_diffs', 'BTC');
    socket.pause();
    const isGone = () => {
      simulator.produce(600);
      return simulator.connections.length === 0 ? true : undefined;
    };
    assert.ok(await until(isGone, { timeoutMs: 20_000, pollMs: 1 }));
    socket.close();
  });
});
