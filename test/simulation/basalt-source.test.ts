/**
 * Whole lives of a basalt source on two simulated nodes: blocks, rollbacks, restarts, lagging nodes,
 * faults and lost sessions at random moments. Repeat one failure with the command it prints; more
 * lives with OMMER_BASALT_RUNS.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultRequest } from '../../src/devnet/basalt/faults.ts';
import { SeededRandom } from '../../src/devnet/traffic/seeded-random.ts';
import { TransientError } from '../../src/model/errors.ts';
import { type BasaltFold, open } from '../support/basalt/basalt-fold.ts';
import { BasaltSite } from '../support/basalt/basalt-site.ts';
import { assertSameRows, readFromDisk } from '../support/basalt/basalt-truth.ts';

const only = process.env['OMMER_BASALT_SEED'];
const lives = Number(process.env['OMMER_BASALT_RUNS'] ?? 2);
const seeds = only === undefined ? Array.from({ length: lives }, (_, n) => n + 1) : [Number(only)];
const steps = 25;
const depthMax = 6;

const faults: readonly FaultRequest[] = [
  { name: 'too-many' },
  { name: 'upgrade-status' },
  { name: 'next-before-current' },
  { name: 'current-as-new' },
  { name: 'no-current' },
  { name: 'six-fields' },
  { name: 'seconds' },
  { name: 'drop-frame' },
  { name: 'duplicate-frame' },
  { name: 'repeat-frame', depth: 2 },
  { name: 'malformed-frame' },
  { name: 'binary-frame' },
  { name: 'unknown-type' },
  { name: 'unknown-field' },
  { name: 'missing-field' },
  { name: 'cut-message' },
  { name: 'hold' },
  { name: 'mute' },
  { name: 'slow-client' },
  { name: 'rest-status', status: 500 },
  { name: 'rest-status', status: 429 },
  { name: 'rest-delay', delayMs: 50, times: 3 },
  { name: 'rest-reset' },
  { name: 'rest-truncated' },
  { name: 'rest-text' },
  { name: 'rest-missing', times: 3 },
  { name: 'rest-reorg' },
  { name: 'sync-lag' },
  { name: 'transactions-short' },
  { name: 'prefixed-data' },
  { name: 'raw-corrupt' },
];

class Life {
  readonly site: BasaltSite;
  readonly #random: SeededRandom;
  #left = steps;

  constructor(site: BasaltSite, seed: number) {
    this.site = site;
    this.#random = new SeededRandom(`basalt/${seed}`);
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Something happens now and then, and whenever all is quiet. True when the session is to be given up. */
  happen(isQuiet: boolean): boolean {
    if (this.isOver || !(isQuiet || this.#random.chance(0.3))) return false;
    this.#left -= 1;
    const { simulator } = this.site;
    const random = this.#random;
    const node = simulator.nodeAt(random.integer(0, 1));
    if (this.isOver) {
      this.#heal();
      return false;
    }
    const dice = random.integer(0, 15);
    if (dice < 4) simulator.produce(random.integer(1, 3));
    else if (dice < 7) {
      const depth = Math.min(random.integer(1, depthMax), simulator.depthMax);
      simulator.reorganize({ depth, newBlocks: random.integer(1, depth + 2) });
    } else if (dice < 8 && simulator.canRestore) simulator.restoreBranch();
    else if (dice < 9) simulator.rollback(Math.min(random.integer(1, 3), simulator.depthMax));
    else if (dice < 10) simulator.restart(node);
    else if (dice < 11) node.lagBlocks = random.integer(0, 3);
    else if (dice < 15) node.faults.arm(random.pick(faults));
    else return true;
    if (random.chance(0.5)) simulator.produce();
    return false;
  }

  /** What lasts until it is cleared ends now and then. */
  relent(): void {
    if (!this.#random.chance(0.2)) return;
    for (const { faults: armed } of this.site.simulator.nodes) armed.clear();
  }

  #heal(): void {
    const { simulator } = this.site;
    for (const node of simulator.nodes) {
      node.faults.clear();
      node.lagBlocks = 0;
    }
    simulator.follow();
    simulator.produce();
  }
}

async function live(life: Life): Promise<BasaltFold> {
  const { site } = life;
  const { fold, source } = open({
    ...site.config,
    confirmations: 40,
    requestTimeoutMs: 500,
    pingIntervalMs: 300,
    endpointRestMs: 100,
    limitedRestMs: 100,
    webSocketRetryMs: 100,
    blocksPerFetch: 4,
    sliceBlocks: 5,
  });
  const isDone = () => life.isOver && site.isReached(fold);
  const deadlineMs = Date.now() + 60_000;
  while (!isDone()) {
    assert(Date.now() < deadlineMs, `not done: ${fold.picture}`);
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(5_000)]);
    try {
      for await (const update of source.updates(fold.cursor, signal)) {
        fold.take(update);
        life.relent();
        if (isDone() || life.happen(update.kind === 'idle')) stop.abort();
      }
    } catch (error) {
      if (!(error instanceof TransientError)) throw error;
      life.happen(true);
      life.relent();
    }
  }
  return fold;
}

describe('a session of a basalt source leaves the canonical rows behind', () => {
  for (const seed of seeds) {
    it(`whatever happens: life ${seed}`, async () => {
      const nodes = [{ mode: 'validator', hasDataDir: true }, { mode: 'rpc' }] as const;
      const site = await BasaltSite.open({ historyBlocks: 12, seed: `life ${seed}` }, nodes);
      try {
        const fold = await live(new Life(site, seed));
        assertSameRows(fold, site.simulator, { isRaw: readFromDisk(fold) });
      } catch (error) {
        const again = `OMMER_BASALT_SEED=${seed} node --import tsx --test test/simulation/basalt-source.test.ts`;
        throw new Error(`Repeat with: ${again}\n${error instanceof Error ? error.stack : error}`, {
          cause: error,
        });
      } finally {
        await site.close();
      }
    });
  }
});
