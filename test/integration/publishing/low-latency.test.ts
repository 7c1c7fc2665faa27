/** The low-latency publisher on one real broker. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DeferredRecord } from '../../../src/encoding/deferred-record.ts';
import type { EncodedRecord } from '../../../src/encoding/encoded-record.ts';
import { LowLatencyPublisher } from '../../../src/publishing/low-latency-publisher.ts';
import type { PublishingSettings } from '../../../src/publishing/settings.ts';
import { api, eventually, joinCluster, record, type TestCluster, valuesOf } from './cluster.ts';
import { checkpoint, publisherOptions } from './session.ts';

let cluster: TestCluster;
let checkpoints: string;

before(async () => {
  cluster = await joinCluster('low-latency');
  checkpoints = await cluster.topic('checkpoints', 1, { 'cleanup.policy': 'compact' });
});

after(() => cluster.stop());

const proxy = () => {
  const [first] = cluster.proxies;
  assert.ok(first);
  return first;
};

async function openLowLatency(
  source: string,
  generation = 1,
  publishing: Partial<PublishingSettings> = {},
) {
  const options = { source, checkpoints, generation, publishing };
  const parts = publisherOptions(cluster, options);
  const publisher = new LowLatencyPublisher({ ...parts.publisher, checkpointTopic: checkpoints });
  await publisher.open(AbortSignal.timeout(30_000));
  let sequence = 0;
  let encoded = 0;
  return {
    ...parts,
    /** How many checkpoints were encoded. */
    encoded: () => encoded,
    publish: async (records: readonly EncodedRecord[]) => {
      sequence += 1;
      const own = sequence;
      const sealed = new DeferredRecord(checkpoints, () => {
        encoded += 1;
        return checkpoint(options, own);
      });
      await publisher.publish({ records, sequence: own, seal: () => [sealed] });
    },
    close: () => publisher.close(),
  };
}

test('low latency keeps the order of each partition and writes its checkpoint on close', async () => {
  const topic = await cluster.topic('fast', 4);
  const session = await openLowLatency('fast');
  const expected: string[] = [];
  for (let batch = 0; batch < 20; batch += 1) {
    const values = [0, 1, 2, 3].map((partition) => `${batch}-${partition}`);
    expected.push(...values);
    await session.publish(values.map((value, partition) => record(topic, partition, value)));
  }
  await session.close();
  assert.deepEqual(await session.committed(), { generation: 1, sequence: 20 });
  const read = valuesOf(await cluster.committed(topic));
  const byPartition = [0, 1, 2, 3].flatMap((n) => expected.filter((v) => v.endsWith(`-${n}`)));
  assert.deepEqual(read, byPartition);
});

test('low latency: of the checkpoints that wait only the newest is encoded', async () => {
  const topic = await cluster.topic('fast-checkpoints');
  const session = await openLowLatency('fast-checkpoints', 1, { checkpointEveryMs: 60_000 });
  for (let batch = 0; batch < 10; batch += 1) await session.publish([record(topic, 0, `${batch}`)]);
  await session.close();
  assert.deepEqual(await session.committed(), { generation: 1, sequence: 10 });
  // The first is committed before anything else goes out.
  assert.equal(session.encoded(), 2);
});

test('low latency: a lost answer leaves the log in order', async () => {
  const topic = await cluster.topic('fast-poison', 2);
  const session = await openLowLatency('fast-poison');
  for (let batch = 0; batch < 6; batch += 1) {
    if (batch % 2 === 1) proxy().onRequest(api.produce, 'swallow-response');
    await session.publish([record(topic, 0, `${batch}`), record(topic, 1, `${batch}`)]);
  }
  await session.close();
  const read = await cluster.committed(topic);
  for (const partition of [0, 1]) {
    const values = valuesOf(read.filter((found) => found.partition === partition));
    assert.deepEqual([...new Set(values)], ['0', '1', '2', '3', '4', '5']);
  }
});

test('low latency: after a send was given up, the next batch is not taken for a duplicate', async () => {
  const topic = await cluster.topic('fast-given-up');
  const session = await openLowLatency('fast-given-up', 1, { attemptTimeoutMs: 700 });
  await session.publish([record(topic, 0, 'a')]);
  proxy().swallowResponses();
  const underWay = session.publish([record(topic, 0, 'b')]);
  await eventually('the producer is thrown away', () =>
    Promise.resolve(session.metrics.count('producer_recoveries') > 0),
  );
  proxy().pass();
  await underWay;
  for (const value of ['c', 'd', 'e']) await session.publish([record(topic, 0, value)]);
  await session.close();
  const values = valuesOf(await cluster.committed(topic));
  assert.deepEqual([...new Set(values)], ['a', 'b', 'c', 'd', 'e']);
});

test('low latency: a successor stops the older instance at its next checkpoint', async () => {
  const topic = await cluster.topic('fast-fenced');
  const old = await openLowLatency('fast-fenced', 1);
  await old.publish([record(topic, 0, 'a')]);
  // Its next checkpoint is what must be refused, not this one: that would be settled, not fenced.
  await eventually('the older instance wrote its checkpoint', async () => {
    return (await old.committed())?.generation === 1;
  });
  const successor = await openLowLatency('fast-fenced', 2);
  await successor.publish([record(topic, 0, 'b')]);
  await eventually('the successor wrote its checkpoint', async () => {
    return (await successor.committed())?.generation === 2;
  });
  await eventually('the older instance is fenced', () =>
    old.publish([record(topic, 0, 'zombie')]).then(
      () => false,
      (error) => {
        assert.equal(error.code, 'kafka.fenced');
        return true;
      },
    ),
  );
  await successor.publish([record(topic, 0, 'c')]);
  await Promise.all([old.close(), successor.close()]);
  assert.deepEqual(await successor.committed(), { generation: 2, sequence: 2 });
});

test('a process that closed its publisher and reader ends by itself', async () => {
  const script = fileURLToPath(new URL('./closing-process.ts', import.meta.url));
  const args = ['--import', 'tsx', script, cluster.kafka.brokers.join(','), checkpoints];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  const lingerMs = Number(stdout);
  // Without the close it would wait for its attempt, 10 s, or its request, 20 s.
  assert.ok(lingerMs < 6_000, `it lived on for ${stdout} ms`);
});
