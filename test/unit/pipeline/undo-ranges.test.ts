import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UndoEnds, undoRanges } from '../../../src/pipeline/undo-ranges.ts';

const range = (topic: string, partition: number, firstOffset: number, lastOffset: number) => ({
  ...{ topic, partition, firstOffset, lastOffset },
});

describe('undoRanges', () => {
  it('joins the ranges of a partition from the first record to the last, in any order', () => {
    const given = [range('b', 0, 7, 9), range('a', 1, 4, 5), range('b', 0, 1, 2)];
    const before = structuredClone(given);
    assert.deepEqual(undoRanges(given), [range('a', 1, 4, 5), range('b', 0, 1, 9)]);
    assert.deepEqual(undoRanges(given.toReversed()), [range('a', 1, 4, 5), range('b', 0, 1, 9)]);
    assert.deepEqual(given, before);
  });

  it('sorts partitions by number', () => {
    const given = [range('a', 10, 0, 0), range('a', 2, 0, 0)];
    assert.deepEqual(
      undoRanges(given).map(({ partition }) => partition),
      [2, 10],
    );
  });
});

describe('UndoEnds', () => {
  it('reaches over the newest record of a partition that is held, and forgets the others', () => {
    const ends = new UndoEnds([range('a', 0, 8, 7), range('b', 0, 4, 3)], false);
    const held = [range('a', 0, 2, 3)];
    assert.deepEqual(ends.ranges(held, [range('a', 0, 6, 5)])(), [range('a', 0, 2, 7)]);
    assert.deepEqual(ends.ranges([range('b', 0, 9, 9)], [])(), [range('b', 0, 9, 9)]);
  });

  it('joins later the ranges of the publication that it was asked for', () => {
    const ends = new UndoEnds([range('a', 0, 8, 7)], true);
    const first = ends.ranges([], [range('a', 0, 10, 9)]);
    ends.ranges([], [range('a', 0, 12, 11)]);
    assert.deepEqual(first(), [range('a', 0, 10, 9)]);
  });

  it('keeps the end of every partition where restore reads on past them', () => {
    const ends = new UndoEnds([range('a', 0, 8, 7)], true);
    assert.deepEqual(ends.ranges([], [range('a', 0, 10, 9)])(), [range('a', 0, 10, 9)]);
  });
});
