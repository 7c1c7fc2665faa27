/** Compares what a reader of the blockdb source holds with the simulator's own chain, row for row. */
import assert from 'node:assert/strict';
import type { BlockdbSimulator } from '../../../src/devnet/blockdb/simulator.ts';
import { barBlock, bucketEndMs } from '../../../src/sources/blockdb/bars.ts';
import { blockdbChannels } from '../../../src/sources/blockdb/channels.ts';
import type { Filters } from '../../../src/sources/blockdb/config.ts';
import type { BlockdbDataset, WireFields } from '../../../src/sources/blockdb/messages.ts';
import { inBlockOrder } from '../../../src/sources/blockdb/rows/block-order.ts';
import { blockdbDatasets, blockdbTables } from '../../../src/sources/blockdb/tables/tables.ts';
import type { RowReader } from '../sources/row-reader.ts';
import { isFiltered } from './bar-filters.ts';

/** Datasets that are given without filters. */
export const withoutFilters = blockdbDatasets.filter(
  (dataset) => !blockdbTables[dataset].params.some(({ isRequired }) => isRequired),
);

/** What to compare: all rows of the datasets that are given without filters, unless told otherwise. */
export interface Compared {
  readonly datasets?: Iterable<string>;
  readonly filters?: Filters;
  readonly upTo?: number;
}

/** Throws, naming the dataset, when a row is missing, doubled, left over or different. */
export function assertSameRows(
  reader: RowReader,
  simulator: BlockdbSimulator,
  { datasets, filters = {}, upTo = Number.POSITIVE_INFINITY }: Compared = {},
): void {
  const canonical: Readonly<Record<string, readonly WireFields[]>> = simulator.canonical();
  const headers = new Map(simulator.headers.map((header) => [header.height, header]));
  const filtered = Object.keys(filters);
  for (const dataset of (datasets ?? [
    ...withoutFilters,
    ...filtered,
  ]) as Iterable<BlockdbDataset>) {
    const byHeight = new Map<number, WireFields[]>();
    for (const item of canonical[blockdbTables[dataset].id] ?? []) {
      const height = heightOf(dataset, item, simulator);
      if (height === undefined || height > upTo || !isFiltered(filters, dataset, item)) continue;
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

/** A bar is of the block that closed it; what closed with the first block is of none. */
function heightOf(
  dataset: BlockdbDataset,
  item: WireFields,
  { headers }: BlockdbSimulator,
): number | undefined {
  const { heightMember } = blockdbTables[dataset];
  if (heightMember !== null) return Number(item[heightMember]);
  const closing = barBlock(bucketEndMs(dataset, item), headers);
  return closing === headers[0] ? undefined : closing?.height;
}

function textsOf(rows: ReturnType<RowReader['rows']>): readonly string[] {
  // A member that nobody knows is kept as it came, and makes no other row.
  const isStray = (value: unknown) => String(value).includes('future_member');
  const isShown = ([, value]: readonly [string, unknown]) => value !== null && !isStray(value);
  return rows.map(({ row }) => JSON.stringify(Object.entries(row).filter(isShown).sort())).sort();
}
