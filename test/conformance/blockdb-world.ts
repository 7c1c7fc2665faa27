/** The blockdb kind on the simulator. */
import { blockCursor } from '../../src/model/cursor.ts';
import { blockdbSource } from '../../src/sources/blockdb/index.ts';
import { allDatasets, BlockdbScene, testConfig } from '../support/blockdb/blockdb-scene.ts';
import type { World } from './world.ts';

/** A chain of four blocks, all of which REST has. */
export async function startBlockdbWorld(): Promise<World> {
  const scene = await BlockdbScene.open({
    historyBlocks: 4,
    profile: { rest: { bufferBlocks: 0 } },
  });
  const { simulator, server } = scene;
  const config = testConfig({ ws: [server.ws], rest: server.http });
  const nowhere = { ws: ['ws://127.0.0.1:1'], rest: 'http://127.0.0.1:1' };
  return {
    connect: (runtime) => blockdbSource.connect(config, allDatasets, runtime),
    connectToNothing: (runtime) =>
      blockdbSource.connect({ ...config, ...nowhere }, allDatasets, runtime),
    get newest() {
      const { height, hash } = simulator.head;
      return blockCursor({ height, hash: `0x${hash}` });
    },
    grow() {
      simulator.produce();
    },
    fork() {
      simulator.reorganize({ depth: 2 });
    },
    connections: () => server.connections(),
    stop: () => scene.close(),
  };
}
