/** What is known of the rows of a frame or page before they are read, and what reading them gives. */
import { DataError, type ErrorCode } from '../../../model/errors.ts';
import { jsonText } from '../../wire-object.ts';
import type { Venue } from '../markets.ts';

/** A JSON object of the wire. */
export type WireFields = Readonly<Record<string, unknown>>;

/** Where rows come from. */
export interface RowsContext {
  readonly venue: Venue;
  /** Name of the channel or path, for messages. */
  readonly channel: string;
  readonly symbol: string;
  /** `recent`: REST rows that are not final yet. */
  readonly origin: 'live' | 'replay' | 'rest' | 'recent';
  readonly receivedAtMs: number;
  /** How far ahead of `receivedAtMs` an event may be. */
  readonly aheadMsMax: number;
  /** Time of the envelope, for rows that have none; null where it has none either. */
  readonly envelopeTimeMs: number | null;
}

/** The good rows, in order, and what was wrong with the others: one error each. */
export interface Reading<M> {
  readonly messages: readonly M[];
  readonly refusals: readonly DataError[];
}

/** Reads each row by itself: a bad one does not take the others with it. One object is one row. */
export function readEach<M>(
  data: unknown,
  context: RowsContext,
  read: (row: WireFields) => M | readonly M[],
): Reading<M> {
  const rows: readonly unknown[] = Array.isArray(data) ? data : [data];
  const messages: M[] = [];
  const refusals: DataError[] = [];
  for (const row of rows) {
    try {
      const found = read(objectOf(row, context));
      if (isList(found)) messages.push(...found);
      else messages.push(found);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      refusals.push(error);
    }
  }
  return { messages, refusals };
}

function isList<M>(found: M | readonly M[]): found is readonly M[] {
  return Array.isArray(found);
}

/** A JSON object, or `row.invalid`. */
export function objectOf(value: unknown, context: RowsContext): WireFields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as WireFields;
  }
  throw refusal({ context, field: 'data', value, expected: 'a JSON object', row: value });
}

/** A JSON list, or `row.invalid`. */
export function listOf(value: unknown, field: string, context: RowsContext): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw refusal({ context, field, value, expected: 'a list', row: { [field]: value } });
}

/** The block that a snapshot ends with, without which no change could follow it; or `row.invalid`. */
export function snapshotBlock(blockNumber: number | null, context: RowsContext): number {
  if (blockNumber !== null) return blockNumber;
  const field = 'last_block_number';
  const value = blockNumber;
  throw refusal({ context, field, value, expected: 'the number of a block', row: null });
}

/** What was wrong with one value. */
export interface WrongValue {
  readonly context: RowsContext;
  readonly field: string;
  readonly value: unknown;
  readonly expected: string;
  /** The row that holds it, for the dead letter. */
  readonly row: unknown;
  /** `row.invalid` unless it says more. */
  readonly code?: ErrorCode;
}

const shownCharactersMax = 80;
const rawBytesMax = 65_536;

/** The error of a value that cannot be used: names channel, symbol, field, value and expectation. */
export function refusal({ context, field, value, expected, row, code }: WrongValue): DataError {
  const { channel, symbol } = context;
  const shown = value === undefined ? 'missing' : jsonText(value).slice(0, shownCharactersMax);
  return new DataError(code ?? 'row.invalid', {
    stage: 'sources',
    message: `"${field}" of a row of ${channel} of ${symbol} is ${shown}, expected ${expected}. If the venue is right, report it with the row.`,
    context: { channel, symbol, field, value: shown, expected },
    raw: Buffer.from(jsonText(row)).subarray(0, rawBytesMax),
  });
}
