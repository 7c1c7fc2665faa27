import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { plans } from '../../../../src/devnet/oxarchive/access.ts';
import type { SimulatorOptions } from '../../../../src/devnet/oxarchive/simulator.ts';
import { type Item, isItem } from '../../../../src/devnet/simulator/json.ts';
import { HandClock } from '../../../support/oxarchive/hand-clock.ts';
import { openOxarchiveScene } from '../../../support/oxarchive/scene.ts';

const now = 1_790_000_000_000;
const start = now - 60_000;
const end = now - 10_000;
const headers = { 'X-API-Key': '0xa_simulator-key', '0xArchive-Version': '2026-10-01' };

async function openRest(t: TestContext, options: SimulatorOptions = {}) {
  const scene = await openOxarchiveScene(t, options);
  const get = (path: string, init: RequestInit = { headers }) =>
    fetch(`${scene.server.http}${path}`, init);
  const read = async (path: string, init?: RequestInit): Promise<Item> => {
    const body: unknown = await (await get(path, init)).json();
    assert.ok(isItem(body));
    return body;
  };
  const pages = async (path: string): Promise<readonly Item[]> => {
    const rows: Item[] = [];
    let cursor = '';
    for (;;) {
      const { data, meta } = await read(`${path}${cursor}`);
      assert.ok(Array.isArray(data) && isItem(meta));
      assert.equal(meta['count'], data.length);
      rows.push(...data.filter(isItem));
      if (meta['has_more'] !== true) return rows;
      assert.notEqual(cursor, `&cursor=${meta['next_cursor']}`, 'the same page again');
      cursor = `&cursor=${meta['next_cursor']}`;
    }
  };
  return { ...scene, get, read, pages };
}

describe('lists', () => {
  test('the trades of a window come page by page, all of them, whatever the page size', async (t) => {
    const { simulator, pages } = await openRest(t);
    const legs = simulator.trades('hyperliquid', 'ETH', start, end);
    for (const limit of [7, 50, 1000]) {
      const path = `/v1/hyperliquid/trades/ETH?start=${start}&end=${end}&limit=${limit}`;
      const rows = await pages(path);
      assert.deepEqual(
        rows.map(({ trade_id, side, price, timestamp_ms }) => [
          trade_id,
          side,
          price,
          timestamp_ms,
        ]),
        legs.map(({ tid, side, px, time }) => [tid, side, px, time]),
      );
      const buys = await pages(`${path}&side=buy`);
      assert.equal(buys.length * 2, legs.length);
    }
  });

  test('an answer has the envelope of the reference', async (t) => {
    const { get } = await openRest(t);
    const path = `/v1/hyperliquid/trades/ETH?start=${start}&end=${end}&limit=1`;
    const response = await get(path);
    const { success, data, meta } = (await response.json()) as Item;
    assert.equal(success, true);
    assert.ok(Array.isArray(data) && isItem(meta));
    assert.deepEqual(Object.keys(meta), ['count', 'next_cursor', 'has_more', 'request_id']);
    assert.equal(response.headers.get('x-request-id'), meta['request_id']);
    assert.match(String(data[0].timestamp), /^2026-09-21T14:12:\d\d\.\d{3}Z$/);
  });

  test('Lighter shows finalized trades, and the newest ones before they are final', async (t) => {
    const { simulator, read } = await openRest(t, { profile: { finalityLagMs: 40_000 } });
    const { data, meta } = await read(
      `/v1/lighter/trades/btc?start=${start}&end=${end}&limit=1000`,
    );
    assert.ok(Array.isArray(data) && isItem(meta));
    const final = simulator.trades('lighter', 'BTC', start, now - 40_000);
    assert.equal(data.length, final.length);
    assert.equal(meta['finalized_through'], new Date(now - 40_000).toISOString());
    assert.equal(meta['clamped_to'], meta['finalized_through']);
    const recent = await read('/v1/lighter/trades/BTC/recent?limit=1000');
    assert.ok(Array.isArray(recent['data']) && isItem(recent['meta']));
    const legs = simulator
      .trades('lighter', 'BTC', now - 600_000, now)
      .slice(-1000)
      .reverse();
    assert.deepEqual(
      recent['data'].map(({ trade_id, side }) => [trade_id, side]),
      legs.map(({ tid, side }) => [tid, side]),
    );
    const preliminary = legs.filter(({ time }) => time > now - 40_000).length;
    assert.equal(recent['meta']['preliminary_row_count'], preliminary);
    assert.equal(recent['data'][0].fee, null);
    const liquidations = await read(
      `/v1/lighter/liquidations/BTC?start=${now - 600_000}&end=${now}`,
    );
    assert.ok(Array.isArray(liquidations['data']) && liquidations['data'].length > 0);
  });

  test('every list has rows in its window, also of diffs and candles', async (t) => {
    const { read, simulator } = await openRest(t);
    const lists: readonly (readonly [path: string, members: readonly string[]])[] = [
      ['/hyperliquid/orderbook/ETH/history', ['bids', 'asks', 'mid_price', 'spread_bps']],
      ['/hyperliquid/hip3/candles/xyz%3ASP500', ['open', 'volume', 'quote_volume', 'trade_count']],
      ['/hyperliquid/funding/ETH', ['funding_rate', 'premium']],
      ['/rh-lighter/openinterest/BTC', ['open_interest', 'mark_price', 'impact_bid_price']],
      ['/hyperliquid/spot/trades/HYPE-USDC', ['trade_id', 'user_address']],
      ['/hyperliquid/orderbook/BTC/l4/diffs', ['block_number', 'seq', 'diff_type', 'user_address']],
      ['/hyperliquid/orderbook/BTC/l2/diffs', ['block_number', 'side', 'price', 'size', 'count']],
      ['/hyperliquid/orders/BTC/history', ['status', 'limit_price', 'oid']],
    ];
    for (const [path, members] of lists) {
      const { data } = await read(`/v1${path}?start=${now - 600_000}&end=${now}&limit=5`);
      assert.ok(Array.isArray(data) && data.length === 5, path);
      for (const row of data) {
        assert.ok(isItem(row) && Number(row['timestamp_ms']) >= now - 600_000, path);
        assert.ok(
          members.every((name) => name in row),
          `${path}: ${Object.keys(row)}`,
        );
      }
    }
    const { data: book } = await read('/v1/hyperliquid/orderbook/ETH?depth=3');
    assert.ok(isItem(book));
    const truth = simulator.bookAt('hyperliquid', 'ETH', now);
    assert.deepEqual(book['bids'], truth.bids.slice(0, 3));
    const { data: orders } = await read('/v1/hyperliquid/orderbook/ETH/l4');
    assert.ok(isItem(orders) && Array.isArray(orders['bids']) && orders['last_block_number']);
  });

  test('the archive is behind, and REST may have what it lost', async (t) => {
    const { simulator, pages } = await openRest(t, { profile: { archiveLagMs: 30_000 } });
    const path = `/v1/hyperliquid/trades/ETH?start=${start}&end=${now}&limit=1000`;
    const behind = await pages(path);
    const legs = (toMs: number) => simulator.trades('hyperliquid', 'ETH', start, toMs).length;
    assert.equal(behind.length, legs(now - 30_000));
    const hole = { venue: 'hyperliquid', fromMs: start, toMs: now - 40_000 } as const;
    simulator.addHole({ ...hole, isRepaired: true });
    assert.equal((await pages(path)).length, behind.length);
    simulator.addHole(hole);
    assert.equal((await pages(path)).length, legs(now - 30_000) - legs(now - 40_001));
  });
});

describe('what is listed', () => {
  test('instruments, symbols and capabilities tell what there is', async (t) => {
    const { simulator, read } = await openRest(t);
    simulator.delist('hyperliquid', 'BTC');
    const { data: instruments } = await read('/v1/hyperliquid/instruments');
    assert.ok(Array.isArray(instruments));
    assert.deepEqual(
      instruments.map(({ symbol, is_active }) => [symbol, is_active]),
      [
        ['BTC', false],
        ['ETH', true],
        ['kPEPE', true],
      ],
    );
    const { data: symbols } = await read('/v1/symbols');
    assert.ok(Array.isArray(symbols) && symbols.length === simulator.markets.length);
    const { data: rows } = await read('/v1/capabilities', {});
    assert.ok(Array.isArray(rows));
    const silent = rows.find(({ ws_channels }) => ws_channels[0] === 'hip4_orderbook');
    assert.deepEqual([silent.live, silent.replay], [true, true]);
    const { data: fresh } = await read('/v1/lighter/freshness/BTC');
    assert.ok(isItem(fresh) && isItem(fresh['trades']) && isItem(fresh['orderbook']));
    assert.ok(Number(fresh['trades']['lag_ms']) > Number(fresh['orderbook']['lag_ms']));
  });
});

describe('refusals', () => {
  const window = `start=${start}&end=${end}`;
  const refusals: readonly (readonly [path: string, status: number, code: string])[] = [
    ['/v1/nowhere', 404, 'route_not_found'],
    ['/v1/hyperliquid/nothing/ETH', 404, 'route_not_found'],
    ['/v1/hyperliquid/trades/ETH/recent', 404, 'route_not_found'],
    ['/v1/hyperliquid/trades/X', 400, 'invalid_symbol'],
    [`/v1/hyperliquid/trades/ETH?${window}&limit=1001`, 400, 'invalid_parameter'],
    [`/v1/hyperliquid/trades/ETH?${window}&cursor=x`, 400, 'invalid_cursor'],
    [`/v1/hyperliquid/trades/ETH?${window}&side=long`, 400, 'invalid_parameter'],
    [`/v1/hyperliquid/candles/ETH?${window}&interval=2m`, 400, 'invalid_interval'],
    ['/v1/hyperliquid/trades/ETH?start=2&end=1', 400, 'invalid_time_range'],
    ['/v1/hyperliquid/trades/ETH?start=1&end=2', 400, 'range_before_coverage'],
  ];

  test('what is wrong is refused with status and code', async (t) => {
    const { get } = await openRest(t);
    for (const [path, status, code] of refusals) {
      const response = await get(path);
      const body = (await response.json()) as Item;
      assert.equal(response.status, status, path);
      assert.deepEqual([body['success'], body['code'], body['error_code']], [false, status, code]);
    }
    const bad = await get('/v1/symbols', { headers: { 'x-api-key': 'bad' } });
    assert.equal(bad.status, 401);
    const legacy = (await bad.json()) as Item;
    assert.deepEqual(legacy['error'], {
      code: 'unauthorized',
      message: 'The API key is missing or wrong.',
    });
  });

  test('the plan limits requests a second and days', async (t) => {
    const clock = new HandClock();
    const keys = { [headers['X-API-Key']]: { ...plans.free, requestsPerSecondMax: 2 } };
    const { get } = await openRest(t, { clock, keys });
    const first = await get('/v1/symbols');
    assert.equal(first.headers.get('x-ratelimit-limit'), '2');
    assert.equal(first.headers.get('x-ratelimit-remaining'), '1');
    await get('/v1/symbols');
    const third = await get('/v1/symbols');
    assert.deepEqual([third.status, third.headers.get('retry-after')], [429, '1']);
    clock.move(1000);
    const deep = now - 31 * 24 * 3_600_000;
    const old = await get(`/v1/hyperliquid/trades/ETH?start=${deep}&end=${deep + 1000}`);
    assert.equal(((await old.json()) as Item)['error_code'], 'historical_depth_exceeded');
  });

  test('faults answer a status, late, half or not at all', async (t) => {
    const { simulator, get } = await openRest(t);
    const { faults } = simulator;
    faults.arm({ name: 'rest-status', status: 503, path: '/v1/hyperliquid' });
    assert.equal((await get('/v1/symbols')).status, 200);
    assert.equal((await get('/v1/hyperliquid/instruments')).status, 503);
    faults.arm({ name: 'rest-status', status: 429, retryAfterSeconds: 7 });
    assert.equal((await get('/v1/symbols')).headers.get('retry-after'), '7');
    faults.arm({ name: 'rest-reset' });
    await assert.rejects(get('/v1/symbols'));
    faults.arm({ name: 'rest-truncated' });
    await assert.rejects(
      get('/v1/symbols').then((response) => response.json()),
      SyntaxError,
    );
    const late = faults.arm({ name: 'rest-delay' });
    const answer = get('/v1/symbols');
    await late.struck;
    late.clear();
    assert.equal((await answer).status, 200);
  });
});
