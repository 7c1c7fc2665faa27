import assert from 'node:assert/strict';
import { test } from 'node:test';
import { avroType } from '../../../src/encoding/avro-schema.ts';
import { type CommonName, loadCommonSchema } from '../../../src/encoding/common-schema.ts';
import { ControlEncoder } from '../../../src/encoding/control-encoder.ts';
import { DeadLetterEncoder } from '../../../src/encoding/dead-letter-encoder.ts';
import type { EncodedRecord } from '../../../src/encoding/encoded-record.ts';
import { positiveMurmur2 } from '../../../src/encoding/murmur2.ts';
import type { ControlEvent } from '../../../src/model/control.ts';
import { tokenCursor } from '../../../src/model/cursor.ts';

const block = { height: 8, hash: '0x08', parentHash: '0x07', timeMs: 8_000 };
const tally = { topic: 'logs', partition: 1, inserts: 2, retractions: 3, firstOffset: 4 };
const wireTally = { topic: 'logs', partition: 1, inserts: 2, retractions: 3, first_offset: 4 };
const reorg = {
  id: 'r',
  depth: 1,
  commonAncestorHeight: 6,
  commonAncestorHash: '0x06',
  reason: 'parent hash',
};
const schemaIds = { key: 3, value: 4 };

function decode(name: CommonName, record: EncodedRecord) {
  const { key, value } = loadCommonSchema(name);
  assert.ok(record.value);
  assert.deepEqual([record.key.readInt32BE(1), record.value.readInt32BE(1)], [3, 4]);
  const read = (type: ReturnType<typeof avroType>, bytes: Buffer): unknown =>
    JSON.parse(JSON.stringify(type.fromBuffer(bytes.subarray(5))));
  return { key: read(avroType(key), record.key), value: read(avroType(value), record.value) };
}

test('each control event says its kind, its block and its own record', () => {
  const encoder = new ControlEncoder({ topic: 'control', chain: 'c', source: 's', schemaIds });
  const none = {
    height: null,
    hash: null,
    block: null,
    reorg: null,
    gap: null,
    session: null,
    market: null,
  };
  const cases: readonly (readonly [ControlEvent, object])[] = [
    [
      { kind: 'block', block, incarnation: 2, isBackfill: true, tallies: [tally] },
      {
        height: 8,
        hash: '0x08',
        block: {
          parent_hash: '0x07',
          block_time: 8_000,
          incarnation: 2,
          is_backfill: true,
          tallies: [wireTally],
        },
      },
    ],
    [
      { kind: 'replay', block, tallies: [tally] },
      {
        height: 8,
        hash: '0x08',
        block: {
          parent_hash: '0x07',
          block_time: 8_000,
          incarnation: 0,
          is_backfill: true,
          tallies: [wireTally],
        },
      },
    ],
    [
      { kind: 'reorg', reorg, reverted: [{ height: 7, hash: '0x07' }], tallies: [tally] },
      {
        height: 6,
        hash: '0x06',
        reorg: {
          id: 'r',
          depth: 1,
          common_ancestor_height: 6,
          common_ancestor_hash: '0x06',
          reason: 'parent hash',
          reverted: [{ height: 7, hash: '0x07' }],
          tallies: [wireTally],
        },
      },
    ],
    [
      { kind: 'finalized', block: { height: 5, hash: '0x05' } },
      { height: 5, hash: '0x05' },
    ],
    [
      { kind: 'gap', after: tokenCursor('1'), resumedAt: tokenCursor('9'), reason: 'late' },
      { gap: { after: '1:token:1', resumed_at: '1:token:9', reason: 'late' } },
    ],
    [
      { kind: 'session', state: 'lost', generation: 3, reason: 'closed' },
      { session: { state: 'lost', generation: 3, reason: 'closed' } },
    ],
    [
      {
        kind: 'market',
        dataset: 'trades',
        symbol: 'BTC',
        state: 'closed',
        epoch: null,
        ...{ fromMs: 1_000, toMs: 2_000, rows: 7, reason: 'rest' },
      },
      {
        market: {
          dataset: 'trades',
          symbol: 'BTC',
          state: 'closed',
          epoch: null,
          ...{ from_time: 1_000, to_time: 2_000, rows: 7, reason: 'rest' },
        },
      },
    ],
    [{ kind: 'heartbeat', block: null }, {}],
    [
      { kind: 'heartbeat', block },
      { height: 8, hash: '0x08' },
    ],
  ];
  for (const [event, expected] of cases) {
    const record = encoder.encode(event, 9_000);
    const { topic, partition, timestampMs } = record;
    assert.deepEqual([topic, partition, timestampMs], ['control', 0, 9_000]);
    assert.deepEqual(decode('control', record), {
      key: { chain: 'c', source: 's' },
      value: { kind: event.kind, chain: 'c', source: 's', time: 9_000, ...none, ...expected },
    });
  }
});

test('a dead letter holds the raw bytes, cut at the limit with their length told', () => {
  const encoder = new DeadLetterEncoder({
    topic: 'dead-letters',
    partitions: 3,
    chain: 'c',
    source: 's',
    schemaIds,
    rawBytesMax: 4,
  });
  const letter = {
    code: 'source.malformed_frame',
    stage: 'sources',
    reason: 'no height',
    cursor: tokenCursor('1'),
    timeMs: 9_000,
  };
  const record = encoder.encode({ ...letter, raw: new Uint8Array([1, 2, 3, 4, 5]) });
  assert.equal(record.partition, positiveMurmur2('s') % 3);
  assert.deepEqual(decode('dead_letter', record), {
    key: { source: 's' },
    value: {
      source: 's',
      chain: 'c',
      stage: 'sources',
      code: 'source.malformed_frame',
      reason: 'no height',
      position: '1:token:1',
      raw: { type: 'Buffer', data: [1, 2, 3, 4] },
      raw_size_bytes: 5,
      time: 9_000,
    },
  });
});
