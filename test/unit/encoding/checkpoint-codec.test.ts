import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalText } from '../../../src/encoding/canonical-text.ts';
import {
  CheckpointEncoder,
  checkpointPartition,
  checkpointSource,
  decodeCheckpoint,
} from '../../../src/encoding/checkpoint-codec.ts';
import { loadCommonSchema } from '../../../src/encoding/common-schema.ts';
import type { Checkpoint } from '../../../src/model/checkpoint.ts';
import { blockCursor } from '../../../src/model/cursor.ts';
import { PipelineError, TransientError } from '../../../src/model/errors.ts';

const schema = loadCommonSchema('checkpoint').value;
const encoder = new CheckpointEncoder({
  topic: 'ommer.checkpoints',
  partitions: 5,
  schemaIds: { key: 1, value: 2 },
});

const empty: Checkpoint = {
  version: 1,
  source: 'mainnet',
  identity: 'eip155:1/0x00',
  generation: 1,
  sequence: 0,
  cursor: null,
  finalized: null,
  blocks: [],
  reverted: [],
  undo: [],
  partitionCounts: [],
  tables: [],
  corrections: [],
  writtenAtMs: 1_700_000_000_000,
};

const full: Checkpoint = {
  ...empty,
  generation: 3,
  sequence: 123_456_789_012,
  cursor: blockCursor({ height: 7, hash: '0x07' }),
  finalized: { height: 5, hash: '0x05' },
  blocks: [
    { height: 6, hash: '0x06', parentHash: '0x05', timeMs: 6_000, incarnation: 1, rows: 9 },
    { height: 7, hash: '0x07', parentHash: '0x06', timeMs: 7_000, incarnation: 2, rows: 0 },
  ],
  reverted: [{ height: 7, hash: '0x77', incarnation: 1 }],
  undo: [{ topic: 'logs', partition: 1, firstOffset: 2, lastOffset: 5_000_000_000 }],
  partitionCounts: [{ topic: 'logs', fromHeight: 0, partitions: 6 }],
  corrections: [
    { topic: 'trades', rows: 7, leftToMs: 1_700_000_000_000 },
    { topic: 'funding', rows: 0, leftToMs: null },
  ],
};

const schemaById = (id: number) =>
  id === 2 ? Promise.resolve(canonicalText(schema)) : Promise.reject(new Error(String(id)));

function encoded(checkpoint: Checkpoint): Buffer {
  const { value } = encoder.encode(checkpoint);
  assert.ok(value);
  return value;
}

async function refusal(value: Buffer, text = canonicalText(schema)): Promise<PipelineError> {
  const reading = decodeCheckpoint(value, {
    source: 'mainnet',
    schemaById: () => Promise.resolve(text),
  });
  const error = await reading.catch((cause: unknown) => cause);
  assert.ok(error instanceof PipelineError, String(error));
  return error;
}

test('a checkpoint comes back as it was written', async () => {
  for (const checkpoint of [empty, full]) {
    const record = encoder.encode(checkpoint);
    assert.deepEqual(
      await decodeCheckpoint(encoded(checkpoint), { source: 'mainnet', schemaById }),
      checkpoint,
    );
    assert.equal(record.timestampMs, checkpoint.writtenAtMs);
    assert.equal(record.partition, checkpointPartition('mainnet', 5));
    assert.equal(checkpointSource(record.key), 'mainnet');
  }
});

test('a checkpoint that was cut or damaged never passes as another one', async () => {
  const value = encoded(full);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: value.length - 1 }), async (length) => {
      const error = await refusal(value.subarray(0, length));
      assert.equal(error.code, 'checkpoint.unreadable');
    }),
  );
  const longer = await refusal(Buffer.concat([value, Buffer.from([0])]));
  assert.equal(longer.code, 'checkpoint.unreadable');
  assert.match(longer.message, /ommer checkpoint reset mainnet/);
});

test('a newer version is refused even when its form is not known', async () => {
  const [source, version] = schema.fields;
  assert.ok(source && version);
  const later = canonicalText({ ...schema, fields: [source, version] });
  const body = encoded({ ...empty, version: 2 as 1 });
  const error = await refusal(body.subarray(0, 5 + 8 + 1), later);
  assert.equal(error.code, 'checkpoint.newer_version');
  assert.match(error.message, /version 2; this program reads up to 1.*Run the version/);
});

test('the checkpoint of another source is refused', async () => {
  const error = await refusal(encoded({ ...full, source: 'tezos' }));
  assert.equal(error.code, 'checkpoint.other_source');
  assert.match(error.message, /source "mainnet" was written by source "tezos"/);
});

test('a checkpoint of an older schema is read with the defaults of what it lacks', async () => {
  const fields = schema.fields.filter((field) => field.name !== 'finalized');
  const older = canonicalText({ ...schema, fields });
  const value = encoded(empty);
  // "finalized" is null: one byte, which an older writer did not write.
  const at = value.length - 1 - 1 - 1 - 1 - 1 - 6;
  const without = Buffer.concat([value.subarray(0, at), value.subarray(at + 1)]);
  const read = await decodeCheckpoint(without, {
    source: 'mainnet',
    schemaById: () => Promise.resolve(older),
  });
  assert.deepEqual(read, empty);
});

test('an error of the registry is not taken for an unreadable checkpoint', async () => {
  const unreachable = new TransientError('registry.unreachable', {
    stage: 'encoding',
    message: '',
  });
  const reading = decodeCheckpoint(encoded(full), {
    source: 'mainnet',
    schemaById: () => Promise.reject(unreachable),
  });
  await assert.rejects(reading, unreachable);
});

test('a foreign key names no source', () => {
  assert.equal(checkpointSource(Buffer.from('mainnet')), undefined);
  assert.equal(checkpointSource(null), undefined);
  assert.equal(checkpointSource(Buffer.from([0, 0, 0, 0, 1, 200])), undefined);
});
