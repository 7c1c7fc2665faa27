import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { DatasetId } from '../../../../src/devnet/blockdb/chain/datasets.ts';
import { type BlockdbServer, openBlockdbServer } from '../../../../src/devnet/blockdb/server.ts';
import {
  BlockdbSimulator,
  type SimulatorOptions,
} from '../../../../src/devnet/blockdb/simulator.ts';
import { type Item, isItem } from '../../../../src/devnet/simulator/json.ts';
import { RawStream } from '../../../support/blockdb/raw-stream.ts';

const keys = {
  good: {},
  small: { datasets: ['0101'], connectionsMax: 1 },
  old: { isExpired: true },
} as const;

const memberOf = (item: Item, name: string): Item => (isItem(item[name]) ? item[name] : {});

async function withServer(
  options: SimulatorOptions,
  use: (server: BlockdbServer, simulator: BlockdbSimulator) => Promise<void>,
): Promise<void> {
  const simulator = new BlockdbSimulator({ seed: 'session', ...options });
  const server = await openBlockdbServer(simulator);
  try {
    await use(server, simulator);
  } finally {
    await server.close();
  }
}

describe('a session of the BlockDB stream', () => {
  let simulator: BlockdbSimulator;
  let server: BlockdbServer;
  let stream: RawStream | undefined;

  before(async () => {
    simulator = new BlockdbSimulator({ seed: 'session', historyBlocks: 30, keys });
    server = await openBlockdbServer(simulator);
  });
  after(() => server.close());
  afterEach(() => {
    stream?.close();
    simulator.faults.clear();
  });

  const open = async (key: string | null = 'good', url = server.ws): Promise<RawStream> => {
    stream = await RawStream.open(url, { key });
    return stream;
  };

  test('a key comes in the header or in the URL; the header wins', async () => {
    for (const path of ['/v1/evm', '/v1/evm/', '/v1/evm/stream']) {
      const url = server.ws.replace('/v1/evm/', path);
      (await open('good', url)).close();
      (await open(null, `${url}?api_key=good`)).close();
      (await open('good', `${url}?api_key=bad`)).close();
      await assert.rejects(open('bad', `${url}?api_key=good`), /Unexpected server response: 401/);
    }
  });

  test('a wrong, expired or missing key is refused with 401, another path with 404', async () => {
    for (const key of ['bad', 'old', 'constructor', null]) {
      await assert.rejects(open(key), /Unexpected server response: 401/);
    }
    await assert.rejects(open('good', server.ws.replace('evm', 'sol')), /response: 404/);
  });

  test('a plan has its datasets and its connections', async () => {
    const first = await open('small');
    await assert.rejects(RawStream.open(server.ws, { key: 'small' }), /response: 429/);
    await first.subscribe('0101');
    assert.equal(
      await first.ask({ action: 'subscribe', chain_id: 1, dataset_id: '0103', params: {} }),
      '{"action":"subscribe","chain_id":1,"dataset_id":"0103","status":"error","error":{"code":"FORBIDDEN",' +
        '"message":"The plan does not include this dataset","severity":"error","retryable":false,' +
        '"docs_url":"https://docs.blockdb.io/wss-reference/overview/errors"}}',
    );
  });

  test('the error of a bad parameter is that of the documents', async () => {
    const address = '11'.repeat(20);
    const request = { action: 'subscribe', chain_id: 1, dataset_id: '0103' };
    const answer = await (await open()).ask({
      ...request,
      params: { contract_addresses: [address, `0x${address}`] },
    });
    assert.equal(
      answer,
      '{"action":"subscribe","chain_id":1,"dataset_id":"0103","status":"error","error":{"code":"BAD_REQUEST",' +
        '"message":"Invalid parameter","hint":"Use 20-byte hex without 0x","severity":"error","retryable":false,' +
        '"details":{"invalid_parameters":[{"name":"params.contract_addresses[1]","reason":"invalid_format"}]},' +
        '"docs_url":"https://docs.blockdb.io/wss-reference/overview/errors"}}',
    );
  });

  test('whatever is wrong is named', async () => {
    const client = await open();
    const subscribe = { action: 'subscribe', chain_id: 1, params: {} };
    const pair = { base_token_address: '11'.repeat(20), quote_token_address: '22'.repeat(20) };
    const refusals: readonly (readonly [frame: Item, name: string, reason: string])[] = [
      [{ ...subscribe, action: 'replay', dataset_id: '0101' }, 'action', 'invalid_value'],
      [{ ...subscribe, chain_id: 5, dataset_id: '0101' }, 'chain_id', 'invalid_value'],
      [{ ...subscribe, dataset_id: '0999' }, 'dataset_id', 'invalid_value'],
      [{ ...subscribe, dataset_id: 101 }, 'dataset_id', 'invalid_value'],
      [{ ...subscribe, dataset_id: '0101', params: [] }, 'params', 'invalid_type'],
      [
        { ...subscribe, dataset_id: '0101', params: { from_block: 1 } },
        'params.from_block',
        'unknown_parameter',
      ],
      [
        { ...subscribe, dataset_id: '0103', params: { topic_zeros: ['ddf2'] } },
        'params.topic_zeros[0]',
        'invalid_format',
      ],
      [
        { ...subscribe, dataset_id: '0103', params: { topic_zeros: 'dd' } },
        'params.topic_zeros',
        'invalid_type',
      ],
      [
        { ...subscribe, dataset_id: '0102', params: { status_success: 1 } },
        'params.status_success',
        'invalid_type',
      ],
      [
        { ...subscribe, dataset_id: '0304', params: { transfer_types: ['erc9'] } },
        'params.transfer_types[0]',
        'invalid_value',
      ],
      [
        { ...subscribe, dataset_id: '0404', params: { ...pair, aggregation_interval: '2m' } },
        'params.aggregation_interval',
        'invalid_value',
      ],
      [
        { ...subscribe, dataset_id: '0405', params: { base_token_address: '11'.repeat(20) } },
        'params.quote_token_address',
        'missing',
      ],
    ];
    for (const [frame, name, reason] of refusals) {
      client.sendRaw(JSON.stringify(frame));
      const [answer = {}] = await client.take(1);
      const { details = {} } = memberOf(answer, 'error');
      assert.deepEqual(details, { invalid_parameters: [{ name, reason }] });
      assert.deepEqual(answer['dataset_id'], frame['dataset_id']);
    }
    client.sendRaw('{"action":');
    const [error] = await client.take(1);
    assert.ok(error !== undefined && error['action'] === undefined && isItem(error['error']));
    const unknown = { action: 'unsubscribe', chain_id: 1, dataset_id: '0101' };
    assert.match(await client.ask(unknown), /"status":"error".*"message":"Not subscribed"/);
  });

  test('filters: any value of a list, all filters together', async () => {
    const client = await open();
    const { cast } = simulator;
    const [usd, eth] = cast.tokens.map(({ address }) => address);
    const pair = { base_token_address: eth ?? '', quote_token_address: usd ?? '' };
    const from = cast.accounts.slice(0, 6);
    const pools = cast.pools.slice(0, 2).map(({ uid }) => uid);
    const filters: readonly (readonly [DatasetId, Item, (row: Item) => boolean])[] = [
      [
        '0102',
        { from_addresses: from, status_success: true },
        (row) => from.includes(String(row['from_address'])) && row['status_success'] === true,
      ],
      [
        '0304',
        { transfer_types: ['erc20'], token_addresses: [usd ?? ''] },
        (row) => row['transfer_type'] === 2 && row['token_address'] === usd,
      ],
      [
        '0302',
        pair,
        (row) => [row['token_in'], row['token_out']].sort().join() === [usd, eth].sort().join(),
      ],
      ['0404', pair, (row) => row['bucket_seconds'] === 60 && row['token_in'] !== row['token_out']],
      [
        '0301',
        { pool_uids: pools, include_details: true },
        (row) => pools.includes(String(row['pool_uid'])),
      ],
      [
        '0501',
        { base_token_address: eth ?? '', quote_currency_code: 'USD' },
        (row) => row['token_address'] === eth,
      ],
    ];
    for (const [dataset, params] of filters) await client.subscribe(dataset, params);
    simulator.produce(40);
    const updates = await client.drain();
    for (const [dataset, , isRight] of filters) {
      const rows = updates
        .filter((one) => one['dataset_id'] === dataset)
        .map((one) => one['data'] as Item);
      assert.ok(rows.length > 0, dataset);
      assert.ok(rows.every(isRight), dataset);
    }
    assert.ok(updates.some((one) => (one['data'] as Item)['details'] !== undefined));
  });

  test('nothing comes after unsubscribing, nor to who never subscribed', async () => {
    const client = await open();
    await client.subscribe('0101');
    simulator.produce();
    assert.equal((await client.drain()).length, 1);
    await client.ask({ action: 'unsubscribe', chain_id: 1, dataset_id: '0101' });
    simulator.produce(2);
    assert.deepEqual(await client.drain(), []);
  });

  test('a reorganization while the client was away is flagged when it comes again', async () => {
    const client = await open();
    await client.subscribe('0101');
    client.close();
    await client.whenClosed();
    simulator.reorganize({ depth: 2 });
    const again = await open();
    await again.subscribe('0101');
    simulator.reorganize({ depth: 1 });
    const [frame = {}] = await again.take(1);
    assert.equal(frame['is_reorg'], true);
    assert.equal((frame['data'] as Item)['block_number'], simulator.head.height - 1);
  });
});

describe('a session of the BlockDB stream in time', () => {
  test('pings come, and a connection without a subscription is closed', async () => {
    await withServer({ timing: { pingMs: 5, idleMs: 1000 } }, async (server) => {
      const idle = await RawStream.open(server.ws);
      const busy = await RawStream.open(server.ws);
      await busy.subscribe('0101');
      assert.deepEqual(await idle.whenClosed(), [1000, 'idle']);
      await busy.untilPings(3);
      await busy.ask({ action: 'unsubscribe', chain_id: 1, dataset_id: '0101' });
      assert.deepEqual(await busy.whenClosed(), [1000, 'idle']);
    });
  });

  test('a client that answers no ping is cut off', async () => {
    await withServer({ timing: { pingMs: 5, idleMs: 1000 } }, async (server) => {
      const deaf = await RawStream.open(server.ws, { autoPong: false });
      await deaf.subscribe('0101');
      assert.equal((await deaf.whenClosed())[0], 1006);
    });
  });

  test('a reader that is too slow is closed with 1013', async () => {
    const profile = { profile: { members: 'every' as const } };
    await withServer(
      { ...profile, timing: { bufferedBytesMax: 100_000 } },
      async (server, simulator) => {
        const slow = await RawStream.open(server.ws);
        await slow.subscribe('0103');
        slow.pause();
        for (let n = 0; n < 50 && simulator.stream.connections[0]?.isOpen === true; n += 1) {
          simulator.produce(20);
        }

        slow.resume();
        assert.deepEqual(await slow.whenClosed(), [1013, 'slow consumer']);
      },
    );
  });

  test('a refused key may also see the socket open, and close with 1008', async () => {
    await withServer({ profile: { refusal: 'close' } }, async (server) => {
      const refused = await RawStream.open(server.ws, { key: 'bad' });
      assert.deepEqual(await refused.whenClosed(), [1008, 'invalid credential']);
    });
  });
});
