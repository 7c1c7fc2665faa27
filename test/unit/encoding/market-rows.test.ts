import assert from 'node:assert/strict';
import { test } from 'node:test';
import { avroType } from '../../../src/encoding/avro-schema.ts';
import { keySchema, valueSchema } from '../../../src/encoding/envelope.ts';
import { KeptRows } from '../../../src/encoding/kept-rows.ts';
import { PipelineError } from '../../../src/model/errors.ts';
import type { Origin } from '../../../src/model/event.ts';
import {
  kind,
  marketEvent,
  marketOrigin,
  trades,
  venue,
} from '../../support/market/market-datasets.ts';
import { encoderOf } from './samples.ts';

const event = marketEvent({
  ...{ dataset: 'trades', symbol: 'BTC', id: 7, timeMs: 5_000 },
  price: '1.5',
});
const context = { incarnation: 1, publishedAtUs: 9_000_001 };
const correction = {
  id: 'venue/tape/trades/BTC/7/correction/1',
  depth: 0,
  commonAncestorHeight: 0,
  commonAncestorHash: '',
  reason: 'correction',
};

function encoder(envelope: 'flat' | 'debezium') {
  const route = { dataset: trades, topic: 'trades', envelope, routing: trades.routing };
  return encoderOf([{ ...route, timestamps: 'event' }], { connector: kind, chain: venue });
}

function onlyOf<T>(items: readonly T[]): T {
  const [first, ...more] = items;
  assert.ok(first !== undefined && more.length === 0);
  return first;
}

test('a row of market data has the same event id whichever way it was read', () => {
  const live = onlyOf(encoder('flat').insert(event, marketOrigin, context));
  const history: Origin = { ...marketOrigin, isBackfill: true, receivedAtUs: 1, blockTimeMs: 1 };
  const replayed = onlyOf(encoder('flat').insert(event, history, context));
  assert.equal(live.eventId, 'venue/tape/trades/BTC/7');
  assert.equal(replayed.eventId, live.eventId);
  assert.ok(encoder('flat').isSameRow(live, replayed));
  const key: unknown = avroType(keySchema(trades)).fromBuffer(live.key.subarray(5));
  const expected = { chain: 'venue', dataset: 'trades', symbol: 'BTC', trade_id: '7' };
  assert.deepEqual({ ...Object(key) }, expected);
});

test('a row that is held says the same, and shares memory with held rows alone', () => {
  const own = encoder('flat');
  const rows = new KeptRows();
  const keptOf = (timeMs: number) => {
    const record = onlyOf(
      own.insert(
        { ...event, timeMs, row: { ...event.row, event_time: timeMs } },
        marketOrigin,
        context,
      ),
    );
    return { record, kept: rows.keep(record) };
  };
  const all = Array.from({ length: 1_000 }, (_, index) => keptOf(index));
  const memory = new Set<ArrayBufferLike>();
  let sizeBytes = 0;
  for (const { record, kept } of all) {
    const { topic, partition, timestampMs, key, value, rowStart, rowEnd, eventId, incarnation } =
      kept;
    const facts = { topic, partition, timestampMs, key, value };
    assert.deepEqual({ ...facts, rowStart, rowEnd, eventId, incarnation }, record);
    assert.notEqual(key.buffer, record.key.buffer);
    for (const { buffer } of [key, value]) memory.add(buffer);
    sizeBytes += key.length + value.length;
  }
  const heldBytes = [...memory].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.ok(heldBytes < sizeBytes + 2 * 65_536, `${heldBytes} bytes for ${sizeBytes}`);
});

test('a row that is larger than the memory of several is held too', () => {
  const record = onlyOf(encoder('flat').insert(event, marketOrigin, context));
  const large = { ...record, value: Buffer.alloc(200_000, 7) };
  const rows = new KeptRows();
  const [first, second] = [rows.keep(large), rows.keep(record)];
  assert.ok(first.value.equals(large.value));
  assert.ok(second.value.equals(record.value) && second.key.equals(record.key));
});

test('a row of market data is read back from both envelopes, and retracted with its bytes', () => {
  for (const envelope of ['flat', 'debezium'] as const) {
    const own = encoder(envelope);
    const record = onlyOf(own.insert(event, marketOrigin, context));
    const stored = own.read({ ...record, offset: 3 });
    const expected = { isRetraction: false, height: 0, blockHash: null, timeMs: 5_000, record };
    assert.deepEqual(stored, expected);
    const retraction = own.retract(record, correction, { publishedAtUs: 2, receivedAtUs: 1 });
    assert.ok(retraction.value);
    const back = own.read({ ...retraction, value: retraction.value, offset: 4 });
    assert.ok(!(back instanceof Promise) && back.isRetraction);
    const { value, rowStart, rowEnd } = back.record;
    const row = record.value.subarray(record.rowStart, record.rowEnd);
    assert.deepEqual(value.subarray(rowStart, rowEnd), row);
  }
});

test('the debezium envelope tells kind and index where a chain has block and index', () => {
  const own = encoder('debezium');
  const record = onlyOf(own.insert(event, marketOrigin, context));
  const retraction = own.retract(record, correction, { publishedAtUs: 2, receivedAtUs: 1 });
  const type = avroType(valueSchema(trades, 'debezium'));
  for (const { value } of [record, retraction]) {
    assert.ok(value);
    const { source } = type.fromBuffer(value.subarray(5));
    assert.deepEqual([source.txId, source.sequence], ['tape', '["0","BTC/7"]']);
    assert.equal(source.ts_ms, 5_000);
  }
});

test('a row of market data that is not of its event, or comes with a block, is refused', () => {
  const refused = (error: unknown): boolean =>
    error instanceof PipelineError && error.code === 'row.invalid';
  const own = encoder('flat');
  const late = { ...event, timeMs: 5_001 };
  assert.throws(() => own.insert(late, marketOrigin, context), refused);
  const elsewhere = { ...marketOrigin, chain: 'other' };
  assert.throws(() => own.insert(event, elsewhere, context), refused);
  const inBlock = { ...marketOrigin, height: 7, blockHash: '0x7' };
  assert.throws(() => own.insert(event, inBlock, context), refused);
});
