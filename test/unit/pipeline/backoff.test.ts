import assert from 'node:assert/strict';
import { it } from 'node:test';
import { backoffMs } from '../../../src/pipeline/backoff.ts';

const limits = { minMs: 100, maxMs: 1000 };

it('doubles the delay with every failure, up to the most', () => {
  const delays = [1, 2, 3, 4, 5, 60].map((failures) => backoffMs(failures, limits, () => 1));
  assert.deepEqual(delays, [100, 200, 400, 800, 1000, 1000]);
});

it('spreads a delay over its upper half', () => {
  assert.equal(
    backoffMs(3, limits, () => 0),
    200,
  );
});
