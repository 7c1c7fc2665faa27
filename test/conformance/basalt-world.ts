/** The basalt kind on a simulated node. */
import { BasaltSimulator } from '../../src/devnet/basalt/simulator.ts';
import { blockCursor } from '../../src/model/cursor.ts';
import { basaltSource } from '../../src/sources/basalt/index.ts';
import { allDatasets, testConfig } from '../support/basalt/basalt-fold.ts';
import type { World } from './world.ts';

/** A chain of five blocks. */
export async function startBasaltWorld(): Promise<World> {
  const simulator = new BasaltSimulator({
    historyBlocks: 4,
    nodes: [{ requestsPerMinuteMax: 1_000_000 }],
  });
  const server = await simulator.listen();
  const connect = (rest: string, ws: readonly string[]) => testConfig({ rest: [rest], ws });
  return {
    connect: (runtime) =>
      basaltSource.connect(connect(server.http, [server.ws]), allDatasets, runtime),
    connectToNothing: (runtime) =>
      basaltSource.connect(connect('http://127.0.0.1:1', []), allDatasets, runtime),
    get newest() {
      const { number, hash } = simulator.head;
      return blockCursor({ height: number, hash });
    },
    grow() {
      simulator.produce();
    },
    fork() {
      simulator.reorganize({ depth: 2 });
    },
    connections: () => server.connections(),
    stop: () => server.close(),
  };
}
