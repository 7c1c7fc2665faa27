import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { type BlockdbServer, openBlockdbServer } from '../../../../src/devnet/blockdb/server.ts';
import { BlockdbSimulator } from '../../../../src/devnet/blockdb/simulator.ts';
import type { Item } from '../../../../src/devnet/simulator/json.ts';
import { RawStream } from '../../../support/blockdb/raw-stream.ts';

const dataOf = (frame: Item): Item => frame['data'] as Item;

describe('the stream of BlockDB', () => {
  let simulator: BlockdbSimulator;
  let server: BlockdbServer;
  let stream: RawStream;

  before(async () => {
    simulator = new BlockdbSimulator({ seed: 'stream' });
    server = await openBlockdbServer(simulator);
  });
  after(() => server.close());
  afterEach(() => stream.close());

  test('acknowledgements are those of the documents, in the order of the requests', async () => {
    stream = await RawStream.open(server.ws);
    for (const id of ['0101', '0103', '0304']) {
      stream.sendRaw(`{"action":"subscribe","chain_id":1,"dataset_id":"${id}","params":{}}`);
    }
    stream.sendRaw('{"action":"unsubscribe","chain_id":1,"dataset_id":"0103"}');
    assert.equal(
      await stream.next(),
      '{"action":"subscribe","chain_id":1,"dataset_id":"0101","status":"success"}',
    );
    assert.equal(
      await stream.next(),
      '{"action":"subscribe","chain_id":1,"dataset_id":"0103","status":"success"}',
    );
    assert.match(await stream.next(), /"dataset_id":"0304","status":"success"/);
    assert.equal(
      await stream.next(),
      '{"action":"unsubscribe","chain_id":1,"dataset_id":"0103","status":"success"}',
    );
  });

  test('an update is one row in its envelope, members in the order of the documents', async () => {
    stream = await RawStream.open(server.ws);
    await stream.subscribe('0101');
    const head = simulator.produce();
    const frame = await stream.next();
    const row = simulator.canonical()['0101'].at(-1);
    assert.equal(
      frame,
      `{"chain_id":1,"dataset_id":"0101","is_reorg":false,"data":${JSON.stringify(row)}}`,
    );
    assert.deepEqual(Object.keys(row ?? {}), [
      'block_number',
      'block_hash',
      'parent_block_hash',
      'receipt_root',
      'miner',
      'gas_limit',
      'extra_data',
      'size',
      'timestamp_utc',
      '_tracing_id',
      '_created_at',
      '_updated_at',
    ]);
    assert.equal(row?.['block_hash'], head.hash);
    assert.equal(row?.['timestamp_utc'], new Date(head.timeMs).toISOString());
  });

  test('a reorganization is told by corrections from the fork upwards and by nothing else', async () => {
    stream = await RawStream.open(server.ws);
    await stream.subscribe('0101');
    const before = simulator.headers;
    simulator.reorganize({ depth: 3 });
    const frames = await stream.take(4);
    const fork = before.at(-4);
    const heights = frames.map((frame) => dataOf(frame)['block_number']);
    assert.deepEqual(
      heights,
      [1, 2, 3, 4].map((n) => (fork?.height ?? 0) + n),
    );
    assert.deepEqual(
      frames.map((frame) => frame['is_reorg']),
      [true, true, true, false],
    );
    assert.equal(dataOf(frames[0] ?? {})['parent_block_hash'], fork?.hash);
    for (const [n, frame] of frames.entries()) {
      assert.notEqual(dataOf(frame)['block_hash'], before.at(n - 3)?.hash);
    }
    assert.deepEqual(await stream.drain(), []);
  });

  test('a branch that comes back has its old hashes', async () => {
    stream = await RawStream.open(server.ws);
    const before = simulator.headers.slice(-2);
    simulator.reorganize({ depth: 2 });
    await stream.subscribe('0101');
    simulator.restoreBranch();
    const frames = await stream.take(4);
    assert.deepEqual(
      frames.slice(0, 2).map((frame) => dataOf(frame)['block_hash']),
      before.map(({ hash }) => hash),
    );
    assert.deepEqual(
      frames.map((frame) => frame['is_reorg']),
      [true, true, true, false],
    );
  });

  test('bars that a reorganization took back, and no new block touched, are told', async () => {
    stream = await RawStream.open(server.ws);
    const [usd, eth] = simulator.cast.tokens.map(({ address }) => address);
    const day = () =>
      simulator
        .canonical()
        ['0404'].filter((bar) => bar['bucket_seconds'] === 86_400)
        .filter((bar) =>
          [bar['token_in'], bar['token_out']].every((one) => one === usd || one === eth),
        );
    simulator.produce(10);
    const before = day();
    const params = { base_token_address: eth ?? '', quote_token_address: usd ?? '' };
    await stream.subscribe('0404', { ...params, aggregation_interval: '1d' });
    simulator.reorganize({ depth: 10, newBlocks: 10, content: { isEmpty: true } });
    const frames = await stream.drain();
    const after = day();
    const changed = after.filter(
      (bar) =>
        !before.some(
          (one) =>
            one['trades_count'] === bar['trades_count'] &&
            one['token_in'] === bar['token_in'] &&
            one['pool_uid'] === bar['pool_uid'],
        ),
    );
    assert.ok(changed.length > 0);
    assert.ok(frames.every((frame) => frame['is_reorg'] === true));
    for (const bar of changed) assert.ok(frames.some((frame) => isEqual(dataOf(frame), bar)));
  });

  test('what a client heard, corrected by key, is the chain but for rows that fell', async () => {
    stream = await RawStream.open(server.ws);
    for (const id of ['0101', '0102', '0103', '0304']) await stream.subscribe(id);
    const first = simulator.head.height + 1;
    simulator.produce(6);
    simulator.reorganize({ depth: 4 });
    simulator.produce(2);
    const heard = new Map<string, Item>();
    for (const frame of await stream.drain()) {
      const data = dataOf(frame);
      const place = [data['tx_index'], data['log_index'], data['trace_address'], data['token_id']];
      heard.set(JSON.stringify([frame['dataset_id'], data['block_number'], ...place]), data);
    }
    const canonical = simulator.canonical();
    for (const id of ['0101', '0102', '0103', '0304'] as const) {
      const rows = canonical[id].filter((row) => Number(row['block_number']) >= first);
      assert.ok(rows.length > 0);
      const own = [...heard].filter(([key]) => key.startsWith(`["${id}"`)).map(([, row]) => row);
      for (const row of rows) assert.ok(own.some((one) => isEqual(one, row)));
    }
  });
});

function isEqual(a: Item, b: Item): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
