/** The datasets of this source: each row of BlockDB is one message, and each message one row. */
import type { Channel } from '../source.ts';
import type { BlockdbDataset, BlockdbRow } from './messages.ts';
import { rowOf } from './rows/row.ts';
import { blockdbDatasets, blockdbTables } from './tables/tables.ts';

function channel(dataset: BlockdbDataset): Channel<BlockdbRow> {
  return {
    subjects: [blockdbTables[dataset].subject],
    accepts: (message) => message.dataset === dataset,
    normalize: (message, origin) => [rowOf(message, origin)],
  };
}

/** One channel per dataset, in the order in which a block's rows are published. */
export const blockdbChannels = Object.fromEntries(
  blockdbDatasets.map((dataset) => [dataset, channel(dataset)]),
) as Readonly<Record<BlockdbDataset, Channel<BlockdbRow>>>;
