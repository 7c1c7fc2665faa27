/** Three brokers: leaders move, brokers die, and the log still holds every record once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createKafkaClient } from '../../../src/publishing/kafka-client.ts';
import { eventually, record, silent, startCluster, type TestCluster, valuesOf } from './cluster.ts';
import { openSession } from './session.ts';

let cluster: TestCluster;
let checkpoints: string;

before(async () => {
  cluster = await startCluster(3);
  checkpoints = await cluster.topic('checkpoints', 1, { 'cleanup.policy': 'compact' });
});

after(async () => {
  await cluster.stop();
});

/** A topic whose partition 0 is on broker 1 alone and partition 1 on broker 2 alone. */
async function twoLeaders(topic: string): Promise<void> {
  await withAdmin(async (admin) => {
    await admin.createTopics({
      topics: [
        {
          topic,
          replicaAssignment: [
            { partition: 0, replicas: [1] },
            { partition: 1, replicas: [2] },
          ],
          configEntries: [{ name: 'min.insync.replicas', value: '1' }],
        },
      ],
    });
  });
}

/** Moves partition 0 to broker 2; resolves when it leads. */
async function moveToBroker2(topic: string): Promise<void> {
  await withAdmin(async (admin) => {
    const partitionAssignment = [{ partition: 0, replicas: [2] }];
    await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
    await eventually('broker 2 leads partition 0', async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partition = topics[0]?.partitions.find(({ partitionId }) => partitionId === 0);
      return partition?.leader === 2;
    });
  });
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
});

test('a leader that moves while another broker is slow doubles no record', async () => {
  for (const topic of ['slow-move-1', 'slow-move-2']) {
    await publishAcrossAMove(topic, 150);
  }
});

test('a broker killed and restarted in the middle of publishing loses and doubles nothing', async () => {
  const topic = await cluster.topic('killed', 6);
  const session = await openSession(cluster, { source: 'killed', checkpoints, generation: 1 });
  const victim = cluster.brokers[1];
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
