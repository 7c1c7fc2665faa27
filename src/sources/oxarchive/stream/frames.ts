/**
 * Frames of the server as checked envelopes (reference section 3): what a frame is and whom it is
 * about. What lies in `data` is read elsewhere. Never throws: what cannot be read is a kind of frame.
 */
import { parseExactJson } from '../../decimal.ts';
import { isObject } from '../../wire-object.ts';
import { parseBookText } from '../wire/book-text.ts';

type Fields = Readonly<Record<string, unknown>>;

interface About {
  readonly channel: string;
  /** Null where the channel has no symbol. */
  readonly symbol: string | null;
}

/** A refusal or notice; channel and symbol are told by some servers only. */
export interface ErrorNotice {
  readonly kind: 'error';
  readonly message: string;
  /** Null on servers of the old contract. */
  readonly word: string | null;
  readonly channel: string | null;
  readonly symbol: string | null;
}

/** Rows, live or of a replay; `data` as it came. `timeMs` is the envelope's, null where it has none. */
export interface RowsFrame extends About {
  readonly kind: 'data' | 'l4_snapshot' | 'l4_batch' | 'historical_data' | 'replay_snapshot';
  readonly timeMs: number | null;
  /** Last block of an `l4_snapshot`. */
  readonly blockNumber: number | null;
  readonly data: unknown;
}

export type ServerFrame =
  | (About & { readonly kind: 'subscribed'; readonly version: string | null })
  | (About & { readonly kind: 'unsubscribed' })
  | { readonly kind: 'pong' }
  | ErrorNotice
  | RowsFrame
  | { readonly kind: 'settled'; readonly symbol: string; readonly data: Fields }
  | {
      readonly kind: 'replay_started';
      readonly speed: number | null;
      readonly version: string | null;
    }
  | {
      readonly kind: 'gap_detected';
      readonly channel: string | null;
      readonly fromMs: number;
      readonly toMs: number;
    }
  | { readonly kind: 'replay_paused' | 'replay_resumed' | 'replay_stopped' }
  | { readonly kind: 'replay_completed'; readonly rows: number | null }
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'unreadable'; readonly reason: string };

const rowKinds: ReadonlySet<string> = new Set([
  'data',
  'l4_snapshot',
  'l4_batch',
  'historical_data',
  'replay_snapshot',
]);

/** True for a frame of rows. */
export function isRowsFrame(frame: ServerFrame): frame is RowsFrame {
  return rowKinds.has(frame.kind);
}

/** The frame in these bytes. */
export function readFrame(bytes: Buffer): ServerFrame {
  let value: unknown;
  try {
    const text = bytes.toString('utf8');
    value = parseBookText(text) ?? parseExactJson(text);
  } catch {
    return { kind: 'unreadable', reason: 'is not JSON' };
  }
  if (!isObject(value)) return { kind: 'unreadable', reason: 'is no JSON object' };
  return frameOf(value);
}

function frameOf(fields: Fields): ServerFrame {
  const { type } = fields;
  switch (type) {
    case 'data':
    case 'l4_snapshot':
    case 'l4_batch':
    case 'historical_data':
    case 'replay_snapshot':
      return rowsFrame(type, fields);
    case 'subscribed':
      return { kind: type, ...about(fields), version: textOf(fields['version']) };
    case 'unsubscribed':
      return { kind: type, ...about(fields) };
    case 'error':
      return errorFrame(fields);
    case 'outcome_settled':
      return settledFrame(fields);
    case 'gap_detected':
      return gapFrame(fields);
    case 'replay_started':
      return { kind: type, speed: numberOf(fields['speed']), version: textOf(fields['version']) };
    case 'replay_completed':
      return { kind: type, rows: numberOf(fields['snapshots_sent']) };
    case 'replay_paused':
    case 'replay_resumed':
    case 'replay_stopped':
    case 'pong':
      return { kind: type };
    default:
      return typeof type === 'string'
        ? { kind: 'unknown', type: type.slice(0, 100) }
        : { kind: 'unreadable', reason: 'has no "type"' };
  }
}

function rowsFrame(kind: RowsFrame['kind'], fields: Fields): ServerFrame {
  const { channel, symbol } = about(fields);
  if (channel === '') return { kind: 'unreadable', reason: `of the type ${kind} names no channel` };
  const timeMs = numberOf(fields['timestamp']);
  const blockNumber = numberOf(fields['last_block_number']);
  return { kind, channel, symbol, timeMs, blockNumber, data: fields['data'] };
}

function errorFrame(fields: Fields): ErrorNotice {
  const { channel, symbol } = about(fields);
  return {
    kind: 'error',
    message: (textOf(fields['message']) ?? 'no message').slice(0, 300),
    word: textOf(fields['error_code']),
    channel: channel === '' ? null : channel,
    symbol,
  };
}

function settledFrame(fields: Fields): ServerFrame {
  const { symbol } = about(fields);
  if (symbol === null) return { kind: 'unreadable', reason: 'of a settlement names no market' };
  return { kind: 'settled', symbol, data: fields };
}

function gapFrame(fields: Fields): ServerFrame {
  const { channel } = about(fields);
  const fromMs = numberOf(fields['gap_start']);
  const toMs = numberOf(fields['gap_end']);
  if (fromMs === null || toMs === null) {
    return { kind: 'unreadable', reason: 'of a gap has no times' };
  }
  return { kind: 'gap_detected', channel: channel === '' ? null : channel, fromMs, toMs };
}

/** `coin` is the older name of `symbol` (reference section 3). */
function about(fields: Fields): About {
  return {
    channel: textOf(fields['channel']) ?? '',
    symbol: textOf(fields['symbol']) ?? textOf(fields['coin']),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
