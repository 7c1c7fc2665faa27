import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowTrail } from '../../../../../src/sources/oxarchive/holes/row-trail.ts';
import { tradeAt } from './page.ts';

test('the oldest rows are forgotten first, and one that comes again is new', () => {
  const trail = new RowTrail(3);
  const known = () => [1, 2, 3, 4, 5, 6, 7].filter((id) => trail.compare(tradeAt(id)) === 'same');
  const after = [1, 2, 3, 1, 4, 4, 5, 1, 6, 7].map((id) => {
    trail.add(tradeAt(id));
    return known().join('');
  });
  const expected = ['1', '12', '123', '123', '134', '134', '145', '145', '156', '167'];
  assert.deepEqual(after, expected);
  assert.equal(trail.isFull, true);
  assert.equal(trail.newestMs, 7);
});

test('a stretch is touched by the last trades before it and all within, which its reader must meet', () => {
  const trail = new RowTrail(20);
  const sold = { ...tradeAt(40), side: 'sell' } as const;
  const both = { ...tradeAt(40), tradeId: 41 };
  for (const row of [tradeAt(60), tradeAt(30), tradeAt(40), sold, both, tradeAt(70)])
    trail.add(row);
  const touching = (earliestMs: number) =>
    Object.fromEntries(trail.touching({ earliestMs, fromMs: 50, toMs: 70 }));
  assert.deepEqual(touching(0), { 40: 40, 41: 40, 60: 60 });
  assert.deepEqual(touching(45), { 60: 60 });
});
