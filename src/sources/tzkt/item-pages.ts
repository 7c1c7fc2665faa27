/** Reads lists of items page by page, and sorts what they give by level. */
import type { TzktDataset, WireFields } from './messages.ts';
import type { ItemQuery, LevelRange } from './queries.ts';
import type { TzktRest } from './rest.ts';
import { levelOf, malformed, parseItems } from './wire.ts';

/** Items of one dataset by level, each once, in the order of their ids. */
export interface ItemsByLevel {
  readonly dataset: TzktDataset;
  readonly levels: ReadonlyMap<number, readonly WireFields[]>;
  /** The lowest head level that the server gave with the answers; null where it gave none. */
  readonly serverLevel: number | null;
}

/** One list, completely. */
interface Pages {
  readonly items: readonly WireFields[];
  readonly serverLevel: number | null;
}

/** What the queries of a dataset give for these levels. */
export async function readItems(
  rest: TzktRest,
  request: {
    readonly dataset: TzktDataset;
    readonly queries: readonly ItemQuery[];
    readonly range: LevelRange;
    readonly rowsPerPage: number;
  },
  signal: AbortSignal,
): Promise<ItemsByLevel> {
  const { dataset, queries, range, rowsPerPage } = request;
  const read = (wanted: readonly ItemQuery[]) =>
    Promise.all(
      wanted.map(async (query) => ({
        ...(await readPages(rest, { query, rowsPerPage }, signal)),
        role: query.role,
      })),
    );
  const lists = await read(queries.filter(({ role }) => role !== 'early'));
  const found = new Map<string, PlacedItem>();
  for (const { role, items } of lists) {
    for (const item of items) {
      const level = role === 'late' ? range.to : levelOf(dataset, item);
      found.set(String(item['id']), { item, level });
    }
  }
  // Asked last: what is recognised while the others are read must be seen here, or it comes twice.
  const early = await read(queries.filter(({ role }) => role === 'early'));
  for (const { id } of early.flatMap(({ items }) => items)) found.delete(String(id));
  return { dataset, levels: byLevel(found), serverLevel: lowest([...lists, ...early]) };
}

interface PlacedItem {
  readonly level: number;
  readonly item: WireFields;
}

function byLevel(found: ReadonlyMap<string, PlacedItem>): Map<number, WireFields[]> {
  const levels = new Map<number, WireFields[]>();
  const sorted = [...found].sort(([a], [b]) => Number(a) - Number(b));
  for (const [, { item, level }] of sorted) {
    const items = levels.get(level);
    if (items === undefined) levels.set(level, [item]);
    else items.push(item);
  }
  return levels;
}

async function readPages(
  rest: TzktRest,
  request: { readonly query: ItemQuery; readonly rowsPerPage: number },
  signal: AbortSignal,
): Promise<Pages> {
  const { query, rowsPerPage } = request;
  const limit = String(rowsPerPage);
  const items: WireFields[] = [];
  let serverLevel: number | null = null;
  let last: number | undefined;
  for (;;) {
    const cursor = last === undefined ? {} : { 'offset.cr': String(last) };
    const params = { ...query.params, ...cursor, limit };
    const answer = await rest.get({ path: query.path, params }, signal);
    serverLevel = lowest([{ serverLevel }, { serverLevel: answer.level }]);
    const page = parseItems(answer.value, query.path);
    for (const item of page) items.push(withType(item, query.type));
    if (page.length < rowsPerPage) return { items, serverLevel };
    const id = page.at(-1)?.['id'];
    if (typeof id !== 'number' || (last !== undefined && id <= last)) {
      throw malformed(query.path, 'id', id);
    }
    last = id;
  }
}

function withType(item: WireFields, type: string | undefined): WireFields {
  return type === undefined || item['type'] !== undefined ? item : { type, ...item };
}

function lowest(answers: readonly { readonly serverLevel: number | null }[]): number | null {
  const levels = answers.flatMap(({ serverLevel }) => (serverLevel === null ? [] : [serverLevel]));
  return levels.length === 0 ? null : Math.min(...levels);
}
