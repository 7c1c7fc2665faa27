import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EncodedRecord } from '../../../src/encoding/encoded-record.ts';
import { chunkRecords } from '../../../src/publishing/record-chunks.ts';

const limits = { recordBytesMax: 1_000, batchBytesMax: 2_000, requestBytesMax: 5_000 };

function record(partition: number, bytes: number, topic = 't'): EncodedRecord {
  return { topic, partition, key: Buffer.alloc(0), value: Buffer.alloc(bytes), timestampMs: 5 };
}

test('records of a partition keep their order over all requests', () => {
  const records = Array.from({ length: 50 }, (_, n) => record(n % 3, 300));
  const order = new Map<number, number[]>();
  for (const { parts } of chunkRecords(records, limits)) {
    for (const { partition, indexes } of parts) {
      order.set(partition, [...(order.get(partition) ?? []), ...indexes]);
    }
  }
  for (const [partition, indexes] of order) {
    const expected = [...records.keys()].filter((n) => n % 3 === partition);
    assert.deepEqual(indexes, expected);
  }
});

test('no request exceeds the limit of a partition or of a request', () => {
  const records = Array.from({ length: 60 }, (_, n) => record(n % 4, 400));
  const chunks = chunkRecords(records, limits);
  for (const { parts } of chunks) {
    const sizes = parts.map(({ indexes }) => indexes.length * 436);
    assert.ok(Math.max(...sizes) <= limits.batchBytesMax);
    assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= limits.requestBytesMax);
  }
  assert.equal(chunks.flatMap(({ parts }) => parts).flatMap(({ indexes }) => indexes).length, 60);
});

test('a topic is one entry of a request, grouped by partition for kafkajs', () => {
  const [chunk] = chunkRecords(
    [record(1, 1), record(0, 1), record(1, 2), record(0, 1, 'u')],
    limits,
  );
  assert.deepEqual(
    chunk?.topicMessages.map(({ topic }) => topic),
    ['t', 'u'],
  );
  const groups: unknown = chunk?.topicMessages[0]?.messages.reduce(() => ({}), {});
  const sizes = Object.entries(groups as Record<string, { value: Buffer }[]>).map(
    ([partition, messages]) => [partition, messages.map(({ value }) => value.length)],
  );
  assert.deepEqual(sizes, [
    ['0', [1]],
    ['1', [1, 2]],
  ]);
});

test('a record above the limit is refused before any request is made', () => {
  assert.throws(() => chunkRecords([record(0, 10), record(2, 1_200)], limits), {
    code: 'kafka.record_too_large',
    message: /for topic "t" partition 2 has 1236 bytes, publishing\.recordBytesMax is 1000/,
  });
});

test('times are texts that sort like numbers, zero included', () => {
  const times = [999, 0, 1_700_000_000_000].map((timestampMs) => ({
    ...record(0, 1),
    timestampMs,
  }));
  const texts = chunkRecords(times, limits)[0]?.topicMessages[0]?.messages.map((m) => m.timestamp);
  assert.deepEqual([...(texts ?? [])].sort().map(Number), [0, 999, 1_700_000_000_000]);
  assert.ok(texts?.every((text) => Boolean(text)));
});
