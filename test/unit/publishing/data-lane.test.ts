import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import type { PipelineError } from '../../../src/model/errors.ts';
import type { Clock } from '../../../src/model/runtime.ts';
import { DataLane } from '../../../src/publishing/data-lane.ts';
import type { KafkaClient } from '../../../src/publishing/kafka-client.ts';
import type { Chunk } from '../../../src/publishing/record-chunks.ts';

/** Time that a sleep moves. */
class SleepingClock implements Clock {
  #nowMs = 0;

  nowMs(): number {
    return this.#nowMs;
  }

  nowUs(): number {
    return this.#nowMs * 1_000;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal === undefined) this.#nowMs += ms;
    else await new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }));
  }
}

const settings = {
  ...{ lanes: 1, transactionTimeoutMs: 1_000, attemptTimeoutMs: 1_000, recoveryTimeoutMs: 5_000 },
  ...{ closeTimeoutMs: 1_000, recordBytesMax: 1_000, batchBytesMax: 1_000 },
  ...{ requestBytesMax: 1_000, checkpointEveryMs: 50 },
};

function chunkOf(topic: string): Chunk {
  return {
    parts: [{ topic, partition: 0, indexes: [0] }],
    topicMessages: [{ topic, messages: [{ partition: 0, value: 'row' }] }],
  };
}

/** A lane whose sends fail while `failures` says so; `told` is what it reports. */
function laneFailing(failures: () => boolean) {
  const told: string[] = [];
  const kafka = new Kafka({ brokers: ['nowhere:1'], logLevel: logLevel.NOTHING });
  const client: KafkaClient = {
    producer: () =>
      Object.assign(kafka.producer(), {
        connect: async () => undefined,
        disconnect: async () => undefined,
        sendBatch: async ({ topicMessages }: Pick<Chunk, 'topicMessages'>) => {
          if (failures()) throw new Error('broker is gone');
          const topicName = topicMessages[0]?.topic ?? '';
          return [{ topicName, partition: 0, errorCode: 0, baseOffset: '7' }];
        },
      }),
    admin: () => kafka.admin(),
    cluster: () => assert.fail('no cluster is needed'),
    lastTrouble: () => null,
    kill: () => undefined,
  };
  const lane = new DataLane({
    client: () => client,
    clock: new SleepingClock(),
    settings,
    onRecovery: ({ code }: PipelineError, isFirst) => told.push(`${code} ${isFirst}`),
    onRecovered: () => told.push('recovered'),
  });
  return { lane, told };
}

test('a send that fails is told of at its first failure and when it is acknowledged', async () => {
  const outcomes = [false, true, true, false, false];
  const { lane, told } = laneFailing(() => outcomes.shift() ?? false);
  const offsets = new Float64Array(1);
  await lane.send([chunkOf('a'), chunkOf('b'), chunkOf('c')], offsets);
  assert.deepEqual(told, ['kafka.send_failed true', 'kafka.send_failed false', 'recovered']);
  assert.deepEqual([...offsets], [7]);
});

test('a send that goes on failing is given up after recoveryTimeoutMs', async () => {
  const { lane, told } = laneFailing(() => true);
  await assert.rejects(lane.send([chunkOf('a')], new Float64Array(1)), {
    code: 'kafka.send_failed',
  });
  assert.equal(told.includes('recovered'), false);
});
