/** The answers of the REST side: pages of rows in the newest or the older shape, usage, lineage. */
import type { Item, Json } from '../../simulator/json.ts';
import { timeText } from '../chain/block.ts';
import { type Dataset, datasetIds } from '../chain/datasets.ts';
import { handleOf } from '../chain/lineage.ts';
import type { RestProfile } from '../profile.ts';
import type { Shape } from '../shape.ts';
import { cursorOf, type Range, type RestQuery } from './query.ts';
import { rowsOf, selectRows, type View } from './view.ts';

/** What an answer is made from. */
export interface AnswerOptions {
  readonly view: View;
  readonly shape: Shape;
  readonly chainId: number;
  readonly responses: RestProfile['responses'];
}

const costs: readonly (readonly [prefix: string, computeUnits: number])[] = [
  ['01', 1],
  ['02', 40],
  ['05', 100],
  ['06', 100],
];
const costDefault = 80;

/** Compute units of a request. */
export function costOf({ id }: Dataset): number {
  return costs.find(([prefix]) => id.startsWith(prefix))?.[1] ?? costDefault;
}

/** A page of rows. */
export function pageOf(dataset: Dataset, query: RestQuery, options: AnswerOptions): Item {
  const { view, shape, chainId, responses } = options;
  const { limit, offset, given } = query;
  const rows = selectRows(view, dataset, query);
  const end = offset + limit;
  const hasAdjustedReserves = given['include_adjusted_amounts'] === true;
  const data = rows
    .slice(offset, end)
    .map(({ item }) => shape.rest(dataset.id, item, { hasAdjustedReserves }));
  const cursor = end < rows.length ? cursorOf(query, end) : null;
  const window = windowOf(query.range);
  const filters = { ...query.filters, limit, cursor: query.cursor };
  if (responses === 'older') {
    const pair = pairOf(query.filters);
    const meta = { request_window: window, filters };
    // Copies differ: the chain is told beside the rows, or in each.
    const named = data.map((row) => ({ ...row, chain_id: chainId }));
    return { chain_id: chainId, ...pair, meta, data: named, cursor, count: data.length };
  }
  return {
    meta: {
      chain_id: chainId,
      request_window: window,
      resolved_window: resolvedWindow(query.range, view),
      filters,
    },
    data,
    cursor,
    page_count: data.length,
  };
}

/** The latest copy of one row; undefined when there is none. */
export function recordOf(
  handle: string,
  { view, shape, chainId }: AnswerOptions,
): Item | undefined {
  for (const id of datasetIds) {
    const row = rowsOf(view, id).findLast((one) => handleOf(one) === handle);
    if (row === undefined) continue;
    return {
      meta: { chain_id: chainId, tracing_id: handle },
      data: { dataset: shape.wireId(id) ?? id, record: shape.rest(id, row.item) },
    };
  }
  return undefined;
}

function windowOf(range: Range): Item {
  return {
    from_block: range.by === 'block' ? range.from : null,
    to_block: range.by === 'block' ? range.to : null,
    from_timestamp: range.by === 'time' ? timeText(range.fromMs) : null,
    to_timestamp: range.by === 'time' ? timeText(range.toMs) : null,
  };
}

/** The window cut to what is served; where nothing of it is, it ends before it begins. */
function resolvedWindow(range: Range, view: View): Item {
  const served = view.at(-1)?.header;
  if (served === undefined || range.by === 'selectors') return windowOf(range);
  if (range.by === 'block') return windowOf({ ...range, to: Math.min(range.to, served.height) });
  return windowOf({ ...range, toMs: Math.min(range.toMs, served.timeMs) });
}

/** The oldest copies tell the pair beside the rows. */
function pairOf(filters: Item): Item {
  const members: Record<string, Json> = {};
  for (const name of ['base_token_address', 'quote_token_address', 'quote_currency_code']) {
    const value = filters[name];
    if (value !== undefined) members[name] = value;
  }
  return members;
}
