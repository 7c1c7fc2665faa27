/** A process that consumes the logs topic with plain kafkajs and notes how old each row is. */
import { Kafka, logLevel } from 'kafkajs';
import { headerBytes, parseValueLayout } from '../../src/encoding/value-layout.ts';
import { patchRequestQueue } from '../../src/publishing/kafkajs-patch.ts';
import type { ReaderAnswer, ReaderOrder, ReaderRequest } from './latency-reader.ts';

let samplesMs: number[] = [];
let wantedSamples = Number.POSITIVE_INFINITY;

process.once('disconnect', () => process.exit(0));
process.on('message', (message) => {
  const request = message as ReaderRequest;
  if (request.kind === 'open') void consume(request.order);
  if (request.kind === 'reset') {
    samplesMs = [];
    answer({ kind: 'reset' });
  }
  if (request.kind === 'report') {
    wantedSamples = request.atLeast;
    report();
  }
});

function answer(message: ReaderAnswer): void {
  process.send?.(message);
}

function report(): void {
  if (samplesMs.length < wantedSamples) return;
  wantedSamples = Number.POSITIVE_INFINITY;
  answer({ kind: 'report', samplesMs });
}

async function consume({ brokers, topic, schema, epochOffsetUs }: ReaderOrder): Promise<void> {
  patchRequestQueue();
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({
    groupId: `${topic}-latency`,
    readUncommitted: false,
    maxWaitTimeInMs: 100,
  });
  const layout = parseValueLayout(schema);
  consumer.on(consumer.events.GROUP_JOIN, () => answer({ kind: 'ready' }));
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    // By default kafkajs commits an offset after every batch of every partition, and waits for it.
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const nowUs = Number(process.hrtime.bigint()) / 1e3 + epochOffsetUs;
      for (const { value } of batch.messages) {
        if (value === null) continue;
        const { rowEnd } = layout.readBasics(value, headerBytes);
        const received = layout.readTail(value, rowEnd)['received_at_us'];
        samplesMs.push((nowUs - Number(received)) / 1e3);
      }
      report();
    },
  });
}
