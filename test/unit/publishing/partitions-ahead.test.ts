import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Broker, Cluster } from '../../../src/publishing/kafkajs-internals.ts';
import { PartitionsAhead } from '../../../src/publishing/partitions-ahead.ts';

type AddRequest = Parameters<Broker['addPartitionsToTxn']>[0];

/** A coordinator that notes what it is asked to add, as `topic/partition`, and fails on demand. */
async function coordinator(ahead: PartitionsAhead) {
  const asked: string[][] = [];
  const failures: Error[] = [];
  const broker = {
    addPartitionsToTxn: async ({ topics }: AddRequest) => {
      const failure = failures.shift();
      if (failure !== undefined) throw failure;
      asked.push(
        topics.flatMap(({ topic, partitions }) =>
          partitions.map((partition) => `${topic}/${partition}`),
        ),
      );
    },
  };
  const cluster = { findGroupCoordinator: async () => broker } as unknown as Cluster;
  ahead.watch(cluster);
  const add = async (topic: string, partition: number | string) => {
    const found = await cluster.findGroupCoordinator({ groupId: 'id', coordinatorType: 1 });
    // kafkajs hands partitions over as the text keys of an object.
    const topics = [{ topic, partitions: [partition as number] }];
    await found.addPartitionsToTxn({
      transactionalId: 'id',
      producerId: '1',
      producerEpoch: 0,
      topics,
    });
  };
  return { asked, failures, add };
}

const checkpoint = { topic: 'checkpoints', partition: 3 };

test('partitions of a later send are added with the first, and not again', async () => {
  const ahead = new PartitionsAhead();
  const { asked, add } = await coordinator(ahead);
  ahead.begin([checkpoint, checkpoint]);
  await add('logs', '0');
  await add('checkpoints', '3');
  assert.deepEqual(asked, [['logs/0', 'checkpoints/3']]);
});

test('a partition that was not expected is added when it is needed', async () => {
  const ahead = new PartitionsAhead();
  const { asked, add } = await coordinator(ahead);
  ahead.begin([checkpoint]);
  await add('logs', 0);
  await add('checkpoints', 4);
  assert.deepEqual(asked, [['logs/0', 'checkpoints/3'], ['checkpoints/4']]);
});

test('every transaction adds its partitions anew', async () => {
  const ahead = new PartitionsAhead();
  const { asked, add } = await coordinator(ahead);
  for (const expected of [[checkpoint], []]) {
    ahead.begin(expected);
    await add('checkpoints', 3);
  }
  assert.deepEqual(asked, [['checkpoints/3'], ['checkpoints/3']]);
});

test('what the coordinator refused is asked for again', async () => {
  const ahead = new PartitionsAhead();
  const { asked, failures, add } = await coordinator(ahead);
  failures.push(new Error('CONCURRENT_TRANSACTIONS'));
  ahead.begin([checkpoint]);
  await assert.rejects(add('logs', 0), /CONCURRENT/);
  await add('logs', 0);
  assert.deepEqual(asked, [['logs/0', 'checkpoints/3']]);
});
