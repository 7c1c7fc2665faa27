/** The rows of a block as the messages of its update. */
import type { BlockdbDataset, BlockdbRow, WireFields } from '../messages.ts';
import { inBlockOrder } from '../rows/block-order.ts';
import type { KeyedRow } from './said-row.ts';

/** By dataset, each in the order of the block. */
export function messagesOf(rows: Iterable<KeyedRow>): readonly BlockdbRow[] {
  const byDataset = new Map<BlockdbDataset, WireFields[]>();
  for (const { dataset, data } of rows) {
    const several = byDataset.get(dataset);
    if (several === undefined) byDataset.set(dataset, [data]);
    else several.push(data);
  }
  return [...byDataset].flatMap(([dataset, several]) => inBlockOrder(dataset, several));
}
