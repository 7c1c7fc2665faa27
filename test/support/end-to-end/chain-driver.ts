/** Keeps the devnet's chain busy while a test breaks other things: blocks, reorgs, branches that come back. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ChainTraffic, ReorgStyle } from '../../../src/devnet/traffic/chain-traffic.ts';
import { SeededRandom } from '../../../src/devnet/traffic/seeded-random.ts';

export interface DriverOptions {
  readonly traffic: ChainTraffic;
  readonly seed: string;
  /** Blocks up to this height are never replaced. */
  readonly floorHeight: number;
  /** Pause between two steps: the rate of the chain. */
  readonly everyMs: number;
}

/** What happened so far, for a test that must not pass because nothing happened. */
export interface DriverTally {
  readonly blocks: number;
  readonly reorgs: number;
  readonly returns: number;
}

const depthMost = 6;
const attemptsMax = 3;

/** Drives one chain; steps and what a test asks for come one after the other. */
export class ChainDriver {
  readonly #options: DriverOptions;
  readonly #random: SeededRandom;
  #height: number;
  #tally = { blocks: 0, reorgs: 0, returns: 0 };
  #running: Promise<void> | undefined;
  #stop = new AbortController();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: DriverOptions) {
    this.#options = options;
    this.#random = new SeededRandom(options.seed);
    this.#height = options.floorHeight;
  }

  get tally(): DriverTally {
    return this.#tally;
  }

  /** Steps until `rest`. A reorg is one step in six. */
  run(): void {
    this.#stop = new AbortController();
    this.#running = this.#steps(this.#stop.signal);
    // Reported by `rest`; until then nobody listens.
    this.#running.catch(() => undefined);
  }

  /** Ends the steps; rejects when one failed. */
  async rest(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#running = undefined;
  }

  /** Mines this many blocks. */
  async mine(blocks: number): Promise<void> {
    for (let mined = 0; mined < blocks; mined += 1) await this.#inTurn(() => this.#mineOne());
  }

  /** Replaces blocks, as many as the floor allows; false when it allows none. */
  reorg(depth: number, style: ReorgStyle = 'rewrite'): Promise<boolean> {
    return this.#inTurn(async () => {
      const depthNow = Math.min(depth, this.#height - this.#options.floorHeight - 1);
      const outcome = depthNow < 1 ? undefined : await this.#options.traffic.reorg(depthNow, style);
      return this.#noteReorg(outcome?.head.height);
    });
  }

  /** Brings the last rewritten branch back; false when the node cannot. */
  reorgBack(): Promise<boolean> {
    return this.#inTurn(async () => {
      const outcome = await this.#options.traffic.reorgBack();
      if (outcome !== undefined) this.#tally = { ...this.#tally, returns: this.#tally.returns + 1 };
      return this.#noteReorg(outcome?.head.height);
    });
  }

  async #mineOne(): Promise<void> {
    this.#height = (await this.#options.traffic.nextBlock()).height;
    this.#tally = { ...this.#tally, blocks: this.#tally.blocks + 1 };
  }

  #inTurn<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(() => this.#tried(step));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** A node now and then refuses what collides with transactions that a reorg put back in its pool. */
  async #tried<T>(step: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await step();
      } catch (error) {
        if (attempt === attemptsMax) throw error;
        await this.#options.traffic.clearPool();
      }
    }
  }

  #noteReorg(headHeight: number | undefined): boolean {
    if (headHeight === undefined) return false;
    this.#height = headHeight;
    this.#tally = { ...this.#tally, reorgs: this.#tally.reorgs + 1 };
    return true;
  }

  async #steps(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#step();
      await delay(this.#options.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  async #step(): Promise<void> {
    const drawn = this.#random.next();
    if (drawn < 0.09) await this.reorg(this.#random.integer(1, depthMost));
    else if (drawn < 0.11) await this.reorg(this.#random.integer(1, depthMost), 'drop');
    else if (drawn < 0.13) await this.reorg(this.#random.integer(1, depthMost), 'shorten');
    else if (drawn < 0.17) await this.reorgBack();
    else await this.mine(1);
  }
}
