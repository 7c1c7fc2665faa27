/** Blocks by the clock, for a devnet: now and then the last one or two are replaced. */
import { SeededRandom } from '../traffic/seeded-random.ts';
import type { TzktSimulator } from './simulator.ts';

/** How busy the chain is. */
export interface ProductionOptions {
  readonly blockTimeMs: number;
  readonly seed: string;
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
export function startProduction(simulator: TzktSimulator, options: ProductionOptions): Production {
  const random = new SeededRandom(`${options.seed}/production`);
  const next = (): void => {
    if (!random.chance(reorgChance) || simulator.depthMax < 2) {
      simulator.produce();
      return;
    }
    const depth = random.chance(deepChance) ? 2 : 1;
    simulator.reorganize({ depth, isMerged: random.chance(0.5) });
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
