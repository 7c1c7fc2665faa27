/** The status board: what it derives, and that it is bounded. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BlockHeader } from '../../../src/model/block.ts';
import { sourceStates } from '../../../src/model/source-state.ts';
import { readinessOf } from '../../../src/observability/readiness.ts';
import {
  createStatusBoard,
  recentBlocksMax,
  recentReorgsMax,
  type SourceStatus,
  type StatusBoard,
} from '../../../src/observability/status.ts';

function header(height: number, branch = 'a'): BlockHeader {
  return { height, hash: `${height}${branch}`, parentHash: `${height - 1}a`, timeMs: 0 };
}

function only(board: StatusBoard): SourceStatus {
  const [status] = board.statuses();
  assert.ok(status);
  return status;
}

const reorg = {
  id: 'r',
  depth: 1,
  commonAncestor: { height: 1, hash: '1a' },
  retractions: 5,
  reason: 'x',
};

describe('the status board', () => {
  it('keeps what a change leaves out, and derives the lag', () => {
    let now = 1000;
    const board = createStatusBoard(() => now);
    const source = board.source('a', { kind: 'evm', chain: 'eip155:1' });
    source.update({ head: { height: 9, hash: null }, published: { height: 7, hash: '7a' } });
    now = 2000;
    source.update({ state: 'live' });
    now = 3000;
    board.source('a').update({ state: 'live', lagMs: 12 });
    const { kind, chain, state, stateSince, lagBlocks, lagMs } = only(board);
    assert.deepEqual(
      { kind, chain, state, stateSince, lagBlocks, lagMs },
      { kind: 'evm', chain: 'eip155:1', state: 'live', stateSince: 2000, lagBlocks: 2, lagMs: 12 },
    );
  });

  it('shows a block that comes back once, canonical again and last', () => {
    const board = createStatusBoard(() => 0);
    const source = board.source('a');
    source.blockPublished(header(2, 'a'), 5);
    source.reorgPublished(reorg, [{ height: 2, hash: '2a' }]);
    source.blockPublished(header(2, 'b'), 6);
    assert.deepEqual(
      only(board).recentBlocks.map(({ hash, isCanonical }) => [hash, isCanonical]),
      [
        ['2a', false],
        ['2b', true],
      ],
    );
    source.reorgPublished(reorg, [{ height: 2, hash: '2b' }]);
    source.blockPublished(header(2, 'a'), 5);
    const { recentBlocks, totals } = only(board);
    assert.deepEqual(
      recentBlocks.map(({ hash, isCanonical }) => [hash, isCanonical]),
      [
        ['2b', false],
        ['2a', true],
      ],
    );
    assert.deepEqual(totals, { blocks: 3, rows: 16, retractions: 10, reorgs: 2 });
  });

  it('keeps a bounded number of blocks and reorgs, the newest', () => {
    const board = createStatusBoard(() => 0);
    const source = board.source('a');
    for (let height = 1; height <= recentBlocksMax + 50; height++) {
      source.blockPublished(header(height), 1);
      source.reorgPublished({ ...reorg, id: String(height) }, []);
    }
    const { recentBlocks, recentReorgs } = only(board);
    assert.equal(recentBlocks.length, recentBlocksMax);
    assert.equal(recentBlocks.at(-1)?.height, recentBlocksMax + 50);
    assert.equal(recentReorgs.length, recentReorgsMax);
    assert.equal(recentReorgs[0]?.id, String(recentBlocksMax + 50));
  });

  it('averages over the last ten whole seconds', () => {
    let now = 100_500;
    const board = createStatusBoard(() => now);
    board.source('a').blockPublished(header(1), 50);
    assert.equal(only(board).rates.rowsPerSecond, 0);
    now = 101_000;
    assert.equal(only(board).rates.rowsPerSecond, 5);
    assert.equal(only(board).rates.blocksPerSecond, 0.1);
    now = 111_000;
    assert.equal(only(board).rates.rowsPerSecond, 0);
  });
});

describe('readiness', () => {
  it('needs every source to be catching up or live', () => {
    for (const state of sourceStates) {
      const board = createStatusBoard(() => 0);
      board.source('a').update({ state: 'live' });
      board.source('b').update({ state });
      const expected = state === 'live' || state === 'catching_up';
      assert.equal(readinessOf(board.statuses()).isReady, expected, state);
    }
  });

  it('is not given before the first source, and names what is missing', () => {
    assert.deepEqual(readinessOf([]).reasons, ['no source has started yet']);
    const board = createStatusBoard(() => 0);
    board
      .source('b')
      .update({ state: 'paused', error: { code: 'source.wrong_chain', message: 'no' } });
    assert.deepEqual(readinessOf(board.statuses()).reasons, ['b: paused (source.wrong_chain: no)']);
  });
});
