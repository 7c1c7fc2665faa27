import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadDataset } from '../../../src/encoding/dataset.ts';
import type { InsertRecord } from '../../../src/encoding/encoded-record.ts';
import { positiveMurmur2 } from '../../../src/encoding/murmur2.ts';
import { PartitionTable } from '../../../src/encoding/partition-table.ts';
import type { Row } from '../../../src/model/event.ts';
import {
  datasetNames,
  encoderOf,
  eventOf,
  origin,
  publishedAtUs,
  reorg,
  routeOf,
  rows,
  topicOf,
} from './samples.ts';

const flat = routeOf('logs', 'flat');
const debezium = routeOf('logs', 'debezium');
const context = { incarnation: 2, publishedAtUs };
const times = { publishedAtUs: publishedAtUs + 5, receivedAtUs: publishedAtUs + 1 };
const id = `eip155:1/${origin.blockHash}/logs/12`;

/** Avro's binary encoding, written down a second time: what the bytes must be, field by field. */
const wire = {
  header: (schemaId: number) => Buffer.from([0, 0, 0, 0, schemaId]),
  absent: Buffer.from([0]),
  present: Buffer.from([2]),
  number(value: number): Buffer {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
    for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    return Buffer.from([...bytes, Number(rest)]);
  },
  text(value: string): Buffer {
    const bytes = Buffer.from(value);
    return Buffer.concat([wire.number(bytes.length), bytes]);
  },
  optional: (value: string | null) =>
    value === null ? wire.absent : Buffer.concat([wire.present, wire.text(value)]),
};

const logRow = Buffer.concat([
  wire.text('eip155:1'),
  wire.number(20_000_000),
  wire.text(origin.blockHash),
  wire.number(1_700_000_000_000),
  wire.optional(`0x${'b'.repeat(64)}`),
  wire.number(2),
  wire.number(12),
  wire.text(`0x${'c'.repeat(40)}`),
  wire.optional(`0x${'d'.repeat(64)}`),
  wire.absent,
  wire.absent,
  wire.absent,
  wire.optional('0x00'),
  wire.absent,
]);

function insertOne(record: InsertRecord | undefined): InsertRecord {
  assert.ok(record);
  return record;
}

test('a flat insert is header, row and tail, and its key is the identity', () => {
  const record = insertOne(encoderOf([flat]).insert(eventOf('logs'), origin, context)[0]);
  const tail = Buffer.concat([
    wire.text('c'),
    wire.number(1),
    wire.text(id),
    wire.number(2),
    wire.absent,
    wire.number(1_700_000_000_130),
    wire.number(origin.receivedAtUs),
    wire.number(publishedAtUs),
    wire.absent,
  ]);
  const key = [wire.text('eip155:1'), wire.text('logs'), wire.text(origin.blockHash)];
  assert.deepEqual(record, {
    topic: topicOf('logs', 'flat'),
    partition: positiveMurmur2(`0x${'c'.repeat(40)}`) % 6,
    key: Buffer.concat([wire.header(1), ...key, wire.number(12)]),
    value: Buffer.concat([wire.header(2), logRow, tail]),
    timestampMs: origin.blockTimeMs,
    rowStart: 5,
    rowEnd: 5 + logRow.length,
    eventId: id,
    incarnation: 2,
  });
});

test('a flat retraction is the same header and row with the tail of a retraction', () => {
  const encoder = encoderOf([flat]);
  const record = insertOne(encoder.insert(eventOf('logs'), origin, context)[0]);
  const { topic, partition, key, timestampMs } = record;
  const tail = Buffer.concat([
    wire.text('d'),
    wire.number(-1),
    wire.text(id),
    wire.number(2),
    wire.optional(reorg.id),
    wire.number(1_700_000_000_130),
    wire.number(times.receivedAtUs),
    wire.number(times.publishedAtUs),
    wire.absent,
  ]);
  const value = Buffer.concat([wire.header(2), logRow, tail]);
  assert.deepEqual(encoder.retract(record, reorg, times), {
    topic,
    partition,
    key,
    value,
    timestampMs,
  });
});

const source = Buffer.concat(
  ['0.1.0', 'evm', 'mainnet']
    .map(wire.text)
    .concat([
      wire.number(origin.blockTimeMs),
      wire.text('false'),
      wire.text('eip155:1'),
      wire.text('evm'),
      wire.text('logs'),
      wire.text('["20000000","12"]'),
      wire.text(origin.blockHash),
    ]),
);

test('a venue’s own handle of a row stands in the envelope, and not in the row', () => {
  const event = eventOf('logs');
  for (const route of [flat, debezium]) {
    const encoder = encoderOf([route]);
    const [plain, told] = [event, { ...event, tracingId: '0103c320' }].map((each) =>
      insertOne(encoder.insert(each, origin, context)[0]),
    );
    assert.ok(plain && told && encoder.isSameRow(plain, told));
    assert.equal(told.value.includes(wire.optional('0103c320')), true);
    assert.equal(told.value.length, plain.value.length - 1 + wire.optional('0103c320').length);
  }
});

test('a debezium insert has the row after, its retraction the same bytes before', () => {
  const encoder = encoderOf([debezium]);
  const record = insertOne(encoder.insert(eventOf('logs'), origin, context)[0]);
  const insertTail = Buffer.concat([
    source,
    wire.absent,
    wire.text('c'),
    wire.number(1_700_000_000_130),
    wire.number(1),
    wire.text(id),
    wire.number(2),
    wire.absent,
    wire.absent,
    wire.number(origin.receivedAtUs),
    wire.number(publishedAtUs),
  ]);
  assert.deepEqual(
    record.value,
    Buffer.concat([wire.header(2), wire.absent, wire.present, logRow, insertTail]),
  );
  assert.deepEqual(record.value.subarray(record.rowStart, record.rowEnd), logRow);
  const retractionTail = Buffer.concat([
    source,
    wire.absent,
    wire.text('d'),
    wire.number(1_700_000_000_130),
    wire.number(-1),
    wire.text(id),
    wire.number(2),
    wire.present,
    wire.text(reorg.id),
    wire.number(2),
    wire.number(19_999_999),
    wire.text(reorg.commonAncestorHash),
    wire.text('parent hash'),
    wire.absent,
    wire.number(times.receivedAtUs),
    wire.number(times.publishedAtUs),
  ]);
  assert.deepEqual(
    encoder.retract(record, reorg, times).value,
    Buffer.concat([wire.header(2), wire.present, logRow, wire.absent, retractionTail]),
  );
});

test('every dataset is read back from both envelopes as it was made, retractions included', () => {
  const routes = datasetNames.flatMap((name) => [routeOf(name, 'flat'), routeOf(name, 'debezium')]);
  const encoder = encoderOf(routes);
  for (const name of datasetNames) {
    const records = encoder.insert(eventOf(name), origin, context);
    assert.equal(records.length, 2);
    const [first, second] = records.map((each) => each.value.subarray(each.rowStart, each.rowEnd));
    assert.deepEqual(first, second, 'both routes hold the same row bytes');
    for (const record of records) {
      const { height, blockHash, blockTimeMs: timeMs } = origin;
      assert.deepEqual(encoder.read({ ...record, offset: 7 }), {
        isRetraction: false,
        height,
        blockHash,
        timeMs,
        record,
      });
      const retraction = encoder.retract(record, reorg, times);
      assert.ok(retraction.value);
      const stored = encoder.read({ ...retraction, value: retraction.value, offset: 8 });
      assert.ok(!(stored instanceof Promise) && stored.isRetraction);
      const { value, rowStart, rowEnd, eventId, incarnation } = stored.record;
      assert.deepEqual(value.subarray(rowStart, rowEnd), first);
      assert.deepEqual({ eventId, incarnation }, { eventId: record.eventId, incarnation: 2 });
      assert.deepEqual(stored.record.key, record.key);
    }
  }
});

test('the same input gives the same bytes, whatever was encoded in between', () => {
  const encoder = encoderOf([flat, routeOf('transactions', 'flat')]);
  const first = encoder.insert(eventOf('logs'), origin, context);
  const huge = { ...rows.transactions, input: `0x${'ab'.repeat(200_000)}` };
  const [large] = encoder.insert(eventOf('transactions', huge), origin, context);
  assert.ok((large?.value.length ?? 0) > 400_000);
  assert.deepEqual(encoder.insert(eventOf('logs'), origin, context), first);
  assert.deepEqual(encoderOf([flat]).insert(eventOf('logs'), origin, context), first);
});

test('a backfilled row is marked r, a dataset without a route gives nothing', () => {
  const encoder = encoderOf([flat]);
  const backfill = { ...origin, isBackfill: true };
  const record = insertOne(encoder.insert(eventOf('logs'), backfill, context)[0]);
  const op = record.value.subarray(record.rowEnd, record.rowEnd + 2);
  assert.deepEqual(op, wire.text('r'));
  assert.deepEqual(encoder.insert(eventOf('blocks'), origin, context), []);
});

test('record time is the event time or the time of receipt, and a retraction repeats it', () => {
  const encoder = encoderOf([{ ...debezium, timestamps: 'ingest' }]);
  const record = insertOne(encoder.insert(eventOf('logs'), origin, context)[0]);
  assert.equal(record.timestampMs, 1_700_000_000_123);
  const retraction = encoder.retract(record, reorg, times);
  assert.equal(retraction.timestampMs, record.timestampMs);
  assert.ok(retraction.value?.includes(source), 'source.ts_ms is still the event time');
});

test('the first routing column that is not null chooses the partition, else the chain', () => {
  const route = { ...routeOf('internal_transactions', 'flat') };
  const partitionOf = (row: Row) =>
    insertOne(encoderOf([route]).insert(eventOf('internal_transactions', row), origin, context)[0])
      .partition;
  const row = rows.internal_transactions;
  assert.equal(partitionOf(row), positiveMurmur2(String(row['to_address'])) % 6);
  const created = { ...row, to_address: null };
  assert.equal(partitionOf(created), positiveMurmur2(String(row['from_address'])) % 6);
  const transfer = { ...rows.token_transfers, token_address: null };
  const [native] = encoderOf([routeOf('token_transfers', 'flat')]).insert(
    eventOf('token_transfers', transfer),
    origin,
    context,
  );
  assert.equal(native?.partition, positiveMurmur2('eip155:1') % 6);
});

test('a later row takes the place of one of its primary key only where its dataset says so', () => {
  const dataset = loadDataset('tzkt/token_balances');
  const balances = { ...flat, dataset, topic: 'balances' };
  const encoder = encoderOf([flat, balances]);
  const row = { account: 'a', token_address: 'b', token_id: '0', entrypoint: null, balance: '5' };
  const balance = { dataset: 'token_balances', index: '0', row, timeMs: 0 };
  const order = encoder.orderOf(balance);
  assert.equal(order, '["token_balances",["a","b","0",null]]');
  assert.equal(encoder.orderOf({ ...balance, row: { ...row, balance: '6' } }), order);
  assert.equal(encoder.orderOf(eventOf('logs')), null);
});

test('a retraction goes to the partition of its insert after the topic has grown', () => {
  const record = insertOne(encoderOf([flat]).insert(eventOf('logs'), origin, context)[0]);
  const grown = encoderOf([flat], {
    partitions: new PartitionTable({
      counts: [{ topic: flat.topic, fromHeight: 0, partitions: 7 }],
      pinned: new Map(),
    }),
  });
  const again = insertOne(grown.insert(eventOf('logs'), origin, context)[0]);
  assert.notEqual(again.partition, record.partition);
  assert.equal(grown.retract(record, reorg, times).partition, record.partition);
});
