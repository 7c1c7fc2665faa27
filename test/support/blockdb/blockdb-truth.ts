/** Compares what a reader of the blockdb source holds with the simulator's own chain, row for row. */
import assert from 'node:assert/strict';
import type { BlockdbSimulator } from '../../../src/devnet/blockdb/simulator.ts';
import { blockdbChannels } from '../../../src/sources/blockdb/channels.ts';
import type { BlockdbDataset, WireFields } from '../../../src/sources/blockdb/messages.ts';
import { inBlockOrder } from '../../../src/sources/blockdb/rows/block-order.ts';
import { blockdbDatasets, blockdbTables } from '../../../src/sources/blockdb/tables/tables.ts';
import type { RowReader } from '../sources/row-reader.ts';

/** Datasets that are given without filters. */
export const withoutFilters = blockdbDatasets.filter(
  (dataset) => !blockdbTables[dataset].params.some(({ isRequired }) => isRequired),
);

/** Throws, naming the dataset, when a row is missing, doubled, left over or different. */
export function assertSameRows(
  reader: RowReader,
  simulator: BlockdbSimulator,
  {
    datasets = withoutFilters,
    upTo = Number.POSITIVE_INFINITY,
  }: { readonly datasets?: Iterable<string>; readonly upTo?: number } = {},
): void {
  const canonical = simulator.canonical();
  const headers = new Map(simulator.headers.map((header) => [header.height, header]));
  for (const dataset of datasets as Iterable<BlockdbDataset>) {
    const { id, heightMember } = blockdbTables[dataset];
    if (heightMember === null) continue;
    const items = canonical[id as keyof typeof canonical] as readonly WireFields[];
    const byHeight = new Map<number, WireFields[]>();
    for (const item of items) {
      const height = Number(item[heightMember]);
      if (height > upTo) continue;
      byHeight.set(height, [...(byHeight.get(height) ?? []), item]);
    }
    const expected = [...byHeight].flatMap(([height, rows]) => {
      const header = headers.get(height);
      assert(header !== undefined, `the simulator has no block ${height}`);
      const origin = {
        chain: `eip155:${simulator.chainId}`,
        source: 'test',
        height,
        blockHash: `0x${header.hash}`,
        blockTimeMs: header.timeMs,
        isBackfill: false,
        receivedAtUs: 0,
      };
      return inBlockOrder(dataset, rows).flatMap((row) => [
        ...blockdbChannels[dataset].normalize(row, origin),
      ]);
    });
    assert.deepEqual(
      textsOf(reader.rows(dataset).filter(({ row }) => Number(row['height']) <= upTo)),
      textsOf(expected),
      `${dataset} after ${reader.picture}`,
    );
  }
}

function textsOf(rows: ReturnType<RowReader['rows']>): readonly string[] {
  // A member that nobody knows is kept as it came, and makes no other row.
  const isStray = (value: unknown) => String(value).includes('future_member');
  const isShown = ([, value]: readonly [string, unknown]) => value !== null && !isStray(value);
  return rows.map(({ row }) => JSON.stringify(Object.entries(row).filter(isShown).sort())).sort();
}
