import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type { RecordMetadata } from 'kafkajs';
import { AcknowledgementLog, assignOffsets } from '../../../src/publishing/acknowledgement.ts';
import type { ProduceResponse } from '../../../src/publishing/kafkajs-internals.ts';
import { type Chunk, chunkRecords } from '../../../src/publishing/record-chunks.ts';

const limits = { recordBytesMax: 1_000, batchBytesMax: 2_000, requestBytesMax: 5_000 };
const timestampMs = 1_700_000_000_000;

function chunkOf(...partitions: number[]): Chunk {
  const records = partitions.map((partition) => ({
    topic: 't',
    partition,
    key: Buffer.alloc(1),
    value: Buffer.alloc(1),
    timestampMs,
  }));
  const [chunk] = chunkRecords(records, limits);
  assert.ok(chunk);
  return chunk;
}

function answer(partition: number, baseOffset: string, errorCode = 0): RecordMetadata {
  return { topicName: 't', partition, errorCode, baseOffset };
}

function check(chunk: Chunk, answers: RecordMetadata[], log: AcknowledgementLog | null = null) {
  const offsets = new Float64Array(4);
  assignOffsets(chunk, answers, { log, offsets });
  return [...offsets];
}

const incomplete = { code: 'kafka.partial_acknowledgement' };

test('each record gets the offset its partition was given', () => {
  const chunk = chunkOf(1, 0, 1, 1);
  assert.deepEqual(check(chunk, [answer(0, '7'), answer(1, '40')]), [40, 7, 41, 42]);
});

test('a partition without an acknowledgement is a failure', () => {
  assert.throws(() => check(chunkOf(0, 1), [answer(0, '7')]), incomplete);
});

test('an acknowledgement nobody asked for, twice, with an error or without an offset is a failure', () => {
  assert.throws(() => check(chunkOf(0), [answer(0, '7'), answer(1, '8')]), incomplete);
  assert.throws(() => check(chunkOf(0), [answer(0, '7'), answer(0, '8')]), incomplete);
  assert.throws(() => check(chunkOf(0), [answer(0, '7', 3)]), incomplete);
  assert.throws(() => check(chunkOf(0), [answer(0, '-1')]), incomplete);
});

test('a partition that was written at two places is a failure', () => {
  const log = new AcknowledgementLog();
  const response = (baseOffset: string): ProduceResponse => ({
    topics: [{ topicName: 't', partitions: [{ partition: 0, baseOffset }] }],
  });
  log.add(response('5'));
  log.add(response('5'));
  assert.deepEqual(check(chunkOf(0), [answer(0, '5')], log).at(0), 5);
  log.add(response('6'));
  assert.throws(() => check(chunkOf(0), [answer(0, '6')], log), incomplete);
});

interface ModelBroker {
  readonly nodeId: string;
  produce(request: {
    topicData: { partitions: { partition: number }[] }[];
  }): Promise<ProduceResponse>;
}

/** kafkajs's own sending code on two model brokers: partition 0 moves from A to B before the send. */
async function sendAcrossAMove(options: { readonly isBSlow: boolean }) {
  const load = createRequire(import.meta.url);
  const createSend = load('kafkajs/src/producer/sendMessages');
  const createRetry = load('kafkajs/src/retry');
  const { KafkaJSProtocolError } = load('kafkajs/src/errors');
  const quiet = { debug: () => undefined, error: () => undefined };
  const written: string[] = [];
  const log = new AcknowledgementLog();
  let known: Record<number, string> = { 0: 'A', 1: 'B' };
  let retried: () => void = () => undefined;
  const isRetried = new Promise<void>((resolve) => {
    retried = resolve;
  });
  const broker = (nodeId: string): ModelBroker => ({
    nodeId,
    produce: async ({ topicData }) => {
      const partitions = topicData.flatMap((topic) => topic.partitions);
      if (nodeId === 'A') {
        const type = 'NOT_LEADER_FOR_PARTITION';
        throw new KafkaJSProtocolError({ type, code: 6, retriable: true, message: 'moved' });
      }
      const isFirst = written.length === 0;
      written.push(...partitions.map(({ partition }) => `p${partition}`));
      const baseOffset = String(written.length);
      if (isFirst && options.isBSlow) await isRetried;
      const answered = partitions.map(({ partition }) => ({ partition, errorCode: 0, baseOffset }));
      const response = { topics: [{ topicName: 't', partitions: answered }] };
      log.add(response);
      return response;
    },
  });
  const brokers: Record<string, ModelBroker> = { A: broker('A'), B: broker('B') };
  const locks = new Map<unknown, Promise<void>>();
  const releases = new Map<unknown, () => void>();
  const send = createSend({
    logger: quiet,
    partitioner: ({ message }: { message: { partition: number } }) => message.partition,
    retrier: createRetry({ initialRetryTime: 1, retries: 5 }),
    cluster: {
      isConnected: () => true,
      addMultipleTargetTopics: async () => undefined,
      refreshMetadataIfNecessary: async () => undefined,
      refreshMetadata: async () => {
        known = { 0: 'B', 1: 'B' };
      },
      findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }],
      findLeaderForPartitions: (_topic: string, partitions: string[]) => {
        const byLeader: Record<string, number[]> = {};
        for (const id of partitions.map(Number)) {
          const leader = known[id] ?? '';
          byLeader[leader] = [...(byLeader[leader] ?? []), id];
        }
        return byLeader;
      },
      findBroker: async ({ nodeId }: { nodeId: string }) => brokers[nodeId],
    },
    eosManager: {
      acquireBrokerLock: async (at: ModelBroker) => {
        while (locks.has(at)) {
          retried();
          await locks.get(at);
        }
        locks.set(at, new Promise((resolve) => releases.set(at, resolve)));
      },
      releaseBrokerLock: async (at: ModelBroker) => {
        locks.delete(at);
        releases.get(at)?.();
      },
      isTransactional: () => false,
      getProducerId: () => 1,
      getProducerEpoch: () => 0,
      getSequence: () => 0,
      updateSequence: () => undefined,
      getTransactionalId: () => undefined,
    },
  });
  const chunk = chunkOf(0, 1);
  const acknowledged: RecordMetadata[] = await send({ topicMessages: chunk.topicMessages });
  return { chunk, acknowledged, log, written };
}

test('kafkajs resolves a send that skipped a partition whose leader moved, and this notices', async () => {
  const { chunk, acknowledged, log, written } = await sendAcrossAMove({ isBSlow: false });
  assert.deepEqual(written, ['p1']);
  assert.throws(() => check(chunk, acknowledged, log), incomplete);
});

test('kafkajs resolves a send that wrote a partition twice, and this notices', async () => {
  const { chunk, acknowledged, log, written } = await sendAcrossAMove({ isBSlow: true });
  assert.deepEqual(written, ['p1', 'p0', 'p1']);
  assert.equal(acknowledged.length, 2);
  assert.throws(() => check(chunk, acknowledged, log), /written more than once/);
});
