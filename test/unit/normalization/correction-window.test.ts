import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CorrectionWindow } from '../../../src/normalization/correction-window.ts';

const limits = { rowsMax: 64, ageMaxMs: 3_200 };
const row = (eventId: string, incarnation = 1) => ({
  ...{ topic: 'trades', partition: 0, eventId, incarnation },
});
const at = (firstOffset: number, partition = 0) => ({
  ...{ topic: 'trades', partition, firstOffset, lastOffset: firstOffset },
});

describe('CorrectionWindow', () => {
  it('lets the oldest rows go when there are too many, and says from where on it holds them', () => {
    const window = new CorrectionWindow(limits, 0);
    const left: string[] = [];
    for (let number = 0; number < 100; number += 1) {
      window.hold(row(`e${number}`), number);
      const closed = window.close(1);
      left.push(...closed.left.map(({ eventId }) => eventId));
      const [range] = closed.place([at(number)]);
      const first = left.length;
      assert.equal(range?.firstOffset, first);
      assert.deepEqual(closed.marks, [
        { topic: 'trades', rows: number + 1 - first, leftToMs: first === 0 ? null : first - 1 },
      ]);
    }
    assert.ok(window.rows > 60 && window.rows <= 66, `${window.rows} are held`);
    assert.deepEqual(left.slice(0, 3), ['e0', 'e1', 'e2']);
    assert.equal(window.held(row('e0')), undefined);
    assert.equal(window.held(row('e99'))?.row.eventId, 'e99');
    assert.ok(window.mayHaveLeft('trades', 5) && !window.mayHaveLeft('trades', 99));
    assert.ok(!window.mayHaveLeft('other', 5));
  });

  it('lets rows go when they are old, also while nothing new comes', () => {
    const window = new CorrectionWindow(limits, 0);
    window.hold(row('a'), 1);
    assert.deepEqual(window.close(200).left, []);
    window.hold(row('b'), 2);
    assert.deepEqual(window.close(3_300).left, []);
    assert.deepEqual(window.close(3_500).left, [row('a')]);
    assert.deepEqual(window.close(7_000).left, [row('b')]);
    assert.equal(window.rows, 0);
  });

  it('lets only the last form of a row go, and counts it once', () => {
    const window = new CorrectionWindow(limits, 0);
    window.hold(row('a', 1), 1);
    assert.equal(window.close(200).marks[0]?.rows, 1);
    window.hold(row('a', 2), 1);
    assert.equal(window.close(400).marks[0]?.rows, 1);
    assert.deepEqual(window.close(3_500).left, []);
    assert.equal(window.held(row('a'))?.row.incarnation, 2);
    assert.deepEqual(window.close(3_700).left, [row('a', 2)]);
  });

  it('begins where the first try of a publication lay that had to be repeated', () => {
    const window = new CorrectionWindow(limits, 0);
    window.hold(row('a'), 1);
    const closed = window.close(1);
    closed.place([at(5), at(9, 1)]);
    assert.deepEqual(closed.place([at(7), at(11, 1)]), [at(5), at(9, 1)]);
  });

  it('goes on from what a restart found', () => {
    const window = new CorrectionWindow(limits, 0);
    const timed = (eventId: string, isLive = true) => ({ row: row(eventId), timeMs: 1, isLive });
    const segments = [
      { rows: [timed('a')], ranges: [at(3)] },
      { rows: [timed('b'), timed('gone', false)], ranges: [at(8)] },
    ];
    window.restore(segments, [{ topic: 'trades', rows: 2, leftToMs: 0 }], 0);
    assert.deepEqual(window.close(1).marks, [{ topic: 'trades', rows: 2, leftToMs: 0 }]);
    assert.deepEqual(window.close(1).place([]), [at(3)]);
    assert.equal(window.held(row('gone'))?.isLive, false);
    assert.deepEqual(window.close(5_000).left, [row('a'), row('b')]);
    assert.deepEqual(window.close(5_000).place([]), []);
  });
});
