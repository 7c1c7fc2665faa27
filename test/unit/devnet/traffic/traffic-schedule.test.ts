/** The steps depend on the seed alone and stay within what was asked for. */
import assert from 'node:assert/strict';
import test from 'node:test';

import { SeededRandom } from '../../../../src/devnet/traffic/seeded-random.ts';
import { TrafficSchedule } from '../../../../src/devnet/traffic/traffic-schedule.ts';

function steps(seed: number, count: number) {
  const schedule = new TrafficSchedule(new SeededRandom(seed), {
    blockTimeMs: 2_000,
    reorgEveryMs: [20_000, 40_000],
    reorgDepth: [1, 6],
  });
  return Array.from({ length: count }, () => schedule.next());
}

test('the same seed gives the same steps', () => {
  assert.deepEqual(steps(5, 500), steps(5, 500));
  assert.notDeepEqual(steps(5, 500), steps(6, 500));
});

test('between two reorgs lie as many blocks as fit into the asked time', () => {
  let blocks = 0;
  const distances: number[] = [];
  const depths = new Set<number>();
  const kinds = new Set<string>();
  for (const step of steps(5, 5_000)) {
    kinds.add(step.kind);
    if (step.kind === 'block') blocks += 1;
    if ('depth' in step) {
      distances.push(blocks);
      depths.add(step.depth);
      blocks = 0;
    }
  }
  assert.equal(Math.min(...distances), 10);
  assert.equal(Math.max(...distances), 20);
  assert.deepEqual([...depths].sort(), [1, 2, 3, 4, 5, 6]);
  assert.deepEqual([...kinds].sort(), ['back', 'block', 'drop', 'rewrite', 'shorten']);
});

test('without a reorg time every step is a block', () => {
  const schedule = new TrafficSchedule(new SeededRandom(1), {
    blockTimeMs: 1_000,
    reorgEveryMs: null,
    reorgDepth: [1, 6],
  });
  for (let count = 0; count < 200; count += 1) assert.equal(schedule.next().kind, 'block');
});
