/** The evm kind on a scripted node. */
import { blockCursor } from '../../src/model/cursor.ts';
import { evmSource } from '../../src/sources/evm/index.ts';
import { FakeNode } from '../support/evm-node/fake-node.ts';
import { allDatasets, testConfig } from '../support/evm-node/fold.ts';
import type { World } from './world.ts';

/** A chain of five blocks. */
export async function startEvmWorld(): Promise<World> {
  const node = await FakeNode.start();
  node.grow('1a 2a 3a 4a', '0a');
  let height = 4;
  return {
    connect: (runtime) =>
      evmSource.connect(
        testConfig({ http: [node.http], ws: [node.ws], start: 'earliest' }),
        allDatasets,
        runtime,
      ),
    connectToNothing: (runtime) =>
      evmSource.connect(testConfig({ http: ['http://127.0.0.1:1'] }), allDatasets, runtime),
    get newest() {
      return blockCursor(node.head);
    },
    grow() {
      height += 1;
      node.announce(node.grow(`${height}a`, `${height - 1}a`));
    },
    fork() {
      node.announce(node.grow('3b 4b 5b', '2a'));
    },
    connections: () => node.connections,
    stop: () => node.close(),
  };
}
