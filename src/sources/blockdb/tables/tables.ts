/** All datasets of BlockDB, in the order in which a block's rows are published. */
import type { BlockdbDataset } from '../messages.ts';
import { analytics } from './analytics.ts';
import { bars } from './bars.ts';
import { entities } from './entities.ts';
import { primitives } from './primitives.ts';
import type { BlockdbTable } from './table.ts';
import { trading } from './trading.ts';

/** By dataset. What they say is what `schemas/` declares; a test compares them. */
export const blockdbTables: Readonly<Record<BlockdbDataset, BlockdbTable>> = {
  ...primitives,
  ...entities,
  ...trading,
  ...bars,
  ...analytics,
};

/** Names of all datasets, in the order of the tables. */
export const blockdbDatasets = Object.keys(blockdbTables) as readonly BlockdbDataset[];
