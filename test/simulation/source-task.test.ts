/**
 * Whole lives of a source task on simulated parts. Repeat one failure with the command it prints:
 * `OMMER_SIMULATION_SEED=<seed> node --import tsx --test test/simulation/source-task.test.ts`.
 */
import { describe, it } from 'node:test';
import {
  assertCheckpoint,
  assertExactness,
  assertFinal,
  assertIdempotentEffect,
  assertNetEffect,
  assertNewestFirst,
  assertState,
} from '../support/simulation/judge.ts';
import {
  type SimulationOptions,
  type SimulationResult,
  simulate,
} from '../support/simulation/run.ts';

const only = process.env['OMMER_SIMULATION_SEED'];
const lives = Number(process.env['OMMER_SIMULATION_RUNS'] ?? 100);
const seeds =
  only === undefined ? Array.from({ length: lives }, (_, index) => index + 1) : [Number(only)];

async function judgeAll(
  options: Omit<SimulationOptions, 'seed'>,
  judge: (result: SimulationResult) => void,
): Promise<void> {
  for (const seed of seeds) {
    try {
      judge(await simulate({ ...options, seed }));
    } catch (error) {
      throw new Error(
        `seed ${seed} failed; repeat with: OMMER_SIMULATION_SEED=${seed} node --import tsx --test test/simulation/source-task.test.ts`,
        { cause: error },
      );
    }
  }
}

describe('a source task', () => {
  it('publishes exactly the canonical chain, once, through reorgs, lost sessions and crashes', async () => {
    await judgeAll({ steps: 80, delivery: 'exactly_once', faultRate: 0.1 }, (result) => {
      assertNetEffect(result);
      assertExactness(result);
      assertNewestFirst(result);
      assertCheckpoint(result);
      assertState(result);
      assertFinal(result);
    });
  });

  it('publishes exactly the canonical chain when almost every publication is hit', async () => {
    await judgeAll({ steps: 25, delivery: 'exactly_once', faultRate: 0.6 }, (result) => {
      assertNetEffect(result);
      assertExactness(result);
      assertState(result);
      assertFinal(result);
    });
  });

  it('leaves an idempotent reader with the canonical chain when it publishes at least once', async () => {
    await judgeAll({ steps: 60, delivery: 'low_latency', faultRate: 0.15 }, (result) => {
      assertIdempotentEffect(result);
      assertState(result);
    });
  });
});
