/** The query of a REST request: windows, limits, cursors, checked; and pages cut by them. */
import type { Item } from '../../simulator/json.ts';
import { Failure } from '../failure.ts';

/** A row of REST and the time by which pages are cut. */
export interface RestRow {
  readonly timeMs: number;
  readonly row: Item;
}

/** A window and the page of it that is asked for. */
export interface PageQuery {
  readonly fromMs: number;
  readonly toMs: number;
  readonly limit: number;
}

/** Rows of a page, and where the next one begins; null when there is none. */
export interface Page {
  readonly rows: readonly Item[];
  readonly nextCursor: string | null;
}

interface Cursor {
  readonly timeMs: number;
  /** Rows of that time that were shown. */
  readonly shown: number;
}

const limitDefault = 100;
const windowDefaultMs = 3_600_000;

/** A natural number of the query. Throws a `Failure`. */
export function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new Failure('invalid_parameter', `${name} must be a whole number (got ${text}).`, name);
}

/** The page that a query asks for. Throws a `Failure`. */
export function pageQueryOf(query: URLSearchParams, nowMs: number, limitMax: number): PageQuery {
  const toMs = numberOf(query, 'end') ?? nowMs;
  const fromMs = numberOf(query, 'start') ?? toMs - windowDefaultMs;
  const limit = numberOf(query, 'limit') ?? limitDefault;
  if (fromMs > toMs) {
    throw new Failure('invalid_time_range', `start ${fromMs} is after end ${toMs}.`, 'start');
  }
  if (limit < 1 || limit > limitMax) {
    throw new Failure('invalid_parameter', `limit must be between 1 and ${limitMax}.`, 'limit');
  }
  return { fromMs, toMs, limit };
}

/**
 * Cuts a page. The rows are made from the time given on, ascending; the cursor says how many of the
 * last time were shown. Throws a `Failure`.
 */
export function pageOf(
  query: URLSearchParams,
  { fromMs, limit }: PageQuery,
  rowsFrom: (fromMs: number) => Iterable<RestRow>,
): Page {
  const cursor = cursorOf(query) ?? { timeMs: fromMs, shown: 0 };
  const rows: Item[] = [];
  let { timeMs: lastMs, shown } = cursor;
  let toSkip = cursor.shown;
  for (const { timeMs, row } of rowsFrom(cursor.timeMs)) {
    if (timeMs === cursor.timeMs && toSkip > 0) {
      toSkip -= 1;
      continue;
    }
    if (rows.length === limit) return { rows, nextCursor: `${lastMs}_${shown}` };
    shown = timeMs === lastMs ? shown + 1 : 1;
    lastMs = timeMs;
    rows.push(row);
  }
  return { rows, nextCursor: null };
}

function cursorOf(query: URLSearchParams): Cursor | undefined {
  const text = query.get('cursor');
  if (text === null) return undefined;
  const [, timeMs, shown] = /^(\d{1,15})_(\d{1,9})$/.exec(text) ?? [];
  if (timeMs !== undefined) return { timeMs: Number(timeMs), shown: Number(shown) };
  throw new Failure('invalid_cursor', `There is no cursor ${text}.`, 'cursor');
}
