/** The TzKT simulator as a part of the devnet: a port that stays the same, and blocks by the clock. */
import { portsFor } from '../ports.ts';
import { type BlockProducer, startProduction } from '../simulator/production.ts';
import { SeededRandom } from '../traffic/seeded-random.ts';
import { commandSimulator } from './command.ts';
import { openTzktServer } from './server.ts';
import { TzktSimulator } from './simulator.ts';

/** What to simulate. */
export interface TzktSettings {
  /** Default `1`. */
  readonly seed?: string;
  /** Default 3000. */
  readonly blockTimeMs?: number;
}

/** The running part; it lives in the devnet's own process. */
export interface Tzkt {
  /** Base URL of REST. */
  readonly http: string;
  readonly hub: string;
  /** Of the simulated network. */
  readonly chainId: string;
  readonly simulator: TzktSimulator;
  /** Carries out what another process asks for. Throws `devnet.request_refused`. */
  command(request: unknown): unknown;
  /** Idempotent. */
  stop(): Promise<void>;
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
  let stopping: Promise<void> | undefined;
  return {
    http: server.http,
    hub: server.hub,
    chainId: String(simulator.hub.headItem['chainId']),
    simulator,
    command: (request) => commandSimulator(simulator, production, request),
    stop: () => {
      production.pause();
      stopping ??= server.close();
      return stopping;
    },
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
