/** What kafkajs's own producer asks a coordinator for, with partitions ahead and without. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import {
  type Broker,
  interceptClusters,
  type ProduceResponse,
} from '../../../src/publishing/kafkajs-internals.ts';
import { PartitionsAhead, type Place } from '../../../src/publishing/partitions-ahead.ts';

type AddRequest = Parameters<Broker['addPartitionsToTxn']>[0];

interface ProduceRequest {
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: string }[];
  }[];
}

const load = createRequire(import.meta.url);
const { KafkaJSProtocolError } = load('kafkajs/src/errors');
const KafkaBroker: new (options: {
  readonly connectionPool: object;
  readonly logger: object;
  readonly nodeId: number;
}) => Broker = load('kafkajs/src/broker');

/** One broker without a connection: it notes what is added, as `topic/partition`, fails on demand. */
class Coordinator {
  readonly ahead = new PartitionsAhead();
  readonly asked: string[][] = [];
  readonly failures: Error[] = [];
  readonly #producer: Producer;

  constructor({ isWatched = true } = {}) {
    const kafka = new Kafka({ brokers: ['nowhere:1'], logLevel: logLevel.NOTHING });
    const connectionPool = { host: 'nowhere', port: 1, connectionTimeout: 1 };
    const broker = new KafkaBroker({ connectionPool, logger: kafka.logger(), nodeId: 0 });
    Object.assign(broker, {
      initProducerId: async () => ({ producerId: '1', producerEpoch: 0 }),
      addPartitionsToTxn: async (request: AddRequest) => this.#add(request),
      produce: async (request: ProduceRequest) => acknowledged(request),
      endTxn: async () => undefined,
    });
    const partitions = Array.from({ length: 5 }, (_, partitionId) => ({ partitionId, leader: 0 }));
    interceptClusters(kafka, (cluster) => {
      Object.assign(cluster, {
        connect: async () => undefined,
        isConnected: () => true,
        refreshMetadata: async () => undefined,
        refreshMetadataIfNecessary: async () => undefined,
        addMultipleTargetTopics: async () => undefined,
        findTopicPartitionMetadata: () => partitions,
        findLeaderForPartitions: (_: string, found: readonly string[]) => ({
          0: found.map(Number),
        }),
        findBroker: async () => broker,
        findControllerBroker: async () => broker,
        findGroupCoordinator: async () => broker,
      });
      if (isWatched) this.ahead.watch(cluster);
    });
    this.#producer = kafka.producer({
      transactionalId: 'id',
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { initialRetryTime: 1 },
    });
  }

  /** One transaction with a send per place; gives what was added meanwhile. */
  async transact(ahead: readonly Place[], places: readonly Place[]): Promise<readonly string[][]> {
    this.asked.length = 0;
    await this.#producer.connect();
    this.ahead.begin(ahead);
    const transaction = await this.#producer.transaction();
    for (const { topic, partition } of places) {
      await transaction.send({ topic, messages: [{ partition, value: 'row' }] });
    }
    await transaction.commit();
    return [...this.asked];
  }

  #add({ topics }: AddRequest): void {
    this.asked.push(
      topics.flatMap(({ topic, partitions }) =>
        partitions.map((partition) => `${topic}/${partition}`),
      ),
    );
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
  }
}

function acknowledged({ topicData }: ProduceRequest): ProduceResponse {
  return {
    topics: topicData.map(({ topic, partitions }) => ({
      topicName: topic,
      partitions: partitions.map(({ partition }) => ({
        partition: Number(partition),
        errorCode: 0,
        baseOffset: '0',
      })),
    })),
  };
}

const logs = { topic: 'logs', partition: 0 };
const checkpoint = { topic: 'checkpoints', partition: 3 };

test('kafkajs alone asks the coordinator before each send to a new partition', async () => {
  const coordinator = new Coordinator({ isWatched: false });
  const asked = await coordinator.transact([checkpoint], [logs, checkpoint, checkpoint]);
  assert.deepEqual(asked, [['logs/0'], ['checkpoints/3']]);
});

test('partitions of a later send are added with the first, and not again', async () => {
  const asked = await new Coordinator().transact([checkpoint, checkpoint], [logs, checkpoint]);
  assert.deepEqual(asked, [['logs/0', 'checkpoints/3']]);
});

test('a partition that was not expected is added when it is needed', async () => {
  const other = { topic: 'checkpoints', partition: 4 };
  const asked = await new Coordinator().transact([checkpoint], [logs, other]);
  assert.deepEqual(asked, [['logs/0', 'checkpoints/3'], ['checkpoints/4']]);
});

test('every transaction adds its partitions anew', async () => {
  const coordinator = new Coordinator();
  for (const ahead of [[checkpoint], []]) {
    assert.deepEqual(await coordinator.transact(ahead, [checkpoint]), [['checkpoints/3']]);
  }
});

test('what the coordinator refused is asked for again', async () => {
  const coordinator = new Coordinator();
  const type = 'CONCURRENT_TRANSACTIONS';
  coordinator.failures.push(
    new KafkaJSProtocolError({ name: '', message: '', type, code: 51, retriable: true }),
  );
  const both = ['logs/0', 'checkpoints/3'];
  assert.deepEqual(await coordinator.transact([checkpoint], [logs, checkpoint]), [both, both]);
});
