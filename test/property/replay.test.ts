/**
 * Random published chains whose source later tells something else of final blocks: after a replay
 * the topics hold what it tells now, and a second replay finds nothing to do.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { anyStep, takeStep } from '../support/consumer/chain-steps.ts';
import { ReplayedChain, round } from '../support/consumer/replayed-chain.ts';

it('puts final blocks right once, whatever was published of them and how often they were replayed', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { maxLength: 40 }),
      fc.array(round, { minLength: 1, maxLength: 4 }),
      async (steps, rounds) => {
        const world = new ReplayedChain();
        for (const step of steps) takeStep(world.chain, step);
        for (const { news, from, slice, steps: more } of rounds) {
          world.tell(news);
          await world.replay(from, slice);
          await world.assertRight(from);
          assert.equal(await world.replay(from, slice), 0, 'a second replay publishes nothing');
          for (const step of more) takeStep(world.chain, step);
        }
      },
    ),
    { numRuns: Number(process.env['OMMER_PROPERTY_RUNS'] ?? 60) },
  );
});
