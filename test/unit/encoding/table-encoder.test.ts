/** Rows as state and final topics have them, made of the bytes of their inserts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { avroType } from '../../../src/encoding/avro-schema.ts';
import { type Dataset, loadDataset } from '../../../src/encoding/dataset.ts';
import type { InsertRecord } from '../../../src/encoding/encoded-record.ts';
import { keySchema, primaryKeySchema, valueSchema } from '../../../src/encoding/envelope.ts';
import { murmur2 } from '../../../src/encoding/murmur2.ts';
import { TableEncoder } from '../../../src/encoding/table-encoder.ts';
import { headerBytes, schemaIdOf } from '../../../src/encoding/value-layout.ts';
import { encoderOf, eventOf, origin, publishedAtUs, routeOf, rows, topicOf } from './samples.ts';

const madeAtMs = 1_700_000_001_000;
const ids = { state: { key: 21, value: 22 }, final: { key: 31, value: 32 } };

function made(envelope: 'flat' | 'debezium', dataset: Dataset = loadDataset('evm/logs')) {
  const changelog = topicOf('logs', envelope);
  const encoder = encoderOf([routeOf('logs', envelope)]);
  const [insert] = encoder.insert(eventOf('logs'), origin, { incarnation: 2, publishedAtUs });
  assert.ok(insert);
  const tables = new TableEncoder({
    routes: [{ dataset, changelog, state: 'logs.state', final: 'logs.final' }],
    schemaIds: new Map([
      ['logs.state', ids.state],
      ['logs.final', ids.final],
    ]),
    partitions: new Map([['logs.state', 5]]),
    layoutOf: (record) => encoder.layoutOf(record),
  });
  return { insert, tables };
}

function decoded(schema: Parameters<typeof avroType>[0], bytes: Buffer): Record<string, unknown> {
  const { value, offset } = avroType(schema).decode(bytes, headerBytes);
  assert.equal(offset, bytes.length);
  return { ...value };
}

const logs = loadDataset('evm/logs');

for (const envelope of ['flat', 'debezium'] as const) {
  describe(`a row of a ${envelope} changelog`, () => {
    const { insert, tables } = made(envelope);
    const state = tables.state(insert, madeAtMs);
    assert.ok(state);

    it('is on its state topic with its columns, under its primary key', () => {
      const value = decoded(valueSchema(logs, 'upsert'), state.value);
      const { log_index: logIndex, data, event_id: eventId, incarnation, ts_ms: ts } = value;
      assert.deepEqual(
        { logIndex, data, eventId, incarnation, ts },
        { logIndex: 12, data: '0x00', eventId: insert.eventId, incarnation: 2, ts: madeAtMs },
      );
      assert.deepEqual(decoded(primaryKeySchema(logs), state.key), {
        chain: origin.chain,
        dataset: 'logs',
        height: origin.height,
        log_index: 12,
      });
      assert.deepEqual([schemaIdOf(state.key), schemaIdOf(state.value)], [21, 22]);
      assert.equal(state.timestampMs, insert.timestampMs);
    });

    it('goes where the default partitioner of Java sends its key', () => {
      assert.equal(state.partition, (murmur2(state.key) & 0x7fffffff) % 5);
    });

    it('is taken out by a tombstone of the same key, place and time', () => {
      assert.deepEqual(tables.tombstone(insert), { ...state, value: null });
    });

    it('is on its final topic with the key, partition and time of its insert', () => {
      const final = tables.final(insert, madeAtMs);
      assert.ok(final);
      assert.deepEqual(decoded(keySchema(logs), final.key), decoded(keySchema(logs), insert.key));
      assert.deepEqual([schemaIdOf(final.key), schemaIdOf(final.value)], [31, 32]);
      assert.deepEqual(final.value.subarray(headerBytes), state.value.subarray(headerBytes));
      assert.equal(final.partition, insert.partition);
      assert.equal(final.timestampMs, insert.timestampMs);
    });
  });
}

describe('a row that was published before its dataset got a column', () => {
  const added = { name: 'added', type: ['null', 'string'] as const, doc: 'New.', default: null };
  const grown = { ...logs, row: { ...logs.row, fields: [...logs.row.fields, added] } };

  it('is on the tables in the present form, under the same key', () => {
    const { insert, tables } = made('debezium', grown);
    const row = tables.state(insert, madeAtMs);
    assert.ok(row);
    const value = decoded(valueSchema(grown, 'upsert'), row.value);
    assert.equal(value['added'], null);
    assert.equal(value['data'], rows.logs['data']);
    const before = made('debezium');
    assert.deepEqual(row.key, before.tables.state(before.insert, madeAtMs)?.key);
  });
});

it('a changelog without tables gets none', () => {
  const { insert, tables } = made('flat');
  const other: InsertRecord = { ...insert, topic: 'other' };
  assert.equal(tables.state(other, madeAtMs), null);
  assert.equal(tables.tombstone(other), null);
  assert.equal(tables.final(other, madeAtMs), null);
});
