/** Whatever is replaced, a plan leaves a chain that a node can run. */
import assert from 'node:assert/strict';
import test from 'node:test';

import fc from 'fast-check';

import { planReorg, type ReplacedTransaction } from '../../../../src/devnet/traffic/reorg-plan.ts';
import { SeededRandom } from '../../../../src/devnet/traffic/seeded-random.ts';

const newcomerAccount = 'newcomer';
const branches = fc.array(
  fc.array(fc.constantFrom('a', 'b', 'c', newcomerAccount), { maxLength: 6 }),
  { minLength: 1, maxLength: 6 },
);

function numberTransactions(senders: readonly (readonly string[])[]): ReplacedTransaction[][] {
  const nonces = new Map<string, number>();
  return senders.map((block) =>
    block.map((from) => {
      const nonce = (nonces.get(from) ?? 5) + 1;
      nonces.set(from, nonce);
      return { hash: `${from}${nonce}`, from, nonce };
    }),
  );
}

test('kept transactions of an account stand in nonce order and without holes', () => {
  fc.assert(
    fc.property(branches, fc.integer(), fc.integer({ min: 0, max: 3 }), (senders, seed, count) => {
      const replaced = numberTransactions(senders);
      const random = new SeededRandom(seed);
      const plan = planReorg(replaced, { random, newcomers: count, newcomerAccount });
      assert.equal(plan.length, replaced.length);

      const known = new Map(replaced.flat().map((transaction) => [transaction.hash, transaction]));
      const expected = new Map<string, number>();
      const newcomers: number[] = [];
      let kept = 0;
      for (const slot of plan.flat()) {
        if ('newcomer' in slot) {
          newcomers.push(slot.newcomer);
          continue;
        }
        const transaction = known.get(slot.hash);
        assert.ok(transaction !== undefined && transaction.from !== newcomerAccount);
        assert.equal(transaction.nonce, expected.get(transaction.from) ?? 6);
        expected.set(transaction.from, transaction.nonce + 1);
        kept += 1;
      }
      assert.deepEqual(
        newcomers,
        Array.from({ length: count }, (_, index) => index),
      );
      if (known.size > 0) assert.ok(kept < known.size, 'one is dropped');
      const hasMovable = replaced.flat().some(({ from }) => from !== newcomerAccount);
      if (known.size > 1 && hasMovable) assert.ok(kept > 0, 'one is kept');
    }),
    { numRuns: 500 },
  );
});

test('the same seed makes the same plan and another seed another one', () => {
  const replaced = numberTransactions([
    ['a', 'b', 'c', 'a'],
    ['b', 'c', 'a', 'b'],
  ]);
  const plan = (seed: number) =>
    planReorg(replaced, { random: new SeededRandom(seed), newcomers: 2, newcomerAccount });
  assert.deepEqual(plan(1), plan(1));
  assert.ok([2, 3, 4].some((seed) => JSON.stringify(plan(seed)) !== JSON.stringify(plan(1))));
});
