/** Where a state or final topic may begin. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Checkpoint, KeptTable } from '../../../src/model/checkpoint.ts';
import { blockCursor } from '../../../src/model/cursor.ts';
import { PipelineError } from '../../../src/model/errors.ts';
import { keptTables } from '../../../src/pipeline/kept-tables.ts';
import type { TableSpec } from '../../../src/pipeline/table-spec.ts';

const block = {
  height: 8,
  hash: '8a',
  parentHash: '7a',
  timeMs: 8,
  incarnation: 1,
  rows: 0,
};

function checkpointWith(
  tables: readonly KeptTable[],
  change: Partial<Checkpoint> = {},
): Checkpoint {
  return {
    version: 1,
    source: 'sim',
    identity: 'test:1/genesis',
    generation: 1,
    sequence: 1,
    cursor: blockCursor({ height: 9, hash: '9a' }),
    finalized: { height: 7, hash: '7a' },
    blocks: [block, { ...block, height: 9, hash: '9a', parentHash: '8a' }],
    reverted: [],
    undo: [],
    partitionCounts: [],
    tables,
    corrections: [],
    writtenAtMs: 1,
    ...change,
  };
}

function spec(isPartial = false): TableSpec[] {
  return [
    {
      changelog: 'logs',
      state: { topic: 'logs.state', isPartial, superseding: null },
      final: { topic: 'logs.final', isPartial },
    },
  ];
}

function begin(specs: TableSpec[], checkpoint: Checkpoint | null, filled: readonly string[] = []) {
  const reader = { hasRecords: async (topic: string) => filled.includes(topic) };
  return keptTables(specs, { checkpoint, reader, signal: AbortSignal.timeout(1_000) });
}

const incomplete = (error: unknown): boolean =>
  error instanceof PipelineError && error.code === 'checkpoint.table_incomplete';

describe('a table', () => {
  it('begins whole where nothing was published', async () => {
    const whole = [
      { topic: 'logs.state', fromHeight: null },
      { topic: 'logs.final', fromHeight: null },
    ];
    assert.deepEqual(await begin(spec(), null), whole);
    const opened = checkpointWith([], { cursor: null, finalized: null, blocks: [] });
    assert.deepEqual(await begin(spec(), opened), whole);
  });

  it('goes on as the checkpoint has it, full or not', async () => {
    const tables = [
      { topic: 'logs.state', fromHeight: 4 },
      { topic: 'logs.final', fromHeight: null },
    ];
    const filled = ['logs.state', 'logs.final'];
    assert.deepEqual(await begin(spec(), checkpointWith(tables), filled), tables);
  });

  it('that rows were published without is refused', async () => {
    await assert.rejects(begin(spec(), checkpointWith([])), (error) => {
      assert.match(String(error), /below 10 without it.*partial: true/);
      return incomplete(error);
    });
  });

  it('may begin late on request: state above what is published, final above what is final', async () => {
    assert.deepEqual(await begin(spec(true), checkpointWith([])), [
      { topic: 'logs.state', fromHeight: 10 },
      { topic: 'logs.final', fromHeight: 8 },
    ]);
  });

  it('with records that no checkpoint answers for is refused, late or not', async () => {
    await assert.rejects(begin(spec(), null, ['logs.state']), incomplete);
    await assert.rejects(begin(spec(true), checkpointWith([]), ['logs.final']), incomplete);
  });
});
