/** What a session that begins at a checkpoint reads from REST is what the one before heard. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Event } from '../../../../src/model/event.ts';
import { isBarDataset } from '../../../../src/sources/blockdb/bars.ts';
import { blockdbDatasets } from '../../../../src/sources/blockdb/tables/tables.ts';
import { BlockdbScene } from '../../../support/blockdb/blockdb-scene.ts';

const datasets = blockdbDatasets.filter((dataset) => !isBarDataset(dataset));
const liveBlocks = 40;

let scene: BlockdbScene;
/** Rows of the live blocks by dataset, as each session published them. */
let heard: ReadonlyMap<string, readonly Event[]>;
let read: ReadonlyMap<string, readonly Event[]>;

/** Both sessions; nothing becomes final meanwhile. */
async function restart(): Promise<void> {
  const { cast, head } = scene.simulator;
  const pairs = cast.pools.map(({ tokens: [base, quote] }) => ({
    base_token_address: base?.address ?? '',
    quote_token_address: quote?.address ?? '',
  }));
  const filters = { prices_spot_prints: pairs.slice(0, 3) };
  const { fold, source } = scene.connect({ confirmations: 100, filters });
  const isLive = (height: number) => height > head.height && height <= head.height + liveBlocks;
  const rows = () =>
    new Map(
      datasets.map((dataset) => {
        const all = fold.rows(dataset).filter(({ row }) => isLive(Number(row['height'])));
        return [dataset, all] as const;
      }),
    );
  let hasProduced = false;
  await fold.run(source, (_, { kind }) => {
    if (kind === 'idle' && !hasProduced) {
      hasProduced = true;
      scene.simulator.produce(liveBlocks, { transactions: 3 });
    }
    return hasProduced && kind === 'idle' && scene.isAtHead(fold);
  });
  heard = rows();
  scene.simulator.produce(scene.simulator.profile.rest.bufferBlocks + 1);
  const reread = new Set<number>();
  await fold.run(source, (_, update) => {
    if (update.kind === 'revision' && isLive(update.block.height)) reread.add(update.block.height);
    return reread.size === liveBlocks;
  });
  read = rows();
}

describe('after a restart', () => {
  before(async () => {
    // Older revisions of REST name the chain in each row, which the stream does not.
    scene = await BlockdbScene.open({ profile: { rest: { responses: 'older' } } });
    await restart();
  });
  after(() => scene.close());

  for (const dataset of datasets) {
    it(`a row of ${dataset} from REST is the row that the stream told`, () => {
      assert((heard.get(dataset)?.length ?? 0) > 0, `no row of ${dataset} was heard`);
      assert.deepEqual(read.get(dataset), heard.get(dataset));
    });
  }
});
