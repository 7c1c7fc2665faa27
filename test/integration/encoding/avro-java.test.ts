import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalText } from '../../../src/encoding/canonical-text.ts';
import { CheckpointEncoder } from '../../../src/encoding/checkpoint-codec.ts';
import { keySchema, valueSchema } from '../../../src/encoding/envelope.ts';
import { murmur2 } from '../../../src/encoding/murmur2.ts';
import { changelogSchemas, commonSchemas } from '../../../src/encoding/schema-registration.ts';
import type { Checkpoint } from '../../../src/model/checkpoint.ts';
import { blockCursor } from '../../../src/model/cursor.ts';
import { askJava, type Question } from '../../support/avro-java/avro-java.ts';
import {
  datasetNames,
  encoderOf,
  eventOf,
  origin,
  publishedAtUs,
  reorg,
  routeOf,
  rows,
} from '../../unit/encoding/samples.ts';

const envelopes = ['flat', 'debezium'] as const;
const routes = datasetNames.flatMap((name) => envelopes.map((each) => routeOf(name, each)));
const wireHeaderBytes = 5;

test('every registered text is what Avro-Java itself writes', async () => {
  const topics = [
    ...routes.map(changelogSchemas),
    commonSchemas('control', 'control'),
    commonSchemas('checkpoint', 'checkpoints'),
    commonSchemas('dead_letter', 'dead-letters'),
  ];
  const texts = topics.flatMap(({ key, value }) => [canonicalText(key), canonicalText(value)]);
  const answers = await askJava(texts.map((schema) => ({ ask: 'text', schema })));
  assert.deepEqual(answers, texts);
});

test('Avro-Java reads every column of every dataset from inserts and retractions', async () => {
  const encoder = encoderOf(routes);
  const questions: Question[] = [];
  for (const name of datasetNames) {
    const context = { incarnation: 3, publishedAtUs };
    const records = encoder.insert(eventOf(name), origin, context);
    for (const [index, record] of records.entries()) {
      const route = routeOf(name, envelopes[index] ?? 'flat');
      const schema = canonicalText(valueSchema(route.dataset, route.envelope));
      const times = { publishedAtUs: publishedAtUs + 1, receivedAtUs: publishedAtUs };
      const retraction = encoder.retract(record, reorg, times);
      questions.push(
        { ask: 'decode', schema: canonicalText(keySchema(route.dataset)), datum: body(record.key) },
        { ask: 'decode', schema, datum: body(record.value) },
        { ask: 'decode', schema, datum: body(retraction.value) },
      );
    }
  }
  const answers = (await askJava(questions)).map((answer) => JSON.parse(answer));
  for (const [position, name] of datasetNames.entries()) {
    const at = position * 6;
    const [key, flat, flatGone, debeziumKey, debezium, debeziumGone] = answers.slice(at, at + 6);
    const { op, sign, event_id, incarnation, reorg_id, ts_ms, ...rest } = flat;
    const { received_at_us, published_at_us, tracing_id, ...row } = rest;
    assert.deepEqual(row, expectedRow(name));
    assert.equal(event_id, `eip155:1/${origin.blockHash}/${name}/12`);
    assert.deepEqual(
      { op, sign, incarnation, reorg_id, ts_ms, received_at_us, published_at_us, tracing_id },
      {
        op: 'c',
        sign: 1,
        incarnation: 3,
        reorg_id: null,
        ts_ms: 1_700_000_000_130,
        received_at_us: origin.receivedAtUs,
        published_at_us: publishedAtUs,
        tracing_id: null,
      },
    );
    assert.deepEqual(flatGone, {
      ...flat,
      op: 'd',
      sign: -1,
      reorg_id: reorg.id,
      received_at_us: publishedAtUs,
      published_at_us: publishedAtUs + 1,
    });
    assert.deepEqual(
      { before: debezium.before, after: debezium.after },
      { before: null, after: row },
    );
    assert.deepEqual(debeziumGone, {
      ...debezium,
      before: row,
      after: null,
      op: 'd',
      sign: -1,
      reorg: {
        id: reorg.id,
        depth: 2,
        common_ancestor_height: 19_999_999,
        common_ancestor_hash: reorg.commonAncestorHash,
        reason: 'parent hash',
      },
      received_at_us: publishedAtUs,
      published_at_us: publishedAtUs + 1,
    });
    assert.deepEqual(debezium.source, {
      version: '0.1.0',
      connector: 'evm',
      name: 'mainnet',
      ts_ms: origin.blockTimeMs,
      snapshot: 'false',
      db: 'eip155:1',
      schema: 'evm',
      table: name,
      sequence: '["20000000","12"]',
      txId: origin.blockHash,
    });
    assert.deepEqual(debeziumKey, key);
    assert.equal(key.dataset, name);
    assert.equal(key.block_hash, origin.blockHash);
  }
});

test('Avro-Java reads a checkpoint', async () => {
  const checkpoint: Checkpoint = {
    version: 1,
    source: 'mainnet',
    identity: 'eip155:1/0x00',
    generation: 4,
    sequence: 5,
    cursor: blockCursor({ height: 7, hash: '0x07' }),
    finalized: { height: 5, hash: '0x05' },
    blocks: [{ height: 6, hash: '0x06', parentHash: '0x05', timeMs: 6, incarnation: 1, rows: 9 }],
    reverted: [],
    undo: [{ topic: 't', partition: 1, firstOffset: 2, lastOffset: 3 }],
    partitionCounts: [{ topic: 't', fromHeight: 0, partitions: 6 }],
    tables: [],
    corrections: [],
    writtenAtMs: 1_700_000_000_000,
  };
  const { value, key } = commonSchemas('checkpoint', 'c');
  const record = new CheckpointEncoder({
    topic: 'c',
    partitions: 3,
    schemaIds: { key: 1, value: 2 },
  }).encode(checkpoint);
  const [asKey, asValue] = await askJava([
    { ask: 'decode', schema: canonicalText(key), datum: body(record.key) },
    { ask: 'decode', schema: canonicalText(value), datum: body(record.value) },
  ]);
  assert.deepEqual(JSON.parse(asKey ?? ''), { source: 'mainnet' });
  const read = JSON.parse(asValue ?? '');
  assert.equal(read.cursor, '1:block:7:0x07');
  assert.deepEqual(read.undo, [{ topic: 't', partition: 1, first_offset: 2, last_offset: 3 }]);
  assert.equal(read.blocks[0].parent_hash, '0x05');
});

test("murmur2 gives what Kafka's own class gives", async () => {
  const texts = ['', 'a', 'ab', 'abc', 'abcd', 'straße', '🪙', `0x${'c'.repeat(40)}`];
  const inputs = [...texts.map((each) => Buffer.from(each)), Buffer.from([0xff, 0x80, 0x7f])];
  for (let length = 0; length < 200; length += 1) {
    inputs.push(Buffer.from(Array.from({ length }, (_, at) => (at * 131 + length * 17) & 0xff)));
  }
  const answers = await askJava(inputs.map((bytes) => ({ ask: 'murmur2', bytes })));
  assert.deepEqual(
    inputs.map((bytes) => String(murmur2(bytes))),
    answers,
  );
});

function body(bytes: Buffer | null): Buffer {
  assert.ok(bytes);
  return bytes.subarray(wireHeaderBytes);
}

/** What Java should print: every column, decimals from the text they were derived from. */
function expectedRow(name: (typeof datasetNames)[number]): Record<string, unknown> {
  const columns = routeOf(name, 'flat').dataset.row.fields.map((field) => field.name);
  return Object.fromEntries(
    columns.map((column) => {
      const source = column.endsWith('_dec') ? rows[name][column.slice(0, -4)] : undefined;
      if (source === undefined || source === null) return [column, rows[name][column] ?? null];
      const fits = String(source).length <= 38;
      return [column, fits ? `decimal:${source}` : null];
    }),
  );
}
