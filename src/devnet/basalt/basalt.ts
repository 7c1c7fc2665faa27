/** A Basalt node as a part of the devnet: a port that stays the same, and blocks by the clock. */
import { portsFor } from '../ports.ts';
import { type ChainSettings, type SimulatedPart, simulatedPart } from '../simulator/part.ts';
import { startProduction } from '../simulator/production.ts';
import { commandSimulator } from './command.ts';
import { BasaltSimulator } from './simulator.ts';

/** What to simulate. */
export type BasaltSettings = ChainSettings;

/** The running part; it lives in the devnet's own process. */
export interface Basalt extends SimulatedPart<BasaltSimulator> {
  /** Base URL of REST. */
  readonly http: string;
  /** The block stream. */
  readonly ws: string;
  readonly chainId: number;
}

const blockTimeDefaultMs = 2000;
const historyBlocks = 20;
/** Far fewer than a node keeps, so that a day of the devnet needs no more memory than an hour. */
const blocksMax = 2000;

/**
 * Starts the part: an RPC node, whose limit of requests leaves room for a catch-up. Its chain begins
 * anew each time, and takes no block back by itself, as the chain promises.
 */
export async function startBasalt(dataDir: string, settings: BasaltSettings = {}): Promise<Basalt> {
  const { seed = '1', blockTimeMs = blockTimeDefaultMs } = settings;
  const { basalt: port } = await portsFor(dataDir, ['basalt']);
  const simulator = new BasaltSimulator({
    seed,
    blockTimeMs,
    historyBlocks,
    blocksMax,
    startTimeMs: Date.now() - historyBlocks * blockTimeMs,
    now: () => Date.now(),
    nodes: [{ mode: 'rpc' }],
  });
  const server = await simulator.listen(simulator.node, port);
  const producer = {
    depthMax: 0,
    produce: () => void simulator.produce(),
    reorganize: (depth: number) => void simulator.reorganize({ depth }),
  };
  const production = startProduction(producer, { blockTimeMs, seed, depthMax: 1 });
  return {
    ...simulatedPart(simulator, { production, server, command: commandSimulator }),
    http: server.http,
    ws: server.ws,
    chainId: simulator.head.chainId,
  };
}
