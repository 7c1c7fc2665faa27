/** The body of a request for rows, checked: one range or selectors, filters, limit and cursor. */
import { type Item, isItem, type Json } from '../../simulator/json.ts';
import type { Dataset } from '../chain/datasets.ts';
import { digest } from '../chain/lineage.ts';
import { invalidParameters } from '../chain/parameters.ts';
import type { Profile } from '../profile.ts';
import { RestError } from './rest-error.ts';

/** Which rows a request is about; both ends are included. */
export type Range =
  | { readonly by: 'block'; readonly from: number; readonly to: number }
  | { readonly by: 'time'; readonly fromMs: number; readonly toMs: number }
  | { readonly by: 'selectors' };

/** A checked request. */
export interface RestQuery {
  readonly range: Range;
  readonly filters: Item;
  readonly limit: number;
  readonly cursor: string | null;
  /** Rows of earlier pages. */
  readonly offset: number;
  /** The body as it was given. */
  readonly given: Item;
}

const limitDefault = 250;
const limitMax = 1000;
const listMax = 256;
const common = ['chain_id', 'limit', 'cursor'];
const ranges = ['from_block', 'to_block', 'from_timestamp', 'to_timestamp'];

/** Throws a `RestError` (400, 413) that tells what is wrong. */
export function parseQuery(
  body: unknown,
  dataset: Dataset,
  { chainId, profile }: { readonly chainId: number; readonly profile: Profile },
): RestQuery {
  if (!isItem(body)) throw new RestError(400, 'The body is not a JSON object.');
  if (body['chain_id'] !== chainId) throw refused('chain_id', 'invalid_value');
  const { limit = limitDefault, cursor = null } = body;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1) {
    throw refused('limit', 'invalid_value');
  }
  if (limit > limitMax)
    throw new RestError(413, `limit may be ${limitMax}.`, { limit_max: limitMax });
  const filters = filtersOf(body, dataset, profile);
  const range = rangeOf(body, dataset, profile.rest.isStrict);
  const offset = cursor === null ? 0 : offsetOf(cursor, body);
  return {
    range,
    filters,
    limit,
    cursor: cursor === null ? null : String(cursor),
    offset,
    given: body,
  };
}

/** The cursor of the page behind `offset` rows of the same request. */
export function cursorOf({ given }: RestQuery, offset: number): string {
  return Buffer.from(JSON.stringify({ offset, of: nameOf(given) })).toString('base64url');
}

function filtersOf(body: Item, dataset: Dataset, profile: Profile): Item {
  const given = Object.entries(body).filter(
    ([name, value]) => !common.includes(name) && !ranges.includes(name) && value !== undefined,
  );
  const filters = Object.fromEntries(given);
  const wrong = invalidParameters(filters, {
    filters: dataset.restFilters,
    prefix: '',
    refusesUnknown: profile.unknownParameters === 'refuse',
    listMax,
  });
  if (wrong.length === 0) return filters;
  throw new RestError(400, 'Invalid parameter', {
    invalid_parameters: wrong.map((one) => ({ ...one })),
  });
}

function rangeOf(body: Item, dataset: Dataset, isStrict: boolean): Range {
  const has = (name: string): boolean => body[name] !== undefined && body[name] !== null;
  const isByBlock = has('from_block') || has('to_block');
  const isByTime = has('from_timestamp') || has('to_timestamp');
  const isSelected = dataset.selectors.some(has);
  const kinds = [isByBlock, isByTime, isSelected].filter(Boolean).length;
  if (isStrict && kinds !== 1) {
    throw new RestError(400, 'Give one of a block range, a time range, or selectors.', { kinds });
  }
  if (isByBlock) {
    const [from, to] = [heightOf(body, 'from_block'), heightOf(body, 'to_block')];
    if (from > to) throw refused('to_block', 'invalid_value');
    return { by: 'block', from, to };
  }
  if (isByTime) {
    const [fromMs, toMs] = [timeOf(body, 'from_timestamp'), timeOf(body, 'to_timestamp')];
    if (fromMs > toMs) throw refused('to_timestamp', 'invalid_value');
    return { by: 'time', fromMs, toMs };
  }
  return { by: 'selectors' };
}

function heightOf(body: Item, name: string): number {
  const value = body[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw refused(name, value === undefined ? 'missing' : 'invalid_type');
}

function timeOf(body: Item, name: string): number {
  const value = body[name];
  const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(timeMs)) return timeMs;
  throw refused(name, value === undefined ? 'missing' : 'invalid_format');
}

function offsetOf(cursor: Json, body: Item): number {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(String(cursor), 'base64url').toString('utf8'));
    if (isItem(parsed) && parsed['of'] === nameOf(body)) return Number(parsed['offset']);
  } catch {
    // Not one of ours: refused below like any other.
  }
  throw refused('cursor', 'invalid_value');
}

/** A cursor belongs to the body that it was given for. */
function nameOf(body: Item): string {
  return digest(JSON.stringify(Object.entries(body).filter(([name]) => name !== 'cursor'))).slice(
    0,
    16,
  );
}

function refused(name: string, reason: string): RestError {
  return new RestError(400, 'Invalid parameter', { invalid_parameters: [{ name, reason }] });
}
