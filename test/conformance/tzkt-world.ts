/** The tzkt kind on the simulator. */
import { openTzktServer } from '../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../src/devnet/tzkt/simulator.ts';
import { blockCursor } from '../../src/model/cursor.ts';
import { tzktSource } from '../../src/sources/tzkt/index.ts';
import { allDatasets, someKinds, testConfig } from '../support/tzkt/tzkt-fold.ts';
import type { World } from './world.ts';

/** A chain of four blocks. */
export async function startTzktWorld(): Promise<World> {
  const simulator = new TzktSimulator({ historyLevels: 4 });
  const server = await openTzktServer(simulator);
  const config = testConfig({ url: server.http, operations: [{ types: someKinds }] });
  return {
    connect: (runtime) => tzktSource.connect(config, allDatasets, runtime),
    connectToNothing: (runtime) =>
      tzktSource.connect({ ...config, url: 'http://127.0.0.1:1' }, allDatasets, runtime),
    get newest() {
      const { level, hash } = simulator.head;
      return blockCursor({ height: level, hash });
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
