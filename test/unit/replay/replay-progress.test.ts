import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ControlRange,
  filledHeights,
  replayCheckpoint,
  replayedRanges,
} from '../../../src/replay/replay-progress.ts';

function ranges(earlier: readonly ControlRange[], endOffset: number | null, controlEnd: number) {
  const state = {
    ...{ source: 's', identity: 'i', controlTopic: 'control', generation: 1 },
    earlier,
    startOffset: 1_000,
    tables: [],
    fromHeight: 0,
  };
  const checkpoint = replayCheckpoint(state, { sequence: 1, endOffset, height: 9, nowMs: 5 });
  return replayedRanges(checkpoint, controlEnd);
}

test('a finished replay leaves its own part of the control topic beside the earlier ones', () => {
  const earlier = [{ firstOffset: 10, lastOffset: 20 }];
  const own = { firstOffset: 1_000, lastOffset: 1_499 };
  assert.deepEqual(ranges(earlier, 1_500, 9_000), [...earlier, own]);
});

test('one that did not finish may have written as far as the topic reaches', () => {
  assert.deepEqual(ranges([], null, 1_200), [{ firstOffset: 1_000, lastOffset: 1_199 }]);
});

test('a topic that was made anew holds none of them', () => {
  assert.deepEqual(ranges([], 1_500, 7), []);
});

test('of too many parts the closest become one, and none is forgotten', () => {
  const earlier = Array.from({ length: 70 }, (_, index) => ({
    firstOffset: index * 10,
    lastOffset: index * 10 + (index === 3 ? 8 : 5),
  }));
  const kept = ranges(earlier, 1_500, 9_000);
  assert.equal(kept.length, 64);
  for (const { firstOffset, lastOffset } of earlier) {
    assert.ok(
      kept.some((range) => range.firstOffset <= firstOffset && range.lastOffset >= lastOffset),
    );
  }
});

test('heights written to a state topic are kept as long as the topic is the same one', () => {
  const kept = { topic: 't.state', fromHeight: 50 };
  const after = (
    filled: readonly { from: number; to: number }[],
    at: { from: number; to: number },
  ) =>
    replayCheckpoint(
      {
        ...{ source: 's', identity: 'i', controlTopic: 'control', generation: 1, earlier: [] },
        ...{ startOffset: 10, tables: [{ ...kept, filled }], fromHeight: at.from },
      },
      { sequence: 1, endOffset: 20, height: at.to, nowMs: 5 },
    );
  const first = after([], { from: 0, to: 9 });
  assert.deepEqual(filledHeights(first, kept), [{ from: 0, to: 9 }]);
  assert.deepEqual(replayedRanges(first, 99), [{ firstOffset: 10, lastOffset: 19 }]);
  const apart = after(filledHeights(first, kept), { from: 11, to: 12 });
  assert.deepEqual(filledHeights(apart, kept), [
    { from: 0, to: 9 },
    { from: 11, to: 12 },
  ]);
  const whole = after(filledHeights(apart, kept), { from: 10, to: 10 });
  assert.deepEqual(filledHeights(whole, kept), [{ from: 0, to: 12 }]);
  assert.deepEqual(filledHeights(whole, { ...kept, fromHeight: 60 }), []);
});
