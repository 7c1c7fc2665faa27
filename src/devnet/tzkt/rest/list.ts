/** Answers a list query from the tables. */
import { type Item, inOrder, type Json } from '../../simulator/json.ts';
import { valueAt } from '../chain/item.ts';
import { positionAfter, type Row } from '../chain/table.ts';
import { shownRow, type Tables } from '../chain/tables.ts';
import type { ListDefinition } from './list-definition.ts';
import type { ListQuery } from './list-query.ts';

/** Where the rows of an answer come from. */
export interface ListSource {
  readonly tables: Tables;
  readonly rows: readonly Row[];
}

/** The rows that the query asks for, as the answer shows them. */
export function answerList(
  { tables, rows: all }: ListSource,
  definition: ListDefinition,
  query: ListQuery,
): readonly Json[] {
  if (selectsNothingKnown(definition, query)) return [];
  const { sort, cursor, skip, limit } = query;
  const lookUp =
    (row: Row) =>
    (place: string): Json | undefined =>
      valueOfRow(tables, row, place);
  const isAsked = (row: Row): boolean =>
    (definition.kind === undefined || row.kind?.type === definition.kind.type) &&
    query.tests.every((isMet) => isMet(lookUp(row))) &&
    (cursor === undefined || isBeyond(lookUp(row)(sort.place), cursor, sort.isDescending));
  const show = (row: Row): Json => shownFields(shownRow(tables, row), definition, query);
  if (sort.place === 'id' && !sort.isDescending) {
    return firstOf(all, isAsked, { cursor, count: skip + limit })
      .slice(skip)
      .map(show);
  }
  const asked = all.filter(isAsked);
  const sorted = sort.place === 'id' ? asked : sortedBy(asked, (row) => lookUp(row)(sort.place));
  const ordered = sort.isDescending ? sorted.toReversed() : sorted;
  return ordered.slice(skip, skip + limit).map(show);
}

// A page of a long list must not cost as much as the whole list.
function firstOf(
  rows: readonly Row[],
  isAsked: (row: Row) => boolean,
  wanted: { readonly cursor: bigint | undefined; readonly count: number },
): readonly Row[] {
  const found: Row[] = [];
  const start = wanted.cursor === undefined ? 0 : positionAfter(rows, Number(wanted.cursor));
  for (let n = start; n < rows.length && found.length < wanted.count; n += 1) {
    const row = rows[n];
    if (row !== undefined && isAsked(row)) found.push(row);
  }
  return found;
}

/** Fields of an item under `select` or `select.values`; without either, the item as a list has it. */
export function shownFields(item: Item, definition: ListDefinition, query: ListQuery): Json {
  const { fields, isValues } = query;
  if (fields === undefined) {
    const names = Object.keys(item).filter((name) => !definition.selectOnly.includes(name));
    return inOrder(item, names);
  }
  const values = fields.map(
    (field): Json =>
      definition.columns.includes(rootOf(field)) ? (valueAt(item, field) ?? null) : null,
  );
  const [first = null] = values;
  if (isValues) return fields.length === 1 ? first : values;
  if (fields.length === 1) return first;
  return Object.fromEntries(fields.map((field, n) => [field, values[n] ?? null]));
}

function selectsNothingKnown(definition: ListDefinition, query: ListQuery): boolean {
  return query.fields?.some((field) => definition.columns.includes(rootOf(field))) === false;
}

function rootOf(field: string): string {
  return field.split('.')[0] ?? field;
}

// Without rendering the row: most rows that are looked at are not shown.
function valueOfRow(tables: Tables, row: Row, place: string): Json | undefined {
  if (place === '@indexedAt') return row.indexedAt;
  const [root = place, ...rest] = place.split('.');
  if (root !== 'token' && root !== 'ticket') return valueAt(row.item, place);
  const asset = row.asset === undefined ? undefined : tables.assets.get(row.asset);
  return asset === undefined ? undefined : valueAt(asset, rest.join('.'));
}

function isBeyond(value: Json | undefined, cursor: bigint, isDescending: boolean): boolean {
  if (value === undefined || value === null) return false;
  const number = BigInt(String(value));
  return isDescending ? number < cursor : number > cursor;
}

function sortedBy(rows: readonly Row[], lookUp: (row: Row) => Json | undefined): readonly Row[] {
  return rows.toSorted((a, b) => Number(lookUp(a) ?? 0) - Number(lookUp(b) ?? 0) || a.id - b.id);
}
