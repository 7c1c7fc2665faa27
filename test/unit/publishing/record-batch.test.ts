import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { decodeBatches } from '../../../src/publishing/record-batch.ts';

interface BatchOptions {
  readonly baseOffset: number;
  readonly values: readonly (string | null)[];
  readonly producerId?: bigint;
  readonly attributes?: number;
  readonly lastOffsetDelta?: number;
  readonly timestamps?: readonly number[];
  readonly keys?: readonly Buffer[];
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value) >= 0n ? BigInt(value) * 2n : -BigInt(value) * 2n - 1n;
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 0x80);
  } while (rest !== 0n);
  return Buffer.from(bytes);
}

function bytesOf(content: Buffer | null): Buffer {
  return content === null ? varint(-1) : Buffer.concat([varint(content.length), content]);
}

/** A record batch as Kafka writes it; the CRC is left out, nobody checks it. */
function batch(options: BatchOptions): Buffer {
  const { baseOffset, values, producerId = -1n, attributes = 0, timestamps = [0] } = options;
  const records = values.map((value, n) => {
    const body = Buffer.concat([
      Buffer.from([0]),
      varint((timestamps[n] ?? 0) - (timestamps[0] ?? 0)),
      varint(n),
      bytesOf(options.keys?.[n] ?? Buffer.from('k')),
      bytesOf(value === null ? null : Buffer.from(value)),
      varint(0),
    ]);
    return Buffer.concat([varint(body.length), body]);
  });
  const stored = Buffer.concat(records);
  const header = Buffer.alloc(61);
  const payload = (attributes & 7) === 1 ? gzipSync(stored) : stored;
  header.writeBigInt64BE(BigInt(baseOffset), 0);
  header.writeInt32BE(49 + payload.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(attributes, 21);
  header.writeInt32BE(options.lastOffsetDelta ?? values.length - 1, 23);
  header.writeBigInt64BE(BigInt(timestamps[0] ?? 0), 27);
  header.writeBigInt64BE(BigInt(Math.max(...timestamps)), 35);
  header.writeBigInt64BE(producerId, 43);
  header.writeInt32BE(values.length, 57);
  return Buffer.concat([header, payload]);
}

const transactional = 0x10;

function marker(baseOffset: number, producerId: bigint, isAbort: boolean): Buffer {
  const keys = [Buffer.from([0, 0, 0, isAbort ? 0 : 1])];
  return batch({ baseOffset, values: ['m'], producerId, attributes: transactional | 0x20, keys });
}

async function decode(
  batches: readonly Buffer[],
  aborted: readonly { producerId: bigint; firstOffset: number }[] = [],
) {
  const bytes = Buffer.concat(batches);
  const { records, nextOffset } = await decodeBatches({ topic: 't', partition: 0, bytes, aborted });
  return { records, nextOffset, values: records.map(({ value }) => value?.toString() ?? null) };
}

test('records have their offsets, times, keys and values', async () => {
  const timestamps = [1_700_000_000_000, 0, 1_700_000_009_999];
  const { records, nextOffset } = await decode([
    batch({ baseOffset: 40, values: ['a', null, 'c'], timestamps }),
  ]);
  assert.deepEqual(
    records.map(({ offset }) => offset),
    [40, 41, 42],
  );
  assert.deepEqual(
    records.map(({ timestampMs }) => timestampMs),
    timestamps,
  );
  assert.deepEqual(
    records.map(({ value }) => value?.toString()),
    ['a', undefined, 'c'],
  );
  assert.equal(nextOffset, 43);
});

test('two aborted transactions that overlap are both left out', async () => {
  const own = { attributes: transactional };
  const aborted = [
    { producerId: 1n, firstOffset: 5 },
    { producerId: 2n, firstOffset: 6 },
  ];
  // Reading begins in the middle: both began before the first record here.
  const { values } = await decode(
    [
      batch({ ...own, baseOffset: 10, values: ['aborted by 2'], producerId: 2n }),
      batch({ ...own, baseOffset: 11, values: ['aborted by 1'], producerId: 1n }),
      marker(12, 1n, true),
      marker(13, 2n, true),
      batch({ ...own, baseOffset: 14, values: ['next of 2'], producerId: 2n }),
      marker(15, 2n, false),
    ],
    aborted,
  );
  assert.deepEqual(values, ['next of 2']);
});

test('a data record whose key looks like an abort marker ends no transaction', async () => {
  const own = { attributes: transactional, producerId: 1n };
  const { values } = await decode(
    [
      batch({ ...own, baseOffset: 0, values: ['aborted'], keys: [Buffer.alloc(4)] }),
      batch({ ...own, baseOffset: 1, values: ['aborted too'] }),
      marker(2, 1n, true),
    ],
    [{ producerId: 1n, firstOffset: 0 }],
  );
  assert.deepEqual(values, []);
});

test('a batch that compaction emptied moves the position on', async () => {
  const { values, nextOffset } = await decode([
    batch({ baseOffset: 7, values: [], lastOffsetDelta: 12 }),
  ]);
  assert.deepEqual(values, []);
  assert.equal(nextOffset, 20);
});

test('a batch that was cut off is left for the next request', async () => {
  const whole = batch({ baseOffset: 0, values: ['a'] });
  const cut = batch({ baseOffset: 1, values: ['b'.repeat(200)] }).subarray(0, 100);
  assert.deepEqual(
    await decode([whole, cut]).then(({ values, nextOffset }) => [values, nextOffset]),
    [['a'], 1],
  );
  assert.equal((await decode([cut])).nextOffset, null);
});

test('gzip is read', async () => {
  const { values } = await decode([batch({ baseOffset: 0, values: ['a', 'b'], attributes: 1 })]);
  assert.deepEqual(values, ['a', 'b']);
});

test("kafkajs's own filter, for comparison, lets a record of the overlap through", () => {
  const filter = createRequire(import.meta.url)('kafkajs/src/consumer/filterAbortedMessages');
  const message = (offset: string, producerId: string) => ({
    offset,
    key: Buffer.from('k'),
    batchContext: { producerId, inTransaction: true },
  });
  const abortedTransactions = [
    { producerId: '1', firstOffset: '5' },
    { producerId: '2', firstOffset: '6' },
  ];
  const seen: unknown[] = filter({ messages: [message('10', '2')], abortedTransactions });
  assert.equal(seen.length, 1);
});
