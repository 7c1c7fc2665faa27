/** Three brokers: leaders move, brokers die, and the log still holds every record once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type FaultProxy, openFaultProxy } from '../../src/devnet/fault-proxy.ts';
import { createKafkaClient } from '../../src/publishing/kafka-client.ts';
import {
  api,
  clusterOf,
  eventually,
  record,
  silent,
  type TestCluster,
  valuesOf,
} from '../integration/publishing/cluster.ts';
import { openSession } from '../integration/publishing/session.ts';
import type { OmmerProcess } from '../support/end-to-end/ommer-process.ts';
import { Stage } from '../support/end-to-end/stage.ts';

// Another seed: OMMER_SEED=2 npm test -- test/end-to-end/brokers.test.ts
const seed = process.env['OMMER_SEED'] ?? '1';
const requestTimeoutMs = 1_500;
const numbers = [1, 2, 3];
let proxies: readonly FaultProxy[];
let stage: Stage;
let cluster: TestCluster;
let checkpoints: string;

before(async () => {
  const target = (n: number) => (): number => stage.devnet.kafka.brokers[n - 1]?.port ?? 0;
  proxies = await Promise.all(numbers.map((n) => openFaultProxy({ target: target(n) })));
  const advertise = (n: number): number => proxies[n - 1]?.port ?? 0;
  stage = await Stage.open({ brokers: 3, seed, advertise });
  const { kafka, dataDir } = stage.devnet;
  const direct = kafka.brokers.map(({ directAddress }) => directAddress);
  const leave = () => stage.close();
  cluster = clusterOf({ name: 'leaders', proxies, direct, dataDir, leave });
  checkpoints = await cluster.topic('checkpoints', 1, { 'cleanup.policy': 'compact' });
});

after(() => cluster?.stop());

/** A topic whose partition 0 is on broker 1 alone and partition 1 on broker 2 alone. */
async function twoLeaders(topic: string): Promise<void> {
  await withAdmin(async (admin) => {
    await admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          topic,
          replicaAssignment: [
            { partition: 0, replicas: [1] },
            { partition: 1, replicas: [2] },
          ],
          configEntries: [
            { name: 'min.insync.replicas', value: '1' },
            // The records are old: Kafka would delete them while the test reads.
            { name: 'retention.ms', value: '-1' },
          ],
        },
      ],
    });
    await eventually('brokers 1 and 2 lead', () => isLedBy(admin, topic, [1, 2]));
  });
}

/** Moves partition 0 to broker 2; resolves when it leads. */
async function moveToBroker2(topic: string): Promise<void> {
  await withAdmin(async (admin) => {
    const partitionAssignment = [{ partition: 0, replicas: [2] }];
    await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
    await eventually('broker 2 leads partition 0', () => isLedBy(admin, topic, [2, 2]));
  });
}

/** False also while the broker that is asked has not heard of the topic. */
async function isLedBy(admin: Admin, topic: string, leaders: readonly number[]): Promise<boolean> {
  const found = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => null);
  const partitions = found?.topics[0]?.partitions ?? [];
  return leaders.every((leader, n) =>
    partitions.some((partition) => partition.partitionId === n && partition.leader === leader),
  );
}

type Admin = ReturnType<ReturnType<typeof createKafkaClient>['admin']>;

async function withAdmin(use: (admin: Admin) => Promise<void>): Promise<void> {
  const client = createKafkaClient(cluster.direct, silent);
  const admin = client.admin();
  await admin.connect();
  try {
    await use(admin);
  } finally {
    client.kill();
    await admin.disconnect();
  }
}

const both = (topic: string, value: string) => [record(topic, 0, value), record(topic, 1, value)];

/** Publishes once on each lane, so that all of them know the present leaders. */
async function publishAcrossAMove(topic: string, delayMs: number) {
  // Its partitions have one replica each: while that broker is down, other sources must go on.
  await twoLeaders(topic);
  const session = await openSession(cluster, { source: topic, checkpoints, generation: 1 });
  for (const value of ['a', 'b', 'c']) await session.publish(both(topic, value));
  await moveToBroker2(topic);
  cluster.proxies[1]?.delay(delayMs);
  for (const value of ['d', 'e', 'f']) await session.publish(both(topic, value));
  cluster.proxies[1]?.pass();
  await session.close();
  const expected = ['a', 'b', 'c', 'd', 'e', 'f'];
  assert.deepEqual(valuesOf(await cluster.committed(topic)), [...expected, ...expected]);
  return session;
}

test('a leader that moves onto a broker that already acknowledged loses no record', async () => {
  const session = await publishAcrossAMove('move', 0);
  assert.ok(session.metrics.count('producer_recoveries') > 0);
  assert.ok((cluster.proxies[1]?.seen(api.produce) ?? 0) > 0, 'clients go through the proxies');
});

test('a leader that moves while another broker is slow doubles no record', async () => {
  for (const topic of ['slow-move-1', 'slow-move-2']) {
    await publishAcrossAMove(topic, 150);
  }
});

test('a broker killed and restarted in the middle of publishing loses and doubles nothing', async () => {
  const topic = await cluster.topic('killed', 6);
  const session = await openSession(cluster, { source: 'killed', checkpoints, generation: 1 });
  const victim = stage.devnet.kafka.brokers[1];
  assert.ok(victim);
  let restarted: Promise<void> = Promise.resolve();
  const expected: string[] = [];
  for (let batch = 0; batch < 80; batch += 1) {
    if (batch === 30) restarted = victim.process.kill().then(() => victim.process.start());
    const values = [0, 1, 2, 3, 4, 5].map((partition) => `${batch}-${partition}`);
    expected.push(...values);
    await session.publish(values.map((value, partition) => record(topic, partition, value)));
  }
  await restarted;
  await session.close();
  const read = await cluster.committed(topic);
  const byPartition = [0, 1, 2, 3, 4, 5].map((partition) =>
    valuesOf(read.filter((found) => found.partition === partition)),
  );
  byPartition.forEach((values, partition) => {
    assert.deepEqual(
      values,
      expected.filter((value) => value.endsWith(`-${partition}`)),
    );
  });
  const lines = await cluster.consoleConsumer(topic, expected.length);
  assert.deepEqual(lines.map((line) => line.split('\t').at(-1)).sort(), expected.sort());
});

test('ommer goes on by itself while brokers are killed, paused and restarted', async (t) => {
  const { brokers } = stage.devnet.kafka;
  const scene = await stage.scene({
    name: 'brokers',
    kafka: `, requestTimeoutMs: ${requestTimeoutMs}`,
    publishing: ', attemptTimeoutMs: 5000',
  });
  await scene.driver.mine(8);
  scene.driver.run();
  const ommer = await scene.start();
  await ommer.committed(3, 120_000);
  const recoveries: number[] = [];
  // Each broker leads partitions and coordinates transactions, and each is struck once.
  const [paused, ...killed] = brokers;
  for (const { process } of killed) {
    await process.kill();
    recoveries.push(await untilCommitted(ommer, 3));
    await process.start();
  }
  paused?.process.pause();
  // The fault itself: longer than a request may take.
  await delay(2 * requestTimeoutMs);
  paused?.process.resume();
  recoveries.push(await untilCommitted(ommer, 3));
  assert.equal(ommer.ending, undefined);
  const { rows, chain, ...verdict } = await scene.finish(ommer);
  t.diagnostic(JSON.stringify({ seed, recoveries, ...verdict }));
  assert.ok(verdict.retractions > 0 && rows.length > 0);
  assert.equal(verdict.sessions, 1);
});

/** Milliseconds until it has committed this often from now on. */
async function untilCommitted(ommer: OmmerProcess, times: number): Promise<number> {
  const startedAtMs = performance.now();
  await ommer.committed((await ommer.commits()) + times, 120_000);
  return Math.round(performance.now() - startedAtMs);
}
