/** What REST shows of a chain: its blocks up to the served height, and the rows of a request. */
import type { Item } from '../../simulator/json.ts';
import type { ChainBlock, Row } from '../chain/block.ts';
import { type Dataset, type DatasetId, datasetNamed } from '../chain/datasets.ts';
import { passes } from '../chain/filters.ts';
import type { Range, RestQuery } from './query.ts';

/** The blocks that REST serves, oldest first. */
export type View = readonly ChainBlock[];

/** The blocks that are at least `bufferBlocks` behind the head. */
export function viewOf(blocks: readonly ChainBlock[], bufferBlocks: number): View {
  return blocks.slice(0, Math.max(blocks.length - bufferBlocks, 0));
}

/** All rows of a dataset; bars as they were at the last block. */
export function rowsOf(view: View, dataset: DatasetId): readonly Row[] {
  if (!datasetNamed(dataset).isBar) {
    return view.flatMap(({ rows }) => rows.filter((row) => row.dataset === dataset));
  }
  const bars = new Map<string, Row>();
  for (const row of view.flatMap((block) => block.bars)) {
    if (row.dataset === dataset) bars.set(row.key, row);
  }
  return [...bars.values()];
}

/** The rows of a request, in the order of the answer. */
export function selectRows(view: View, dataset: Dataset, query: RestQuery): readonly Row[] {
  const { range, filters } = query;
  const narrowed = dataset.isBar ? view : withinBlocks(view, range);
  const rows = rowsOf(narrowed, dataset.id).filter(
    ({ item }) => isInRange(item, dataset, range) && passes(item, dataset.restFilters, filters),
  );
  if (dataset.id === '0122') return functionResults(rows, filters['latest_only'] === true);
  return dataset.isBar ? [...rows].sort(byBucket) : rows;
}

function withinBlocks(view: View, range: Range): View {
  const first = view[0]?.header.height;
  if (range.by !== 'block' || first === undefined) return view;
  return view.slice(Math.max(range.from - first, 0), Math.max(range.to - first + 1, 0));
}

function isInRange(item: Item, { heightMember, timeMember }: Dataset, range: Range): boolean {
  if (range.by === 'selectors') return true;
  if (range.by === 'block') {
    const height = Number(item[heightMember]);
    return height >= range.from && height <= range.to;
  }
  const timeMs = Date.parse(String(item[timeMember]));
  return timeMs >= range.fromMs && timeMs <= range.toMs;
}

/** By contract, newest first. */
function functionResults(rows: readonly Row[], isLatestOnly: boolean): readonly Row[] {
  const sorted = [...rows].sort(
    (a, b) =>
      compare(String(a.item['contract_id']), String(b.item['contract_id'])) || b.height - a.height,
  );
  if (!isLatestOnly) return sorted;
  const seen = new Set<string>();
  return sorted.filter(({ item }) => {
    const name = `${item['contract_id']}/${item['call_data']}`;
    const isFirst = !seen.has(name);
    seen.add(name);
    return isFirst;
  });
}

function byBucket(a: Row, b: Row): number {
  const buckets = compare(String(a.item['bucket_start']), String(b.item['bucket_start']));
  return (
    buckets ||
    Number(a.item['bucket_seconds']) - Number(b.item['bucket_seconds']) ||
    compare(a.key, b.key)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
