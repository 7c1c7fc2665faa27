/**
 * Whole lives of a blockdb source on the simulator: blocks, reorganizations, faults and lost sessions
 * at random moments. Repeat one failure with the command it prints; more lives with OMMER_BLOCKDB_RUNS.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultRequest } from '../../src/devnet/blockdb/faults.ts';
import type { SimulatorOptions } from '../../src/devnet/blockdb/simulator.ts';
import { SeededRandom } from '../../src/devnet/traffic/seeded-random.ts';
import { TransientError } from '../../src/model/errors.ts';
import type { Filters } from '../../src/sources/blockdb/config.ts';
import { pairFilters } from '../support/blockdb/bar-filters.ts';
import { type BlockdbFold, BlockdbScene } from '../support/blockdb/blockdb-scene.ts';
import { assertSameRows } from '../support/blockdb/blockdb-truth.ts';

const only = process.env['OMMER_BLOCKDB_SEED'];
const lives = Number(process.env['OMMER_BLOCKDB_RUNS'] ?? 2);
const seeds = only === undefined ? Array.from({ length: lives }, (_, n) => n + 1) : [Number(only)];
const steps = 15;
const bufferBlocks = 3;
const confirmations = 6;

const faults: readonly FaultRequest[] = [
  { name: 'duplicate', times: 3 },
  { name: 'drop', dataset: '0101' },
  { name: 'drop', dataset: '0301' },
  { name: 'drop', dataset: '0103', times: 2 },
  { name: 'out-of-order' },
  { name: 'stale-row' },
  { name: 'unknown-field' },
  { name: 'unknown-frame' },
  { name: 'error-frame' },
  { name: 'unknown-dataset' },
  { name: 'malformed-frame', dataset: '0304' },
  { name: 'array-frame' },
  { name: 'cut-message' },
  { name: 'slow-consumer' },
  { name: 'resend-after-subscribe' },
  { name: 'ack-error', dataset: '0103', retryable: true },
  { name: 'update-before-ack' },
  { name: 'rest-status', status: 500 },
  { name: 'rest-status', status: 429, retryAfterSeconds: 0 },
  { name: 'rest-truncated' },
  { name: 'rest-reset' },
];

class Life {
  readonly scene: BlockdbScene;
  readonly #random: SeededRandom;
  #left = steps;
  /** Where the branch begins that was replaced last. */
  #forkHeight = 0;
  /** Height of the head when all was over; what is up to here must be right. */
  lastHeight = Number.POSITIVE_INFINITY;

  readonly filters: Filters;

  private constructor(scene: BlockdbScene, random: SeededRandom) {
    this.scene = scene;
    this.filters = pairFilters(scene.simulator);
    this.#random = random;
  }

  static async begin(seed: number): Promise<Life> {
    const random = new SeededRandom(`blockdb/${seed}`);
    // With the longest, several buckets close with one block.
    const blockTimeMs = random.pick([12_000, 50_000, 400_000]);
    // A bar that is corrected when its block is final stays as it was.
    const profile = { ...profileOf(random), barsCorrectedForMs: 2 * blockTimeMs };
    return new Life(await BlockdbScene.open({ blockTimeMs, profile }), random);
  }

  /** Something happens now and then, and whenever all is quiet. True when the session is to be given up. */
  happen(isQuiet: boolean): boolean {
    const { simulator } = this.scene;
    // What was said of bars last is compared when REST has come to later blocks.
    if (this.#left <= 0 && isQuiet) simulator.produce(1);
    if (this.#left <= 0 || !(isQuiet || this.#random.chance(0.3))) return false;
    this.#left -= 1;
    if (this.#left <= 0) {
      simulator.faults.clear();
      this.lastHeight = simulator.head.height;
      simulator.produce(bufferBlocks + confirmations);
      return false;
    }
    const dice = this.#random.integer(0, 10);
    if (dice < 3) simulator.produce(this.#random.integer(1, 2));
    else if (dice < 6) {
      const depth = this.#random.integer(1, bufferBlocks);
      const newBlocks = depth + this.#random.integer(0, 1);
      this.#forkHeight = simulator.head.height - depth + 1;
      simulator.reorganize({ depth, newBlocks, content: this.#content() });
    } else if (dice < 7) {
      if (this.#canRestore && this.#random.chance(0.7)) simulator.restoreBranch();
      else simulator.produce(1);
    } else if (dice < 9) {
      simulator.faults.arm(this.#random.pick(faults));
      simulator.produce(1);
    } else return true;
    return false;
  }

  /** A branch that was replaced long ago would come back below what is final, which nobody may take back. */
  get #canRestore(): boolean {
    const { canRestore, head } = this.scene.simulator;
    return canRestore && head.height - this.#forkHeight < confirmations;
  }

  /** Some blocks lose all that they had, or all of one dataset. */
  #content() {
    const dice = this.#random.integer(0, 3);
    if (dice === 0) return { isEmpty: true };
    return dice === 1 ? { without: ['0103', '0304'] as const } : {};
  }
}

function profileOf(random: SeededRandom): NonNullable<SimulatorOptions['profile']> {
  return {
    reorgFlag: random.pick(['envelope', 'data', 'both', 'neither']),
    tracingIds: random.pick(['key', 'content']),
    nulls: random.pick(['explicit', 'absent']),
    timeDigits: random.pick([0, 3]),
    resendsIdentical: random.chance(0.5),
    flagsNextBlock: random.chance(0.2),
    correctionDelayMs: random.pick([
      { min: 0, max: 0 },
      { min: 0, max: 150 },
    ]),
    isInterleaved: random.chance(0.7),
    rest: { bufferBlocks },
  };
}

async function live(life: Life): Promise<BlockdbFold> {
  const { fold, source } = life.scene.connect({
    filters: life.filters,
    confirmations,
    rowsPerPage: 7,
    blocksPerFetch: 3,
  });
  const isDone = () => (fold.chain.finalized?.height ?? -1) >= life.lastHeight;
  const deadlineMs = Date.now() + 60_000;
  while (!isDone()) {
    assert(Date.now() < deadlineMs, `did not come to the end: ${fold.picture}`);
    try {
      await fold.run(source, (_, { kind }) => life.happen(kind === 'idle') || isDone());
    } catch (error) {
      // Faults may end a session; the next one goes on from the position.
      if (!(error instanceof TransientError)) throw error;
    }
  }
  return fold;
}

describe('a blockdb source', () => {
  for (const seed of seeds) {
    it(`leaves exactly the canonical rows behind, whatever happens (seed ${seed})`, async () => {
      const life = await Life.begin(seed);
      const { scene } = life;
      try {
        const fold = await live(life);
        assertSameRows(fold, scene.simulator, { filters: life.filters, upTo: life.lastHeight });
      } catch (cause) {
        throw new Error(
          `seed ${seed} failed; repeat with: OMMER_BLOCKDB_SEED=${seed} node --import tsx --test test/simulation/blockdb-source.test.ts`,
          { cause },
        );
      } finally {
        await scene.close();
      }
    });
  }
});
