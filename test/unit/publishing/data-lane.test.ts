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

function chunkOf(...topics: readonly string[]): Chunk {
  return {
    parts: topics.map((topic, index) => ({ topic, partition: 0, indexes: [index] })),
    topicMessages: topics.map((topic) => ({ topic, messages: [{ partition: 0, value: 'row' }] })),
  };
}

/** A lane whose sends have the next of the outcomes; `told` is what it reports. */
function laneOf(nextOutcome: () => 'sent' | 'failed' | 'skipped one') {
  const told: string[] = [];
  const sent: string[] = [];
  const kafka = new Kafka({ brokers: ['nowhere:1'], logLevel: logLevel.NOTHING });
  const client: KafkaClient = {
    producer: () =>
      Object.assign(kafka.producer(), {
        connect: async () => undefined,
        disconnect: async () => undefined,
        sendBatch: async ({ topicMessages }: Pick<Chunk, 'topicMessages'>) => {
          const outcome = nextOutcome();
          if (outcome === 'failed') throw new Error('broker is gone');
          const topics = topicMessages.map(({ topic }) => topic);
          const written = outcome === 'skipped one' ? topics.slice(1) : topics;
          sent.push(written.join());
          return written.map((topicName) => {
            return { topicName, partition: 0, errorCode: 0, baseOffset: `${sent.length}` };
          });
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
  return { lane, told, sent };
}

test('a send that fails is told of at its first failure and when it is acknowledged', async () => {
  const outcomes = ['sent', 'failed', 'failed'] as const;
  let attempts = 0;
  const { lane, told } = laneOf(() => outcomes[attempts++] ?? 'sent');
  const offsets = new Float64Array(1);
  await lane.send([chunkOf('a'), chunkOf('b'), chunkOf('c')], offsets);
  assert.deepEqual(told, ['kafka.send_failed true', 'kafka.send_failed false', 'recovered']);
  assert.deepEqual([...offsets], [3]);
});

test('a send that goes on failing is given up after recoveryTimeoutMs', async () => {
  const { lane, told } = laneOf(() => 'failed');
  await assert.rejects(lane.send([chunkOf('a')], new Float64Array(1)), {
    code: 'kafka.send_failed',
  });
  assert.equal(told.includes('recovered'), false);
});

test('what is not acknowledged whole is sent again whole before what follows', async () => {
  const outcomes = ['skipped one'] as const;
  let attempts = 0;
  const { lane, told, sent } = laneOf(() => outcomes[attempts++] ?? 'sent');
  const offsets = new Float64Array(2);
  await lane.send([chunkOf('a', 'b')], offsets);
  assert.deepEqual(sent, ['b', 'a,b']);
  assert.deepEqual([...offsets], [2, 2]);
  assert.deepEqual(told, ['kafka.partial_acknowledgement true', 'recovered']);
});
