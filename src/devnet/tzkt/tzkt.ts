/** The TzKT simulator as a part of the devnet: a port that stays the same, and blocks by the clock. */
import { portsFor } from '../ports.ts';
import { type ChainSettings, type SimulatedPart, simulatedPart } from '../simulator/part.ts';
import { type BlockProducer, startProduction } from '../simulator/production.ts';
import { SeededRandom } from '../traffic/seeded-random.ts';
import { commandSimulator } from './command.ts';
import { openTzktServer } from './server.ts';
import { TzktSimulator } from './simulator.ts';

/** What to simulate. */
export type TzktSettings = ChainSettings;

/** The running part; it lives in the devnet's own process. */
export interface Tzkt extends SimulatedPart<TzktSimulator> {
  /** Base URL of REST. */
  readonly http: string;
  readonly hub: string;
  /** Of the simulated network. */
  readonly chainId: string;
}

const blockTimeDefaultMs = 3000;
const historyLevels = 20;
const depthByItselfMax = 2;

/** Starts the part; its chain begins anew each time. */
export async function startTzkt(dataDir: string, settings: TzktSettings = {}): Promise<Tzkt> {
  const { seed = '1', blockTimeMs = blockTimeDefaultMs } = settings;
  const { tzkt: port } = await portsFor(dataDir, ['tzkt']);
  const simulator = new TzktSimulator({
    seed,
    blockTimeMs,
    historyLevels,
    startTimeMs: Date.now() - historyLevels * blockTimeMs,
    now: () => Date.now(),
  });
  const server = await openTzktServer(simulator, port);
  const production = startProduction(producerOf(simulator, seed), {
    blockTimeMs,
    seed,
    depthMax: depthByItselfMax,
  });
  return {
    ...simulatedPart(simulator, { production, server, command: commandSimulator }),
    http: server.http,
    hub: server.hub,
    chainId: String(simulator.hub.headItem['chainId']),
  };
}

function producerOf(simulator: TzktSimulator, seed: string): BlockProducer {
  const random = new SeededRandom(`${seed}/merged`);
  return {
    get depthMax() {
      return simulator.depthMax;
    },
    produce: () => void simulator.produce(),
    reorganize: (depth) => void simulator.reorganize({ depth, isMerged: random.chance(0.5) }),
  };
}
