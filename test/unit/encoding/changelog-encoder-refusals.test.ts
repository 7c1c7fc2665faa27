/** What the changelog encoder refuses to write or to read back, and what it asks for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText } from '../../../src/encoding/canonical-text.ts';
import { loadDataset } from '../../../src/encoding/dataset.ts';
import type { InsertRecord } from '../../../src/encoding/encoded-record.ts';
import { valueSchema } from '../../../src/encoding/envelope.ts';
import { DataError, PipelineError } from '../../../src/model/errors.ts';
import type { Row } from '../../../src/model/event.ts';
import { encoderOf, eventOf, origin, publishedAtUs, reorg, routeOf, rows } from './samples.ts';

const flat = routeOf('logs', 'flat');
const context = { incarnation: 2, publishedAtUs };
const times = { publishedAtUs: publishedAtUs + 5, receivedAtUs: publishedAtUs + 1 };

function insertOne(record: InsertRecord | undefined): InsertRecord {
  assert.ok(record);
  return record;
}

function caught(run: () => unknown): PipelineError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof PipelineError, String(error));
    return error;
  }
  assert.fail('nothing was thrown');
}

test('a row that does not fit names dataset, column, value and what was expected', () => {
  const encoder = encoderOf([flat, routeOf('transactions', 'flat')]);
  const errorOf = (dataset: 'logs' | 'transactions', change: Row) =>
    caught(() =>
      encoder.insert(eventOf(dataset, { ...rows[dataset], ...change }), origin, context),
    );
  const cases: readonly (readonly [PipelineError, string])[] = [
    [
      errorOf('logs', { log_index: 2 ** 53 }),
      'Row of logs: column "log_index" is 9007199254740992, expected long (a safe integer).',
    ],
    [errorOf('logs', { data: 7 }), 'Row of logs: column "data" is 7, expected null or string.'],
    [
      errorOf('logs', { contract_address: null }),
      'Row of logs: column "contract_address" is null, expected string.',
    ],
    [
      errorOf('transactions', { value_wei: '1.5' }),
      'Row of transactions: column "value_wei" is "1.5", expected a decimal integer as a string, without leading zeros.',
    ],
  ];
  for (const [error, message] of cases) {
    assert.ok(error instanceof DataError);
    assert.equal(error.code, 'row.invalid');
    assert.equal(error.message, message);
  }
  const unknown = errorOf('logs', { topics: 'x' });
  assert.match(
    unknown.message,
    /column "topics" is "x", expected one of the columns chain, height/,
  );
  const known = loadDataset('evm/logs').row.fields.map(({ name }) => [name, null]);
  const whole = { ...Object.fromEntries(known), ...rows.logs, topics: 'x' };
  assert.equal(errorOf('logs', whole).message, unknown.message, 'also beside all columns');
  const derived = errorOf('transactions', { value_wei_dec: null });
  assert.match(derived.message, /column "value_wei_dec" is null, expected one of the columns/);
  const foreign = errorOf('logs', { block_hash: `0x${'e'.repeat(64)}` });
  assert.match(foreign.message, /expected those of its block: eip155:1, 20000000, 0xaaa/);
  assert.equal(encoder.insert(eventOf('logs'), origin, context).length, 1, 'it goes on after');
});

test('a record that ommer did not write is refused with its place', async () => {
  const encoder = encoderOf([flat]);
  const record = insertOne(encoder.insert(eventOf('logs'), origin, context)[0]);
  const stored = (value: Buffer) => ({ ...record, value, offset: 42 });
  for (const value of [Buffer.from('{"json":1}'), record.value.subarray(0, 300), Buffer.alloc(0)]) {
    const error = caught(() => encoder.read(stored(value)));
    assert.equal(error.code, 'checkpoint.undo_window_incomplete');
    assert.match(error.message, /ommer\.eip155-1\.logs-\d@42 is not one that ommer wrote/);
  }
});

test('a schema id met for the first time is asked for once', async () => {
  const written = insertOne(
    encoderOf([flat], { schemaIds: new Map([[flat.topic, { key: 1, value: 9 }]]) }).insert(
      eventOf('logs'),
      origin,
      context,
    )[0],
  );
  const asked: number[] = [];

  const encoder = encoderOf([flat], {
    schemaById: async (schemaId) => {
      asked.push(schemaId);
      return canonicalText(valueSchema(flat.dataset, 'flat'));
    },
  });
  assert.equal(
    caught(() => encoder.retract(written, reorg, times)).code,
    'registry.unknown_schema_id',
  );
  assert.deepEqual((await encoder.read({ ...written, offset: 1 })).record, written);
  assert.ok(!(encoder.read({ ...written, offset: 1 }) instanceof Promise));
  assert.deepEqual(asked, [9]);
  assert.equal(encoder.retract(written, reorg, times).value?.readInt32BE(1), 9);
});
