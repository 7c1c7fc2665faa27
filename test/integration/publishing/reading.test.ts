/** Readers and topics on one real broker. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readLatest } from '../../../src/publishing/latest-record.ts';
import { follow } from '../../../src/publishing/partition-follower.ts';
import { PartitionReader } from '../../../src/publishing/partition-reader.ts';
import { type TopicSpec, topicConfig } from '../../../src/publishing/topic-plan.ts';
import { Topics } from '../../../src/publishing/topics.ts';
import {
  api,
  clock,
  eventually,
  joinCluster,
  record,
  silent,
  type TestCluster,
  valuesOf,
} from './cluster.ts';
import { openSession } from './session.ts';

let cluster: TestCluster;
let checkpoints: string;
let reader: PartitionReader;

before(async () => {
  cluster = await joinCluster('reading');
  checkpoints = await cluster.topic('checkpoints', 1, { 'cleanup.policy': 'compact' });
  reader = new PartitionReader({
    kafka: cluster.kafka,
    clock,
    logger: silent,
    stallTimeoutMs: 8_000,
  });
});

after(async () => {
  reader.close();
  await cluster.stop();
});

const proxy = () => {
  const [first] = cluster.proxies;
  assert.ok(first);
  return first;
};

test('a range is read up to its last offset, without records of aborted transactions', async () => {
  const topic = await cluster.topic('range', 2);
  const session = await openSession(cluster, { source: 'range', checkpoints, generation: 1 });
  for (let batch = 0; batch < 8; batch += 1) {
    if (batch % 2 === 1) proxy().onRequest(api.endTxn, 'cut-before');
    await session.publish([record(topic, 0, `${batch}`), record(topic, 1, `${batch}`)]);
  }
  await session.close();
  const first = session.seals.at(4)?.[0] ?? -1;
  const last = session.seals.at(9)?.[0] ?? -1;
  const read: number[] = [];
  const values: string[] = [];
  const ranges = [{ topic, partition: 0, firstOffset: first, lastOffset: last }];
  for await (const records of reader.readRange({ ranges, isolation: 'read_committed' })) {
    read.push(...records.map(({ offset }) => offset));
    values.push(...valuesOf(records));
  }
  assert.equal(read[0] ?? -1, first === read[0] ? first : read[0]);
  assert.ok(read.every((offset) => offset >= first && offset <= last));
  assert.deepEqual(values, [...new Set(values)]);
  const all = valuesOf(await cluster.committed(topic));
  assert.deepEqual(all.slice(0, 8), ['0', '1', '2', '3', '4', '5', '6', '7']);
  const uncommitted: string[] = [];
  const whole = [{ topic, partition: 0, firstOffset: 0, lastOffset: last }];
  for await (const records of reader.readRange({ ranges: whole, isolation: 'read_uncommitted' })) {
    uncommitted.push(...valuesOf(records));
  }
  assert.ok(uncommitted.length > new Set(uncommitted).size);
});

test('reading to the end waits for an open transaction and says so when it takes too long', async () => {
  const topic = await cluster.topic('open');
  const session = await openSession(cluster, { source: 'open', checkpoints, generation: 1 });
  const fault = proxy().onRequest(api.endTxn, 'hold');
  const underWay = session.publish([record(topic, 0, 'a')]);
  await fault.struck;
  const { latest, lastStable } = await reader.offsets({ topic, partition: 0 });
  assert.deepEqual({ latest, lastStable }, { latest: 1, lastStable: 0 });
  const impatient = new PartitionReader({
    kafka: cluster.direct,
    clock,
    logger: silent,
    stallTimeoutMs: 300,
  });
  const reading = (async () => {
    for await (const records of impatient.readToEnd({ topic, partition: 0, fromOffset: 0 })) {
      assert.fail(`read ${records.length} undecided records`);
    }
  })();
  await assert.rejects(reading, /still open/);
  impatient.close();
  fault.release();
  await underWay;
  assert.deepEqual(valuesOf(await cluster.committed(topic)), ['a']);
  await session.close();
});

test('reading goes on after the connection is cut', async () => {
  const topic = await cluster.topic('cut-reading');
  const session = await openSession(cluster, { source: 'cut-reading', checkpoints, generation: 1 });
  for (const value of ['a', 'b', 'c']) await session.publish([record(topic, 0, value)]);
  await session.close();
  for (const action of ['cut-before', 'cut-after'] as const) {
    const fault = proxy().onRequest(1, action);
    const values: string[] = [];
    for await (const records of reader.readToEnd({ topic, partition: 0, fromOffset: 0 })) {
      values.push(...valuesOf(records));
    }
    await fault.struck;
    assert.deepEqual(values, ['a', 'b', 'c']);
  }
});

test('the newest record of a key is found far from the end, and a tombstone hides it', async () => {
  const topic = await cluster.topic('latest', 1, { 'cleanup.policy': 'compact' });
  const session = await openSession(cluster, { source: 'latest', checkpoints, generation: 1 });
  const keyed = (key: string, value: string | null) => ({
    ...record(topic, 0, 'x'),
    key: Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  });
  const find = async (wanted: string) => {
    const isKey = (key: Buffer): boolean => key.toString() === wanted;
    return (await readLatest(reader, { topic, partition: 0, isKey }))?.value.toString() ?? null;
  };
  assert.equal(await find('a'), null);
  await session.publish([keyed('a', 'old'), keyed('a', 'new'), keyed('gone', 'there')]);
  await session.publish([keyed('gone', null)]);
  await session.publish(Array.from({ length: 3_000 }, (_, n) => keyed(`other-${n}`, 'x')));
  assert.deepEqual(await Promise.all(['a', 'gone', 'never'].map(find)), ['new', null, null]);
  await session.close();
});

test('following sees old and new records of all partitions, and waits for a topic that is not there', async () => {
  const topic = await cluster.topic('follow', 2);
  const session = await openSession(cluster, { source: 'follow', checkpoints, generation: 1 });
  await session.publish([record(topic, 0, 'before')]);
  const stop = new AbortController();
  const request = { isolation: 'read_committed', signal: stop.signal } as const;
  const options = { kafka: cluster.kafka, clock, logger: silent, stallTimeoutMs: 8_000 };
  const seen: string[] = [];
  const missing: string[] = [];
  const following = (async () => {
    const topics = [topic, 'not-there-yet'];
    const onMissing = (names: readonly string[]) => missing.push(...names);
    const all = { ...request, topics, from: 'beginning', onMissing } as const;
    for await (const records of follow(options, all)) {
      seen.push(...valuesOf(records));
    }
  })();
  await eventually('the old record', async () => seen.includes('before'));
  await session.publish([record(topic, 1, 'after')]);
  await eventually('the new record', async () => seen.includes('after'));
  stop.abort();
  await following;
  await session.close();
  assert.deepEqual(seen, ['before', 'after']);
  assert.deepEqual(missing, ['not-there-yet']);
});

test('missing topics are planned and created once, by two creators at the same time', async () => {
  const topics = new Topics(cluster.kafka, silent);
  const settings = { retentionMs: -1, recordBytesMax: 1_000_000 };
  const spec = (name: string, kind: TopicSpec['kind'], partitions: number): TopicSpec => ({
    name,
    kind,
    partitions,
    replicationFactor: -1,
    config: topicConfig(kind, settings),
  });
  const desired = [
    spec('planned.logs', 'changelog', 3),
    spec('planned.control', 'control', 1),
    spec('planned.checkpoints', 'checkpoints', 1),
  ];
  const plan = await topics.plan(desired);
  assert.deepEqual(
    plan.map(({ what }) => what),
    ['missing', 'missing', 'missing'],
  );
  const [one, two] = await Promise.all([
    topics.apply(desired, { grow: false }),
    topics.apply(desired, { grow: false }),
  ]);
  assert.deepEqual([one, two], [[], []]);
  const wider = [
    spec('planned.logs', 'changelog', 5),
    { ...spec('planned.control', 'control', 1), config: { 'cleanup.policy': 'compact' } },
  ];
  const differences = await topics.apply(wider, { grow: false });
  assert.deepEqual(
    differences.map(({ topic, what, found, isBlocking }) => [topic, what, found, isBlocking]),
    [
      ['planned.logs', 'partitions', '3', true],
      ['planned.control', 'cleanup.policy', 'delete', true],
    ],
  );
  await topics.apply(wider, { grow: true });
  const counts = await topics.partitionCounts(['planned.logs', 'planned.control', 'nowhere']);
  const expected = new Map([
    ['planned.control', 1],
    ['planned.logs', 5],
  ]);
  assert.deepEqual(counts, expected);
});

test('an unreachable broker is named as such', async () => {
  const nobody = { ...cluster.kafka, brokers: ['127.0.0.1:1'] };
  await assert.rejects(new Topics(nobody, silent).partitionCounts(['x']), {
    code: 'kafka.unreachable',
  });
});
