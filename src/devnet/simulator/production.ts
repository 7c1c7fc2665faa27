/** Blocks by the clock, for a devnet: now and then the last few are replaced. */
import { SeededRandom } from '../traffic/seeded-random.ts';

/** A chain that does nothing by itself. */
export interface BlockProducer {
  /** How deep a reorganization can go now. */
  readonly depthMax: number;
  /** Adds a block and reports it. */
  produce(): void;
  /** Replaces the last `depth` blocks and reports it. */
  reorganize(depth: number): void;
}

/** How busy the chain is. */
export interface ProductionOptions {
  readonly blockTimeMs: number;
  readonly seed: string;
  /** The deepest reorganization that comes by itself. */
  readonly depthMax: number;
}

/** Producing blocks. */
export interface Production {
  /** Produces nothing until `resume`. */
  pause(): void;
  resume(): void;
}

const reorgChance = 0.08;
const deepChance = 0.3;

/** Produces until it is paused for good. */
export function startProduction(producer: BlockProducer, options: ProductionOptions): Production {
  const random = new SeededRandom(`${options.seed}/production`);
  const next = (): void => {
    if (!random.chance(reorgChance) || producer.depthMax < options.depthMax) {
      producer.produce();
      return;
    }
    let depth = 1;
    while (depth < options.depthMax && random.chance(deepChance)) depth += 1;
    producer.reorganize(depth);
  };
  const run = (): NodeJS.Timeout => setInterval(next, options.blockTimeMs);
  let timer: NodeJS.Timeout | undefined = run();
  return {
    pause: () => {
      clearInterval(timer);
      timer = undefined;
    },
    resume: () => {
      timer ??= run();
    },
  };
}
