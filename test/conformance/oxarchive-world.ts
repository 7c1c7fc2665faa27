/** The oxarchive kind on the simulator: time stands still until something grows. */
import { openOxarchiveServer } from '../../src/devnet/oxarchive/server.ts';
import { OxarchiveSimulator } from '../../src/devnet/oxarchive/simulator.ts';
import { tokenCursor } from '../../src/model/cursor.ts';
import { oxarchiveSource } from '../../src/sources/oxarchive/index.ts';
import { testConfig } from '../support/oxarchive/oxarchive-scene.ts';
import type { World } from './world.ts';

const blocks = 100;
const datasets = new Set(['trades', 'book_deltas', 'open_interest']);

/** Two markets of ten seconds, all of which the archive has. */
export async function startOxarchiveWorld(): Promise<World> {
  const startMs = Date.now() - 60_000;
  const simulator = new OxarchiveSimulator({ startTimeMs: startMs, profile: { archiveLagMs: 0 } });
  simulator.produce(blocks);
  const server = await openOxarchiveServer(simulator);
  const config = testConfig({
    ws: server.ws,
    rest: server.http,
    start: startMs,
    overlapMs: 100,
    firstRowWaitMs: 50,
    archiveLagMs: 50,
    // The archive's time stands still too: it never shows that it is beyond what was asked for.
    archiveWaitMaxMs: 200,
    auditIntervalMs: 0,
    subscribesPerSecondMax: 8,
  });
  const nowhere = { ws: 'ws://127.0.0.1:1', rest: 'http://127.0.0.1:1' };
  return {
    connect: (runtime) => oxarchiveSource.connect(config, datasets, runtime),
    connectToNothing: (runtime) =>
      oxarchiveSource.connect({ ...config, ...nowhere }, datasets, runtime),
    ownIdentity: '0xarchive/hyperliquid',
    get newest() {
      return tokenCursor(String(simulator.nowMs));
    },
    grow() {
      simulator.produce(blocks);
    },
    connections: () => server.connections(),
    stop: () => server.close(),
  };
}
