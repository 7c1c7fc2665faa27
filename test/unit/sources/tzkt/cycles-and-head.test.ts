/** The rows of `cycles` and `head`, which are of a block without being its contents. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openTzktServer } from '../../../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import { tzktChannels } from '../../../../src/sources/tzkt/channels.ts';
import type { WireFields } from '../../../../src/sources/tzkt/messages.ts';
import { parseItems } from '../../../../src/sources/tzkt/wire.ts';
import { open } from '../../../support/tzkt/tzkt-fold.ts';

const delayBlocks = 2;

it('cycles stand in the block after their first, also when it is replaced; heads in live blocks', async () => {
  const simulator = new TzktSimulator({ historyLevels: 20, cycleLevels: 8 });
  const server = await openTzktServer(simulator);
  try {
    const datasets = new Set(['blocks', 'cycles', 'head']);
    const options = { cycleDelayBlocks: delayBlocks, silenceMs: 10_000 };
    const { fold, source } = open(server, options, datasets);
    const answer = await fetch(`${server.http}/v1/cycles?sort.asc=index&limit=100`);
    const cycles: readonly WireFields[] = parseItems(await answer.json(), '/v1/cycles');
    const levelsOf = cycles.map((cycle) => Number(cycle['firstLevel']) + delayBlocks);
    const isNext = () => levelsOf.includes(simulator.head.level);
    let isReorganized = false;
    await fold.run(source, ({ chain }, { kind }) => {
      const isAtHead = chain.tip?.hash === simulator.head.hash;
      if (!isAtHead || kind === 'block' || kind === 'fork') return false;
      if (isReorganized) return true;
      // The block that publishes a cycle is replaced once it was seen live.
      if (isNext()) {
        isReorganized = true;
        simulator.reorganize({ depth: 1 });
      } else simulator.produce(1);
      return false;
    });
    const blocks = new Map(simulator.canonical().blocks.map((block) => [block['level'], block]));
    const expected = cycles.flatMap((fields, index) => {
      const block = blocks.get(levelsOf[index]);
      if (block === undefined) return [];
      const origin = {
        ...{ chain: 'tezos:NetXSCw6Rghzp68', source: 'test', isBackfill: false, receivedAtUs: 0 },
        ...{ height: Number(block['level']), blockHash: String(block['hash']) },
        blockTimeMs: Date.parse(String(block['timestamp'])),
      };
      const message = { dataset: 'cycles', fields, parentHash: '' } as const;
      return [...tzktChannels.cycles.normalize(message, origin)].map(({ row }) => row);
    });
    assert(expected.length > 2, `${expected.length} cycles`);
    assert.deepEqual(
      fold.rows('cycles').map(({ row }) => row),
      expected,
    );
    const heads = fold.rows('head').map(({ row }) => row);
    assert(heads.length > 0);
    for (const { height, block_hash: hash } of heads) {
      assert.equal(hash, blocks.get(Number(height))?.['hash']);
    }
    assert.equal(new Set(heads.map(({ height }) => height)).size, heads.length);
  } finally {
    await server.close();
  }
});
