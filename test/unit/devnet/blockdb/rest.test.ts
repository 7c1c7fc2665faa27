import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { datasets } from '../../../../src/devnet/blockdb/chain/datasets.ts';
import type { RestProfile } from '../../../../src/devnet/blockdb/profile.ts';
import { type BlockdbServer, openBlockdbServer } from '../../../../src/devnet/blockdb/server.ts';
import { BlockdbSimulator } from '../../../../src/devnet/blockdb/simulator.ts';
import { type Item, isItem } from '../../../../src/devnet/simulator/json.ts';

const key = 'simulator-key';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Item;
}

async function read(response: Response): Promise<Answer> {
  const body: unknown = await response.json();
  return { status: response.status, headers: response.headers, body: isItem(body) ? body : {} };
}

async function ask(server: BlockdbServer, path: string, body: unknown, token = key) {
  const headers = { authorization: `Bearer ${token}` };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return read(await fetch(`${server.http}${path}`, { method: 'POST', headers, body: text }));
}

const dataOf = ({ body }: Answer): readonly Item[] => body['data'] as readonly Item[];
const codeOf = ({ body }: Answer) => (body['error'] as Item)['code'];
const invalidOf = ({ body }: Answer) => {
  const { details } = body['error'] as { details: Item };
  return details['invalid_parameters'];
};

describe('the REST side of BlockDB', () => {
  let simulator: BlockdbSimulator;
  let server: BlockdbServer;
  let range: Item;

  before(async () => {
    simulator = new BlockdbSimulator({
      seed: 'rest',
      historyBlocks: 80,
      keys: { [key]: {}, raw: { datasets: ['0101'] }, old: { isExpired: true } },
    });
    server = await openBlockdbServer(simulator);
    const [first] = simulator.headers;
    range = { chain_id: 1, from_block: first?.height, to_block: simulator.head.height };
  });
  after(() => server.close());
  afterEach(() => simulator.faults.clear());

  test('every dataset answers under all of its paths, page by page, up to the buffer', async () => {
    const canonical = simulator.canonical();
    const served = simulator.head.height - 3;
    for (const { id, restPaths, isBar } of datasets.values()) {
      for (const path of restPaths) {
        const rows: Item[] = [];
        let cursor: unknown = null;
        do {
          const page: Answer = await ask(server, path, { ...range, limit: 60, cursor });
          assert.equal(page.status, 200, path);
          assert.equal(page.body['page_count'], dataOf(page).length);
          rows.push(...dataOf(page));
          ({ cursor } = page.body);
        } while (cursor !== null);
        const handles = new Set(rows.map((row) => row['_tracing_id']));
        const expected = canonical[id].filter((row) => Number(row['block_number']) <= served);
        assert.equal(handles.size, rows.length, path);
        if (isBar) assert.ok(rows.length > 0, path);
        else assert.deepEqual(handles, new Set(expected.map((row) => row['_tracing_id'])), path);
      }
    }
  });

  test('the answer has the shape of the newest documents', async () => {
    const { body } = await ask(server, '/evm/raw/blocks', { ...range, limit: 1 });
    const [first] = simulator.headers;
    const row = simulator.canonical()['0101'][0];
    const window = { ...range, from_timestamp: null, to_timestamp: null, chain_id: undefined };
    const { chain_id: _, ...asked } = window;
    assert.deepEqual(body['meta'], {
      chain_id: 1,
      request_window: asked,
      resolved_window: { ...asked, to_block: simulator.head.height - 3 },
      filters: { limit: 1, cursor: null },
    });
    assert.deepEqual(body['data'], [
      {
        ...row,
        _computed_receipt_root: row?.['receipt_root'],
        _computed_receipt_timestamp_utc: new Date((first?.timeMs ?? 0) + 1500).toISOString(),
      },
    ]);
    assert.deepEqual(Object.keys(body), ['meta', 'data', 'cursor', 'page_count']);
  });

  test('a range of times and direct selectors select too', async () => {
    const some = simulator.headers.slice(10, 14);
    const [from, to] = [some[0], some[3]].map((header) => new Date(header?.timeMs ?? 0));
    const byTime = {
      chain_id: 1,
      from_timestamp: from?.toISOString(),
      to_timestamp: to?.toISOString(),
    };
    const hashes = some.map(({ hash }) => hash);
    const timed = await ask(server, '/evm/raw/blocks', byTime);
    assert.deepEqual(
      dataOf(timed).map((row) => row['block_hash']),
      hashes,
    );
    const selected = await ask(server, '/evm/raw/blocks', {
      chain_id: 1,
      block_hashes: hashes.slice(1),
    });
    assert.deepEqual(
      dataOf(selected).map((row) => row['block_hash']),
      hashes.slice(1),
    );
    const calls = simulator.canonical()['0111'].filter((row) => row['call_type'] === 'CALL');
    const height = calls[0]?.['block_number'];
    const inner = await ask(server, '/evm/raw/internal-transactions', {
      chain_id: 1,
      block_numbers: [height],
      call_types: ['CALL'],
    });
    assert.deepEqual(
      dataOf(inner).map((row) => row['_tracing_id']),
      calls.filter((row) => row['block_number'] === height).map((row) => row['_tracing_id']),
    );
  });

  test('function results come by contract, newest first, or only the latest', async () => {
    const path = '/evm/raw/function-results';
    const rows = dataOf(await ask(server, path, { ...range, limit: 1000 }));
    const names = rows.map(
      (row) => `${row['contract_id']} ${99_999_999 - Number(row['block_number'])}`,
    );
    assert.deepEqual(names, [...names].sort());
    const latest = dataOf(await ask(server, path, { ...range, limit: 1000, latest_only: true }));
    const calls = latest.map((row) => `${row['contract_id']} ${row['call_data']}`);
    assert.equal(new Set(calls).size, calls.length);
    assert.equal(
      new Set(rows.map((row) => `${row['contract_id']} ${row['call_data']}`)).size,
      calls.length,
    );
  });

  test('what is not one range, known filters and a fair limit is refused with its name', async () => {
    const blocks = '/evm/raw/blocks';
    const refusals: readonly (readonly [body: unknown, status: number, wrong: unknown])[] = [
      ['{', 400, undefined],
      [[], 400, undefined],
      [{ from_block: 1, to_block: 2 }, 400, [{ name: 'chain_id', reason: 'invalid_value' }]],
      [{ chain_id: 1 }, 400, undefined],
      [{ ...range, from_timestamp: '2026-01-01T00:00:00Z' }, 400, undefined],
      [{ ...range, to_block: undefined }, 400, [{ name: 'to_block', reason: 'missing' }]],
      [{ ...range, to_block: 1 }, 400, [{ name: 'to_block', reason: 'invalid_value' }]],
      [{ ...range, limit: 0 }, 400, [{ name: 'limit', reason: 'invalid_value' }]],
      [{ ...range, limit: 1001 }, 413, undefined],
      [{ ...range, cursor: 'x' }, 400, [{ name: 'cursor', reason: 'invalid_value' }]],
      [{ ...range, fields: ['a'] }, 400, [{ name: 'fields', reason: 'unknown_parameter' }]],
      [
        { chain_id: 1, block_hashes: [`0x${'0'.repeat(62)}`] },
        400,
        [{ name: 'block_hashes[0]', reason: 'invalid_format' }],
      ],
    ];
    for (const [body, status, wrong] of refusals) {
      const answer = await ask(server, blocks, body);
      assert.equal(answer.status, status, JSON.stringify(body));
      assert.deepEqual(invalidOf(answer), wrong, JSON.stringify(body));
      assert.equal(codeOf(answer), status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST');
    }
    const { body } = await ask(server, blocks, { ...range, limit: 1 });
    const other = await ask(server, blocks, { ...range, limit: 2, cursor: body['cursor'] });
    assert.deepEqual(invalidOf(other), [{ name: 'cursor', reason: 'invalid_value' }]);
  });

  test('a key that is wrong, expired or not for the dataset is told apart', async () => {
    for (const token of ['nobody', 'old', 'toString']) {
      const answer = await ask(server, '/evm/raw/blocks', range, token);
      assert.deepEqual([answer.status, codeOf(answer)], [401, 'UNAUTHORIZED']);
    }
    const without = await read(
      await fetch(`${server.http}/evm/raw/blocks?api_key=${key}`, { method: 'POST' }),
    );
    assert.equal(without.status, 401);
    const logs = await ask(server, '/evm/raw/logs', range, 'raw');
    assert.deepEqual([logs.status, codeOf(logs)], [403, 'FORBIDDEN']);
    assert.equal((await ask(server, '/evm/raw/blocks', range, 'raw')).status, 200);
  });

  test('usage counts compute units, health needs no key, other paths are not found', async () => {
    const headers = { authorization: `Bearer ${key}` };
    const usage = async () => (await read(await fetch(`${server.http}/usage`, { headers }))).body;
    const { cu_used: before } = await usage();
    await ask(server, '/evm/tvl', range);
    await ask(server, '/evm/raw/logs', range);
    const { cu_used: used, plan } = await usage();
    assert.deepEqual([Number(used) - Number(before), plan], [101, 'growth']);
    const health = await fetch(`${server.http}/health`);
    assert.deepEqual(await health.json(), { status: 'ok' });
    assert.equal((await ask(server, '/evm/nothing', range)).status, 404);
    assert.equal((await fetch(`${server.http}/evm/raw/logs`, { headers })).status, 404);
  });

  test('the record of a handle is its latest copy; the handle of a fallen row is not found', async () => {
    const row = simulator.canonical()['0103'][0];
    const path = '/evm/lineage/record';
    const { body } = await ask(server, path, { chain_id: 1, tracing_id: row?.['_tracing_id'] });
    assert.deepEqual(body['data'], { dataset: '0103', record: row });
    assert.equal((await ask(server, path, { chain_id: 1, _tracing_id: 'ff' })).status, 404);
  });

  test('faults strike where they are armed, and 429 says when to come again', async () => {
    const logs = '/evm/raw/logs';
    simulator.faults.arm({
      name: 'rest-status',
      status: 429,
      retryAfterSeconds: 7,
      path: `/v1${logs}`,
    });
    assert.equal((await ask(server, '/evm/raw/blocks', range)).status, 200);
    const limited = await ask(server, logs, range);
    assert.deepEqual([limited.status, limited.headers.get('retry-after')], [429, '7']);
    assert.equal(limited.headers.get('x-ratelimit-limit'), '250');
    assert.equal((await ask(server, logs, range)).status, 200);
    simulator.faults.arm({ name: 'rest-status', times: 2 });
    assert.equal((await ask(server, logs, range)).status, 500);
    assert.equal((await ask(server, logs, range)).status, 500);
    simulator.faults.arm({ name: 'rest-truncated' });
    await assert.rejects(ask(server, logs, range), SyntaxError);
    simulator.faults.arm({ name: 'rest-reset' });
    await assert.rejects(ask(server, logs, range), /fetch failed/);
    const slow = simulator.faults.arm({ name: 'rest-delay' });
    const answer = ask(server, logs, range);
    await slow.struck;
    slow.clear();
    assert.equal((await answer).status, 200);
  });

  test('a lagging REST shows the chain as it was; a reorg can come between two pages', async () => {
    const blocks = '/evm/raw/blocks';
    const open = { ...range, to_block: simulator.head.height + 100, limit: 1000 };
    const before = dataOf(await ask(server, blocks, open)).length;
    const lag = simulator.faults.arm({ name: 'rest-lag' });
    simulator.produce(5);
    assert.equal(dataOf(await ask(server, blocks, open)).length, before);
    lag.clear();
    assert.equal(dataOf(await ask(server, blocks, open)).length, before + 5);
    const { hash } = simulator.head;
    simulator.faults.arm({ name: 'rest-reorg', depth: 2 });
    await ask(server, blocks, open);
    assert.equal(simulator.head.hash, hash);
    await ask(server, blocks, { ...open, limit: 10 });
    assert.notEqual(simulator.headers.at(-2)?.hash, hash);
  });
});

describe('the REST side of BlockDB by older documents', () => {
  async function withRest(
    rest: Partial<RestProfile>,
    use: (server: BlockdbServer, range: Item) => Promise<void>,
  ) {
    const simulator = new BlockdbSimulator({ seed: 'older', historyBlocks: 4, profile: { rest } });
    const server = await openBlockdbServer(simulator);
    const [first] = simulator.headers;
    try {
      await use(server, {
        chain_id: 1,
        from_block: first?.height,
        to_block: simulator.head.height,
      });
    } finally {
      await server.close();
    }
  }

  test('counts rows by `count`, without a resolved window, the pair at the root', async () => {
    await withRest({ responses: 'older', bufferBlocks: 0 }, async (server, range) => {
      const base_token_address = '11'.repeat(20);
      const answer = await ask(server, '/evm/prices/spot/crypto/vwap', {
        ...range,
        base_token_address,
      });
      assert.deepEqual(Object.keys(answer.body), [
        'chain_id',
        'base_token_address',
        'meta',
        'data',
        'cursor',
        'count',
      ]);
      assert.equal(answer.body['base_token_address'], base_token_address);
      assert.equal('resolved_window' in (answer.body['meta'] as Item), false);
    });
  });

  test('tells errors in the older words, and hides what is not public', async () => {
    const hiddenPaths = { '/v1/evm/arb/paths': 501 };
    await withRest({ errors: 'older', hiddenPaths }, async (server, range) => {
      const refused = await ask(server, '/evm/raw/blocks', {});
      assert.deepEqual([refused.status, codeOf(refused)], [400, 'INVALID_ARGUMENT']);
      assert.equal((await ask(server, '/evm/arb/paths', range)).status, 501);
    });
  });

  test('lenient, it takes the first kind of range that is there', async () => {
    await withRest({ isStrict: false, bufferBlocks: 0 }, async (server, range) => {
      const both = {
        ...range,
        from_timestamp: '2000-01-01T00:00:00Z',
        to_timestamp: '2000-01-02T00:00:00Z',
      };
      assert.equal(dataOf(await ask(server, '/evm/raw/blocks', both)).length, 4);
      assert.equal(dataOf(await ask(server, '/evm/raw/blocks', { chain_id: 1 })).length, 4);
    });
  });

  test('refuses all when the budget is used up or requests come too fast', async () => {
    await withRest({ computeUnits: 1 }, async (server, range) => {
      assert.equal((await ask(server, '/evm/raw/blocks', range)).status, 200);
      const answer = await ask(server, '/evm/raw/blocks', range);
      assert.deepEqual([answer.status, answer.headers.get('retry-after')], [429, '3600']);
    });
    await withRest({ requestsPerSecond: 0 }, async (server, range) => {
      const answer = await ask(server, '/evm/raw/blocks', range);
      assert.deepEqual([answer.status, codeOf(answer)], [429, 'RATE_LIMIT_EXCEEDED']);
    });
  });
});
