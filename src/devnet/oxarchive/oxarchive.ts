/** The 0xArchive simulator as a part of the devnet: a port that stays the same, time by the clock. */
import { portsFor } from '../ports.ts';
import { type SimulatedPart, simulatedPart } from '../simulator/part.ts';
import { startProduction } from '../simulator/production.ts';
import { defaultKey } from './access.ts';
import { commandSimulator } from './command.ts';
import { blockMs } from './history/block-time.ts';
import type { MarketSpec } from './market.ts';
import type { Profile } from './profile.ts';
import { openOxarchiveServer } from './server.ts';
import { OxarchiveSimulator } from './simulator.ts';

/** What to simulate. */
export interface OxarchiveSettings {
  /** Default `1`. The same seed has the same past, whenever it is started. */
  readonly seed?: string;
  /** Default: a few markets of every venue. */
  readonly markets?: readonly MarketSpec[];
  readonly profile?: Partial<Profile>;
}

/** The running part; it lives in the devnet's own process. */
export interface Oxarchive extends SimulatedPart<OxarchiveSimulator> {
  /** Base URL of REST, without `/v1`. */
  readonly http: string;
  /** URL of the socket. */
  readonly ws: string;
  /** URL of the second host: live only. */
  readonly streamWs: string;
  /** The API key that it accepts: nobody's. */
  readonly key: string;
}

/** After a longer pause, what happened meanwhile is in the archive and was never sent. */
const catchUpMaxMs = 10_000;

/** Starts the part. */
export async function startOxarchive(
  dataDir: string,
  settings: OxarchiveSettings = {},
): Promise<Oxarchive> {
  const { seed = '1', ...options } = settings;
  const { oxarchive: port } = await portsFor(dataDir, ['oxarchive']);
  const startTimeMs = Date.now();
  const simulator = new OxarchiveSimulator({ ...options, seed, startTimeMs, sentMax: 0 });
  const server = await openOxarchiveServer(simulator, port);
  const producer = {
    depthMax: 0,
    produce: () => {
      simulator.skipTo(Date.now() - catchUpMaxMs);
      simulator.advanceTo(Date.now());
    },
    reorganize: () => undefined,
  };
  const production = startProduction(producer, { blockTimeMs: blockMs, seed, depthMax: 1 });
  return {
    ...simulatedPart(simulator, { production, server, command: commandSimulator }),
    http: server.http,
    ws: server.ws,
    streamWs: server.streamWs,
    key: defaultKey,
  };
}
