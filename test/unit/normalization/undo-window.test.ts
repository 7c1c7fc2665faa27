import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UndoBlock, type UndoHeader, UndoWindow } from '../../../src/normalization/undo-window.ts';

function header(height: number): UndoHeader {
  return {
    height,
    hash: `h${height}`,
    parentHash: `h${height - 1}`,
    timeMs: height,
    incarnation: 1,
  };
}

function filled(...rows: readonly number[]): UndoWindow<string> {
  const window = new UndoWindow<string>();
  for (const [height, count] of rows.entries()) {
    const records = Array.from({ length: count }, (_, index) => `${height}.${index}`);
    window.push(new UndoBlock(header(height), records));
  }
  return window;
}

describe('UndoWindow', () => {
  it('gives back the newest block, newest row first', () => {
    const window = filled(1, 3);
    assert.deepEqual(window.revert({ height: 1, hash: 'h1' }), ['1.2', '1.1', '1.0']);
    assert.equal(window.rows, 1);
  });

  it('refuses to give back any but the newest block', () => {
    assert.throws(() => filled(1, 1).revert({ height: 0, hash: 'h0' }), /Invariant/);
    assert.throws(() => filled().revert({ height: 0, hash: 'h0' }), /Invariant/);
  });

  it('lets go of what is final', () => {
    const window = filled(2, 2, 2);
    window.finalize(1);
    assert.equal(window.rows, 2);
    assert.deepEqual(
      window.blocks.map(({ ref }) => ref.height),
      [2],
    );
    window.finalize(9);
    assert.equal(window.rows, 0);
  });

  it('names the height up to which it must be cut to hold at most so many rows', () => {
    assert.equal(filled(2, 2, 2).heightOver(6), undefined);
    assert.equal(filled(2, 2, 2).heightOver(5), 0);
    assert.equal(filled(2, 2, 2).heightOver(3), 1);
    assert.equal(filled(2, 2, 2).heightOver(0), 1);
  });
});
