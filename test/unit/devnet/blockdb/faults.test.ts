import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { type FaultRequest, faultNames } from '../../../../src/devnet/blockdb/faults.ts';
import { type BlockdbServer, openBlockdbServer } from '../../../../src/devnet/blockdb/server.ts';
import { BlockdbSimulator } from '../../../../src/devnet/blockdb/simulator.ts';
import type { Item } from '../../../../src/devnet/simulator/json.ts';
import { RawStream } from '../../../support/blockdb/raw-stream.ts';

const dataOf = (frame: Item | undefined): Item => (frame?.['data'] ?? {}) as Item;

describe('the stream of BlockDB under faults', () => {
  let simulator: BlockdbSimulator;
  let server: BlockdbServer;
  let stream: RawStream;

  before(async () => {
    simulator = new BlockdbSimulator({ seed: 'faults' });
    server = await openBlockdbServer(simulator);
  });
  after(() => server.close());
  afterEach(() => {
    stream?.close();
    simulator.faults.clear();
  });

  const arm = (request: FaultRequest) => simulator.faults.arm(request);
  const open = async (): Promise<RawStream> => {
    stream = await RawStream.open(server.ws);
    return stream;
  };
  const heightsOf = (frames: readonly Item[]) =>
    frames.map((frame) => Number(dataOf(frame)['block_number']) - simulator.head.height);

  /** What came of some blocks on 0101 when the fault was armed after subscribing. */
  async function afterFault(request: FaultRequest, blocks: number): Promise<readonly Item[]> {
    await (await open()).subscribe('0101');
    arm({ dataset: '0101', ...request });
    simulator.produce(blocks);
    return stream.drain();
  }

  test('an upgrade is refused by any status, reset, never answered, or closed after it', async () => {
    arm({ name: 'upgrade-status' });
    await assert.rejects(open(), /response: 401/);
    arm({ name: 'upgrade-status', status: 429, retryAfterSeconds: 3 });
    await assert.rejects(open(), /response: 429/);
    arm({ name: 'upgrade-reset' });
    await assert.rejects(open(), /hang up|ECONNRESET/);
    const hang = arm({ name: 'upgrade-hang' });
    const waiting = assert.rejects(open());
    await hang.struck;
    await server.close();
    await waiting;
    server = await openBlockdbServer(simulator);
    arm({ name: 'upgrade-close' });
    assert.deepEqual(await (await open()).whenClosed(), [1008, 'invalid credential']);
    arm({ name: 'upgrade-close', code: 1011 });
    assert.equal((await (await open()).whenClosed())[0], 1011);
  });

  test('an acknowledgement never comes though updates do, or comes after one', async () => {
    arm({ name: 'ack-never' });
    (await open()).sendRaw('{"action":"subscribe","chain_id":1,"dataset_id":"0101","params":{}}');
    assert.deepEqual(await stream.drain(), []);
    simulator.produce();
    assert.deepEqual(heightsOf(await stream.take(1)), [0]);
    arm({ name: 'update-before-ack', dataset: '0103' });
    stream.sendRaw('{"action":"subscribe","chain_id":1,"dataset_id":"0103","params":{}}');
    const [update, ack] = await stream.take(2);
    assert.deepEqual([update?.['dataset_id'], ack?.['status']], ['0103', 'success']);
  });

  test('an acknowledgement is late, or an error that may be tried again or may not', async () => {
    const late = arm({ name: 'ack-late' });
    (await open()).sendRaw('{"action":"subscribe","chain_id":1,"dataset_id":"0101"}');
    await late.struck;
    simulator.produce();
    late.clear();
    const [update, ack] = await stream.take(2);
    assert.deepEqual([update?.['is_reorg'], ack?.['status']], [false, 'success']);
    for (const retryable of [true, false]) {
      arm({ name: 'ack-error', text: 'RATE_LIMITED', retryable });
      const answer = await stream.ask({ action: 'subscribe', chain_id: 1, dataset_id: '0102' });
      assert.ok(answer.includes('"code":"RATE_LIMITED"'));
      assert.ok(answer.includes(`"retryable":${retryable}`));
    }
  });

  test('after a new subscription the last block is sent again', async () => {
    arm({ name: 'resend-after-subscribe' });
    await (await open()).subscribe('0101');
    assert.deepEqual(heightsOf(await stream.drain()), [0]);
  });

  test('updates are dropped, lost for a while, doubled, or held back', async () => {
    assert.deepEqual(heightsOf(await afterFault({ name: 'drop' }, 2)), [0]);
    assert.deepEqual(heightsOf(await afterFault({ name: 'gap' }, 3)), []);
    simulator.faults.clear('gap');
    assert.deepEqual(heightsOf(await afterFault({ name: 'duplicate' }, 1)), [0, 0]);
    assert.deepEqual(heightsOf(await afterFault({ name: 'hold' }, 2)), []);
    simulator.faults.clear('hold');
    assert.deepEqual(heightsOf(await stream.drain()), [-1, 0]);
  });

  test('the rows of a block come in reverse order', async () => {
    await (await open()).subscribe('0102');
    arm({ name: 'out-of-order', dataset: '0102' });
    simulator.produce(1, { transactions: 4, isEmpty: false, keeps: 'none' });
    const indexes = (await stream.drain()).map((frame) => dataOf(frame)['tx_index']);
    assert.deepEqual(indexes, [3, 2, 1, 0]);
  });

  test('a row that was corrected comes again', async () => {
    await (await open()).subscribe('0101');
    const { hash } = simulator.head;
    arm({ name: 'stale-row' });
    simulator.reorganize({ depth: 1 });
    const frames = await stream.drain();
    assert.deepEqual(
      frames.map((frame) => frame['is_reorg']),
      [true, false, false],
    );
    assert.equal(dataOf(frames[1])['block_hash'], hash);
  });

  test('rows are of a block never announced, lack a member, have no number, have one too many', async () => {
    assert.deepEqual(heightsOf(await afterFault({ name: 'orphan-row' }, 1)), [1000]);
    const [lacking] = await afterFault({ name: 'missing-field' }, 1);
    assert.equal('block_number' in dataOf(lacking), false);
    const [hashless] = await afterFault({ name: 'missing-field', text: 'block_hash' }, 1);
    assert.equal('block_hash' in dataOf(hashless), false);
    const [bad] = await afterFault({ name: 'bad-number', text: 'size' }, 1);
    assert.equal(dataOf(bad)['size'], '12x');
    const [strange] = await afterFault({ name: 'unknown-field' }, 1);
    assert.deepEqual(strange?.['future_member'], dataOf(strange)['future_member']);
    assert.ok(strange?.['future_member'] !== undefined);
  });

  test('frames that nobody knows come before an update', async () => {
    const [alien, update] = await afterFault({ name: 'unknown-dataset' }, 1);
    assert.deepEqual([alien?.['dataset_id'], update?.['dataset_id']], ['9999', '0101']);
    const [notice] = await afterFault({ name: 'unknown-frame' }, 1);
    assert.equal(notice?.['type'], 'notice');
    await (await open()).subscribe('0101');
    arm({ name: 'error-frame' });
    simulator.produce();
    const [error] = await stream.take(1);
    assert.deepEqual(Object.keys(error ?? {}), ['error']);
  });

  test('a frame is half of JSON, any text, binary, an array, or huge', async () => {
    await (await open()).subscribe('0101');
    arm({ name: 'malformed-frame' });
    simulator.produce();
    const half = await stream.next();
    assert.throws(() => JSON.parse(half), SyntaxError);
    arm({ name: 'malformed-frame', text: 'nonsense' });
    simulator.produce();
    assert.equal(await stream.next(), 'nonsense');
    assert.equal(stream.binaryFrames, 0);
    arm({ name: 'binary-frame' });
    simulator.produce();
    assert.deepEqual(heightsOf(await stream.take(1)), [0]);
    assert.equal(stream.binaryFrames, 1);
    arm({ name: 'array-frame' });
    simulator.produce();
    const text = await stream.next();
    assert.ok(text.startsWith('[{"chain_id":1,'));
    arm({ name: 'huge-frame' });
    simulator.produce();
    assert.ok((await stream.next()).length > 8_000_000);
  });

  test('the socket dies in the middle of an update, or is closed as a slow one', async () => {
    await (await open()).subscribe('0101');
    arm({ name: 'cut-message' });
    simulator.produce();
    assert.equal((await stream.whenClosed())[0], 1006);
    await (await open()).subscribe('0101');
    arm({ name: 'slow-consumer' });
    simulator.produce();
    assert.deepEqual(await stream.whenClosed(), [1013, 'slow consumer']);
  });

  test('a half-open connection hears and says nothing; without pings updates still come', async () => {
    const quiet = new BlockdbSimulator({ seed: 'quiet', timing: { pingMs: 5 } });
    const quietServer = await openBlockdbServer(quiet);
    stream = await RawStream.open(quietServer.ws);
    await stream.subscribe('0101');
    await stream.untilPings(2);
    quiet.faults.arm({ name: 'no-pings' });
    const { pings } = stream;
    quiet.produce(3);
    await stream.take(3);
    assert.ok(stream.pings <= pings + 1);
    quiet.faults.clear('no-pings');
    const mute = quiet.faults.arm({ name: 'mute' });
    quiet.produce(2);
    stream.sendRaw('{"action":"subscribe","chain_id":1,"dataset_id":"0102"}');
    mute.clear();
    quiet.produce(1);
    assert.equal(dataOf((await stream.take(1))[0])['block_number'], quiet.head.height);
    await quietServer.close();
  });

  test('a fault strikes only where somebody listens, so often as it is told', async () => {
    await (await open()).subscribe('0101');
    const other = arm({ name: 'drop', dataset: '0103', times: 1 });
    const twice = arm({ name: 'drop', dataset: '0101', times: 2 });
    simulator.produce(3, { isEmpty: false, transactions: 5 });
    assert.deepEqual(heightsOf(await stream.drain()), [0]);
    await twice.over;
    assert.deepEqual(
      simulator.faults.armed.map(({ dataset }) => dataset),
      ['0103'],
    );
    other.clear();
    assert.equal(simulator.faults.armed.length, 0);
    assert.ok(Object.keys(faultNames).length > 30);
  });
});
