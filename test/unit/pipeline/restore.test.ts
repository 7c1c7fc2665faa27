import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredRecord } from '../../../src/encoding/encoded-record.ts';
import type { Checkpoint, PublishedBlock } from '../../../src/model/checkpoint.ts';
import { blockCursor } from '../../../src/model/cursor.ts';
import { type RestoreReader, restore } from '../../../src/pipeline/restore.ts';
import { readSimulatedChange } from '../../support/simulation/encoders.ts';

const block: PublishedBlock = {
  height: 5,
  hash: '5a',
  parentHash: '4a',
  timeMs: 5000,
  incarnation: 1,
  rows: 2,
};

const checkpoint: Checkpoint = {
  version: 1,
  source: 'sim',
  identity: 'test:1/genesis',
  generation: 3,
  sequence: 9,
  cursor: blockCursor(block),
  finalized: { height: 4, hash: '4a' },
  blocks: [block],
  reverted: [],
  undo: [{ topic: 'logs', partition: 0, firstOffset: 10, lastOffset: 12 }],
  partitionCounts: [],
  tables: [],
  corrections: [],
  writtenAtMs: 1,
};

function stored(offset: number, index: number, change: Record<string, unknown> = {}): StoredRecord {
  const value = {
    row: { height: 5, block_hash: '5a', index },
    op: 'c',
    eventId: `test:1/5a/logs/${index}`,
    incarnation: 1,
    reorg: null,
    ...change,
  };
  return {
    topic: 'logs',
    partition: 0,
    offset,
    key: Buffer.from(value.eventId),
    value: Buffer.from(JSON.stringify(value)),
    timestampMs: 5000,
  };
}

function reader(records: StoredRecord[], firstOffset = 0): RestoreReader {
  return {
    readCheckpoint: async () => checkpoint,
    async *readRanges(ranges) {
      for (const { firstOffset: from, lastOffset: to } of ranges) {
        yield records.filter(({ offset }) => offset >= from && offset <= to);
      }
    },
    async *readTable() {},
    hasRecords: async () => false,
    readEnds: async () => [{ topic: 'logs', partition: 0, firstOffset, lastOffset: 20 }],
    readChange: readSimulatedChange,
  };
}

const committed = { readsPastCheckpoint: false, tables: [], signal: new AbortController().signal };
const past = { ...committed, readsPastCheckpoint: true };

function hasCode(code: string) {
  return (error: unknown) => (error as { code?: string }).code === code;
}

describe('restore', () => {
  it('gives nothing to go on from where there is no checkpoint', async () => {
    const empty = { ...reader([]), readCheckpoint: async () => null };
    const { checkpoint: found, undo } = await restore(empty, committed);
    assert.equal(found, null);
    assert.deepEqual(undo, []);
  });

  it('names the changelogs that hold records which no checkpoint answers for', async () => {
    const end = { topic: 'logs', partition: 0, firstOffset: 7, lastOffset: 7 };
    const empty = { ...end, partition: 1, lastOffset: 6 };
    const unansweredOf = async (ends: (typeof end)[]) => {
      const nothing = { ...reader([]), readCheckpoint: async () => null };
      return (await restore({ ...nothing, readEnds: async () => ends }, committed)).unanswered;
    };
    assert.deepEqual(await unansweredOf([end, { ...end, partition: 2 }, empty]), ['logs']);
    assert.deepEqual(await unansweredOf([empty]), []);
  });

  it('finds the rows of each unfinalized block with their places', async () => {
    const { undo } = await restore(reader([stored(10, 0), stored(12, 1)]), committed);
    assert.deepEqual(
      undo[0]?.records.map(({ eventId }) => eventId),
      ['test:1/5a/logs/0', 'test:1/5a/logs/1'],
    );
    assert.deepEqual(undo[0]?.ranges, checkpoint.undo);
  });

  it('passes over rows of another incarnation and of other blocks', async () => {
    const other = { row: { height: 5, block_hash: '5b', index: 0 }, eventId: 'test:1/5b/logs/0' };
    const records = [stored(10, 0), stored(11, 7, other), stored(12, 1)];
    const { undo } = await restore(reader(records), committed);
    assert.equal(undo[0]?.records.length, 2);
  });

  it('finds the rows of every incarnation of a revised block but for those taken back', async () => {
    const revised = { ...checkpoint, blocks: [{ ...block, incarnation: 2 }] };
    const records = [
      ...[stored(10, 0), stored(11, 1)],
      ...[stored(12, 0, { op: 'd' }), stored(12, 0, { incarnation: 2 })],
    ];
    for (const options of [committed, past]) {
      const found = await restore(
        { ...reader(records), readCheckpoint: async () => revised },
        options,
      );
      assert.deepEqual(
        found.undo[0]?.records.map(({ eventId, incarnation }) => `${eventId}#${incarnation}`),
        ['test:1/5a/logs/1#1', 'test:1/5a/logs/0#2'],
      );
      assert.deepEqual(found.orphans, []);
    }
  });

  it('takes back a revision that was published after the checkpoint, and keeps its incarnation', async () => {
    const records = [stored(10, 0), stored(12, 1), stored(13, 2, { incarnation: 2 })];
    const found = await restore(reader(records), past);
    assert.deepEqual(
      found.orphans.map(({ eventId }) => eventId),
      ['test:1/5a/logs/2'],
    );
    assert.equal(found.undo[0]?.records.length, 2);
    assert.deepEqual(found.checkpoint?.reverted, [{ height: 5, hash: '5a', incarnation: 2 }]);
  });

  it('refuses to go on when a row that may have to be retracted is missing', async () => {
    await assert.rejects(
      restore(reader([stored(10, 0)]), committed),
      hasCode('checkpoint.undo_window_incomplete'),
    );
  });

  it('refuses to go on when the topic was deleted from further than the window begins', async () => {
    await assert.rejects(
      restore(reader([stored(10, 0), stored(12, 1)], 11), committed),
      hasCode('checkpoint.undo_window_incomplete'),
    );
  });

  it('counts an event that was published twice once', async () => {
    const records = [stored(10, 0), stored(11, 0), stored(12, 1)];
    const { undo } = await restore(reader(records), committed);
    assert.equal(undo[0]?.records.length, 2);
  });

  it('takes back, newest first, what was published after the checkpoint without transactions', async () => {
    const next = { row: { height: 6, block_hash: '6a', index: 0 }, eventId: 'test:1/6a/logs/0' };
    const last = { row: { height: 6, block_hash: '6a', index: 1 }, eventId: 'test:1/6a/logs/1' };
    const records = [stored(10, 0), stored(12, 1), stored(13, 0, next), stored(14, 1, last)];
    const found = await restore(reader(records), past);
    assert.deepEqual(
      found.orphans.map(({ eventId }) => eventId),
      ['test:1/6a/logs/1', 'test:1/6a/logs/0'],
    );
    const reverted = { height: 6, hash: '6a', incarnation: 1 };
    assert.deepEqual(found.checkpoint?.reverted, [reverted, reverted]);
  });

  it('cuts the chain below a block whose retraction had begun', async () => {
    const records = [stored(10, 0), stored(12, 1), stored(14, 1, { op: 'd' })];
    const found = await restore(reader(records), past);
    assert.deepEqual(found.checkpoint?.blocks, []);
    assert.equal(found.checkpoint?.cursor, blockCursor({ height: 4, hash: '4a' }));
    assert.deepEqual(
      found.orphans.map(({ eventId }) => eventId),
      ['test:1/5a/logs/0'],
    );
  });
});
