/**
 * Decides, step by step, whether the traffic mines a block or reorganizes the chain, and how. It
 * counts blocks instead of reading a clock, so a seed gives the same steps at any speed.
 */
import type { SeededRandom } from './seeded-random.ts';

/** One step of the traffic. */
export type TrafficStep =
  | { readonly kind: 'block' }
  | { readonly kind: 'rewrite'; readonly depth: number }
  | { readonly kind: 'drop'; readonly depth: number }
  | { readonly kind: 'shorten'; readonly depth: number }
  | { readonly kind: 'back' };

/** How often and how deep. */
export interface ScheduleOptions {
  readonly blockTimeMs: number;
  /** Least and greatest time between two reorgs; null for none. */
  readonly reorgEveryMs: readonly [number, number] | null;
  /** Least and greatest number of replaced blocks. */
  readonly reorgDepth: readonly [number, number];
}

/** An endless sequence of steps. */
export class TrafficSchedule {
  readonly #random: SeededRandom;
  readonly #options: ScheduleOptions;
  #blocksLeft: number;
  #backInBlocks: number | null = null;

  constructor(random: SeededRandom, options: ScheduleOptions) {
    this.#random = random;
    this.#options = options;
    this.#blocksLeft = this.#drawBlocks();
  }

  /** The next step. About every fourth reorg is followed by one that brings the old branch back. */
  next(): TrafficStep {
    if (this.#backInBlocks === 0) {
      this.#backInBlocks = null;
      return { kind: 'back' };
    }
    if (this.#backInBlocks !== null) this.#backInBlocks -= 1;
    if (this.#blocksLeft > 0) {
      this.#blocksLeft -= 1;
      return { kind: 'block' };
    }
    this.#blocksLeft = this.#drawBlocks();
    return this.#drawReorg();
  }

  #drawReorg(): TrafficStep {
    const depth = this.#random.integer(...this.#options.reorgDepth);
    const draw = this.#random.next();
    if (draw < 0.1) return { kind: 'drop', depth };
    if (draw < 0.22) return { kind: 'shorten', depth };
    if (draw < 0.45) this.#backInBlocks = this.#random.integer(1, 2);
    return { kind: 'rewrite', depth };
  }

  #drawBlocks(): number {
    const { reorgEveryMs, blockTimeMs } = this.#options;
    if (reorgEveryMs === null) return Number.POSITIVE_INFINITY;
    const [least, greatest] = reorgEveryMs.map((ms) => Math.max(1, Math.round(ms / blockTimeMs)));
    return this.#random.integer(least ?? 1, greatest ?? 1);
  }
}
