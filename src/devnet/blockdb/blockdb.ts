/** The BlockDB simulator as a part of the devnet: a port that stays the same, blocks by the clock. */
import { portsFor } from '../ports.ts';
import { type ChainSettings, type SimulatedPart, simulatedPart } from '../simulator/part.ts';
import { startProduction } from '../simulator/production.ts';
import { defaultKey } from './access.ts';
import { commandSimulator } from './command.ts';
import type { Profile } from './profile.ts';
import { openBlockdbServer } from './server.ts';
import { BlockdbSimulator } from './simulator.ts';

/** What to simulate. */
export interface BlockdbSettings extends ChainSettings {
  readonly profile?: Partial<Omit<Profile, 'rest'>>;
}

/** The running part; it lives in the devnet's own process. */
export interface Blockdb extends SimulatedPart<BlockdbSimulator> {
  /** Base URL of REST, with `/v1`. */
  readonly http: string;
  /** URL of the stream. */
  readonly ws: string;
  /** The API key that it accepts: nobody's. */
  readonly key: string;
  /** Of the simulated chain. */
  readonly chainId: number;
}

const blockTimeDefaultMs = 3000;
const historyBlocks = 20;
/** Rows of all datasets are kept for as many blocks. */
const blocksMax = 2000;
const depthByItselfMax = 3;
const correctionDelayMs = { min: 0, max: 2000 };

/** Starts the part; its chain begins anew each time. */
export async function startBlockdb(
  dataDir: string,
  settings: BlockdbSettings = {},
): Promise<Blockdb> {
  const { seed = '1', blockTimeMs = blockTimeDefaultMs, profile = {} } = settings;
  const { blockdb: port } = await portsFor(dataDir, ['blockdb']);
  const simulator = new BlockdbSimulator({
    seed,
    blockTimeMs,
    historyBlocks,
    blocksMax,
    startTimeMs: Date.now() - historyBlocks * blockTimeMs,
    isTimedByClock: true,
    profile: { correctionDelayMs, ...profile },
  });
  const server = await openBlockdbServer(simulator, port);
  const producer = {
    get depthMax() {
      return simulator.depthMax;
    },
    produce: () => void simulator.produce(),
    reorganize: (depth: number) => void simulator.reorganize({ depth }),
  };
  const production = startProduction(producer, { blockTimeMs, seed, depthMax: depthByItselfMax });
  return {
    ...simulatedPart(simulator, { production, server, command: commandSimulator }),
    http: server.http,
    ws: server.ws,
    key: defaultKey,
    chainId: simulator.chainId,
  };
}
