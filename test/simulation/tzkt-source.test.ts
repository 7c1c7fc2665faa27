/**
 * Whole lives of a tzkt source on the simulator: blocks, reorganizations, faults and lost sessions at
 * random moments. Repeat one failure with the command it prints; more lives with OMMER_TZKT_RUNS.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom } from '../../src/devnet/traffic/seeded-random.ts';
import type { FaultRequest } from '../../src/devnet/tzkt/faults.ts';
import { openTzktServer, type TzktServer } from '../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../src/devnet/tzkt/simulator.ts';
import { TransientError } from '../../src/model/errors.ts';
import { open, someKinds, type TzktFold } from '../support/tzkt/tzkt-fold.ts';
import { assertSameRows } from '../support/tzkt/tzkt-truth.ts';

const only = process.env['OMMER_TZKT_SEED'];
const lives = Number(process.env['OMMER_TZKT_RUNS'] ?? 2);
const seeds = only === undefined ? Array.from({ length: lives }, (_, n) => n + 1) : [Number(only)];
const steps = 20;

const faults: readonly FaultRequest[] = [
  { name: 'duplicate-data' },
  { name: 'drop-data' },
  { name: 'drop-data', channel: 'blocks' },
  { name: 'drop-data', channel: 'head' },
  { name: 'drop-reorg', channel: 'operations' },
  { name: 'drop-reorg', channel: 'blocks' },
  { name: 'range-twice' },
  { name: 'state-ahead' },
  { name: 'empty-data' },
  { name: 'missed-rollback' },
  { name: 'unknown-message' },
  { name: 'malformed-frame' },
  { name: 'cut-message' },
  { name: 'repeat-after-subscribe' },
  { name: 'rest-status', status: 500 },
  { name: 'rest-status', status: 429 },
  { name: 'rest-truncated' },
  { name: 'rest-reset' },
  { name: 'jump-back' },
  { name: 'unknown-channel' },
  { name: 'unknown-field' },
  { name: 'handshake-error' },
  { name: 'subscribe-error' },
  { name: 'subscribe-zero' },
  { name: 'subscribe-no-state', times: 3 },
  { name: 'incomplete-frame' },
  { name: 'glue' },
  { name: 'hold', channel: 'operations' },
  { name: 'hold', channel: 'blocks' },
  { name: 'mute' },
  { name: 'rest-delay', delayMs: 30, times: 5 },
  { name: 'rest-delay', delayMs: 400 },
  { name: 'rest-lag' },
  { name: 'rest-reorg', depth: 1 },
];
/** These last: the next thing that happens, or the end of the session, ends them. */
const lasting = ['glue', 'hold', 'mute', 'rest-lag'] as const;

class Life {
  readonly simulator = new TzktSimulator({ historyLevels: 5, hasFutureKind: true });
  readonly #random: SeededRandom;
  /** Every other life reads all kinds of operations, and one that nobody knows. */
  readonly readsAllKinds: boolean;
  #left = steps;

  constructor(seed: number) {
    this.#random = new SeededRandom(`tzkt/${seed}`);
    this.readsAllKinds = seed % 2 === 0;
  }

  get isOver(): boolean {
    return this.#left <= 0;
  }

  /** Something happens now and then, and whenever all is quiet. True when the session is to be given up. */
  happen(isQuiet: boolean): boolean {
    if (this.isOver || !(isQuiet || this.#random.chance(0.4))) return false;
    this.#left -= 1;
    const { simulator } = this;
    if (this.isOver) simulator.faults.clear();
    this.endLasting();
    const dice = this.#random.integer(0, 11);
    if (dice < 3) {
      simulator.produce(this.#random.integer(1, 2), { isFuture: this.#random.chance(0.3) });
    } else if (dice < 4) {
      simulator.apply();
      simulator.apply();
      simulator.flush();
    } else if (dice < 7) {
      const depth = this.#random.integer(1, 2);
      const newBlocks = depth + this.#random.integer(0, 1);
      simulator.reorganize({ depth, newBlocks, isMerged: this.#random.chance(0.5) });
    } else if (dice < 11) {
      if (!this.isOver) simulator.faults.arm(this.#random.pick(faults));
      simulator.produce(1);
    } else if (this.#random.chance(0.5)) {
      for (const connection of simulator.hub.connections) connection.close({ error: 'Out.' });
    } else return true;
    return false;
  }

  endLasting(): void {
    for (const name of lasting) this.simulator.faults.clear(name);
  }
}

async function live(life: Life, server: TzktServer): Promise<TzktFold> {
  const { fold, source } = open(server, {
    operations: [life.readsAllKinds ? {} : { types: someKinds }],
    serverTimeoutMs: 1_000,
    keepAliveMs: 200,
    requestTimeoutMs: 1_000,
    rowsPerPage: 5,
    levelsPerFetch: 2,
    restLagMaxMs: 600,
  });
  const isDone = () =>
    life.isOver && fold.chain.hashAt(life.simulator.head.level) === life.simulator.head.hash;
  const deadlineMs = Date.now() + 60_000;
  while (!isDone()) {
    assert(Date.now() < deadlineMs, `did not come to the head: ${fold.picture}`);
    try {
      await fold.run(source, (_, { kind }) => life.happen(kind === 'idle') || isDone());
    } catch (error) {
      // Faults may end a session; the next one goes on from the position.
      if (!(error instanceof TransientError)) throw error;
      life.endLasting();
    }
  }
  return fold;
}

describe('a tzkt source', () => {
  for (const seed of seeds) {
    it(`leaves exactly the canonical rows behind, whatever happens (seed ${seed})`, async () => {
      const life = new Life(seed);
      const server = await openTzktServer(life.simulator);
      try {
        const isRead = (kind: string) => life.readsAllKinds || someKinds.includes(kind);
        assertSameRows(await live(life, server), life.simulator, isRead);
      } catch (cause) {
        throw new Error(
          `seed ${seed} failed; repeat with: OMMER_TZKT_SEED=${seed} node --import tsx --test test/simulation/tzkt-source.test.ts\n${cause instanceof Error ? cause.stack : cause}`,
          { cause },
        );
      } finally {
        await server.close();
      }
    });
  }
});
