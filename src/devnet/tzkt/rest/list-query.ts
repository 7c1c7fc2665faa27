/** The query of a list endpoint: filters, sort, offset, limit, selection. Unknown names are ignored. */

import type { Json } from '../../simulator/json.ts';
import { type Column, type Mode, modes, parseTest } from './column.ts';
import type { ListDefinition } from './list-definition.ts';
import { RestError } from './rest-error.ts';

/** Looks up a value of a row by its place. */
export type LookUp = (place: string) => Json | undefined;

/** A parsed query. */
export interface ListQuery {
  /** Each must hold. */
  readonly tests: readonly ((lookUp: LookUp) => boolean)[];
  readonly sort: { readonly place: string; readonly isDescending: boolean };
  /** Rows to skip. */
  readonly skip: number;
  /** Only rows beyond this value of the sort column. */
  readonly cursor: bigint | undefined;
  readonly limit: number;
  readonly fields: readonly string[] | undefined;
  /** True for `select.values`. */
  readonly isValues: boolean;
}

const limitDefault = 100;
const limitMax = 10_000;

/** Reads the query of a list. Throws a `RestError` as the server would answer 400. */
export function parseListQuery(definition: ListDefinition, parameters: URLSearchParams): ListQuery {
  const limit = natural(parameters, ['limit'], limitDefault);
  if (limit > limitMax) throw limitError();
  const values = parameters.get('select.values');
  const fields = values ?? parameters.get('select') ?? parameters.get('select.fields');
  const page = natural(parameters, ['offset.pg'], 0);
  return {
    tests: parseTests(definition, parameters),
    sort: parseSort(definition, parameters),
    skip: natural(parameters, ['offset', 'offset.el'], 0) + page * limit,
    cursor: parseCursor(parameters),
    limit,
    fields: fields === null || fields === '' ? undefined : fields.split(','),
    isValues: values !== null,
  };
}

function parseTests(definition: ListDefinition, parameters: URLSearchParams): ListQuery['tests'] {
  const tests: ((lookUp: LookUp) => boolean)[] = [];
  for (const [name, text] of parameters) {
    const parsed = name.startsWith('anyof.')
      ? parseAnyOf(definition, name)
      : parseName(definition, name);
    if (parsed === undefined) continue;
    const { columns, mode } = parsed;
    const places = columns.flatMap((column) =>
      column.places.map((place) => ({
        place,
        isMet: parseTest(name, mode, { text, type: column.type }),
      })),
    );
    tests.push((lookUp) => places.some(({ place, isMet }) => isMet(lookUp(place))));
  }
  return tests;
}

interface ParsedName {
  readonly columns: readonly Column[];
  readonly mode: Mode;
}

function parseName(definition: ListDefinition, name: string): ParsedName | undefined {
  const plain = definition.filters[name];
  if (plain !== undefined) return { columns: [plain], mode: 'eq' };
  const { base, mode } = splitMode(name);
  const column = definition.filters[base];
  return column === undefined || mode === undefined ? undefined : { columns: [column], mode };
}

/** `anyof.from.to`, `anyof.from.to.in`: at least two fields. */
function parseAnyOf(definition: ListDefinition, name: string): ParsedName | undefined {
  const { base, mode } = splitMode(name);
  const names = (mode === undefined ? name : base).split('.').slice(1);
  const columns = names.flatMap((one) => definition.filters[one] ?? []);
  if (columns.length < 2 || columns.length < names.length) return undefined;
  return { columns, mode: mode ?? 'eq' };
}

function splitMode(name: string): { readonly base: string; readonly mode: Mode | undefined } {
  const dot = name.lastIndexOf('.');
  const mode = modes.find((one) => one === name.slice(dot + 1));
  return { base: name.slice(0, dot), mode: dot === -1 ? undefined : mode };
}

function parseSort(definition: ListDefinition, parameters: URLSearchParams): ListQuery['sort'] {
  const { sorts, defaultSort, hasSortFallback } = definition;
  const descending = parameters.get('sort.desc');
  const wanted = descending ?? parameters.get('sort.asc') ?? parameters.get('sort');
  if (wanted === null || wanted === '') return defaultSort;
  const place = sorts[wanted];
  if (place !== undefined) return { place, isDescending: descending !== null };
  if (hasSortFallback) return { place: defaultSort.place, isDescending: descending !== null };
  throw new RestError('sort', 'Sorting by the specified field is not allowed.');
}

function parseCursor(parameters: URLSearchParams): bigint | undefined {
  const text = parameters.get('offset.cr');
  if (text === null || text === '') return undefined;
  if (!/^-?\d+$/.test(text)) throw new RestError('offset.cr', 'Invalid integer value.');
  return BigInt(text);
}

function natural(parameters: URLSearchParams, names: readonly string[], none: number): number {
  const name = names.find((one) => parameters.has(one));
  const text = name === undefined ? null : parameters.get(name);
  if (name === undefined || text === null) return none;
  if (/^\d+$/.test(text)) return Number(text);
  if (name === 'limit' && /^-\d+$/.test(text)) throw limitError();
  throw new RestError(name, 'Invalid integer value.');
}

function limitError(): RestError {
  return new RestError('limit', `The field limit must be between 0 and ${limitMax}.`);
}
