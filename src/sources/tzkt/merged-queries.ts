/**
 * Fewer questions for the same items: queries that differ in one value only are asked as one with a
 * list of values. A source with a thousand filters would else ask a thousand times for each range.
 */
import type { ItemQuery } from './queries.ts';

/** A list of so many addresses stays below the 8 KiB that servers commonly take as a request line. */
const valuesMax = 100;

/** Filters that TzKT takes as a list too (reference section 5.2), by what they are called. */
const listed =
  /^(bigmap|contract|account|address\.in|token\.contract|ticket\.ticketer|anyof\.[\w.]+|sender|target|rollup|baker|delegate|initiator|committer)$/;

/** Queries whose union is that of the given ones; each item may come several times in both. */
export function mergedQueries(queries: readonly ItemQuery[]): readonly ItemQuery[] {
  const groups = new Map<string, { readonly query: ItemQuery; readonly values: Set<string> }>();
  for (const query of queries) {
    const name = listedName(query);
    const value = name === undefined ? '' : (query.params[name] ?? '');
    const params = Object.entries(query.params).filter(([each]) => each !== name);
    const key = JSON.stringify([query.path, query.role, query.type, name, params]);
    const group = groups.get(key) ?? { query, values: new Set() };
    for (const each of value.split(',')) group.values.add(each);
    groups.set(key, group);
  }
  return [...groups.values()].flatMap(({ query, values }) => withValues(query, [...values]));
}

function listedName({ params }: ItemQuery): string | undefined {
  return Object.keys(params).find((name) => listed.test(name));
}

function withValues(query: ItemQuery, values: readonly string[]): ItemQuery[] {
  const name = listedName(query);
  if (name === undefined || values.length < 2) return [query];
  const { [name]: _, ...rest } = query.params;
  const listName = name.endsWith('.in') ? name : `${name}.in`;
  const queries: ItemQuery[] = [];
  for (let first = 0; first < values.length; first += valuesMax) {
    const list = values.slice(first, first + valuesMax).join(',');
    queries.push({ ...query, params: { [listName]: list, ...rest } });
  }
  return queries;
}
