/** A process that consumes topics with plain kafkajs and notes how old each record is. */
import { Kafka, logLevel } from 'kafkajs';
import { headerBytes, parseValueLayout } from '../../src/encoding/value-layout.ts';
import { patchRequestQueue } from '../../src/publishing/kafkajs-patch.ts';
import type { ReaderAnswer, ReaderOrder, ReaderRequest, Stamps } from './latency-reader.ts';
import { StampOrder } from './stamp.ts';

type AgeOf = (value: Buffer, nowUs: number) => number | undefined;

let samplesMs: number[] = [];
let orders: readonly StampOrder[] = [];
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
  const disordered = orders.reduce((sum, order) => sum + order.disordered, 0);
  answer({ kind: 'report', report: { samplesMs, disordered } });
}

async function consume({ brokers, topics, stamps }: ReaderOrder): Promise<void> {
  patchRequestQueue();
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({
    groupId: `${topics[0]}-latency`,
    readUncommitted: false,
    maxWaitTimeInMs: 100,
  });
  const ageOf = new Map(topics.map((topic) => [topic, agesBy(stamps)]));
  consumer.on(consumer.events.GROUP_JOIN, () => answer({ kind: 'ready' }));
  await consumer.connect();
  await consumer.subscribe({ topics: [...topics], fromBeginning: true });
  await consumer.run({
    // By default kafkajs commits an offset after every batch of every partition, and waits for it.
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      const nowUs = Number(process.hrtime.bigint()) / 1e3;
      for (const { value } of batch.messages) {
        const ageUs = value === null ? undefined : ageOf.get(batch.topic)?.(value, nowUs);
        if (ageUs !== undefined) samplesMs.push(ageUs / 1e3);
      }
      report();
    },
  });
}

function agesBy(stamps: Stamps): AgeOf {
  if (stamps.kind === 'received') {
    const layout = parseValueLayout(stamps.schema);
    return (value, nowUs) => {
      const { rowEnd } = layout.readBasics(value, headerBytes);
      const received = layout.readTail(value, rowEnd)['received_at_us'];
      return nowUs + stamps.epochOffsetUs - Number(received);
    };
  }
  const order = new StampOrder();
  orders = [...orders, order];
  return (value, nowUs) => {
    const stamp = order.take(value);
    return stamp === undefined ? undefined : nowUs - stamp;
  };
}
