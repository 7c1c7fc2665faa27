/**
 * Frames of the server as checked envelopes (reference section 3): what a frame is and whom it is
 * about. What lies in `data` is read elsewhere. Never throws: what cannot be read is a kind of frame.
 */
import { hideSecretsInBytes } from '../../../transport/hide-secrets.ts';
import { parseExactJson } from '../../decimal.ts';
import { isObject } from '../../wire-object.ts';
import { canonicalSymbol } from '../markets.ts';
import { parseBookText } from '../wire/book-text.ts';
import { timeMsOf } from '../wire/fields.ts';

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
  /** What the server calls this exchange, for its support; null where it has no name. */
  readonly requestId: string | null;
}

/** Rows, live or of a replay; `data` as it came. `timeMs` is the envelope's, null where it has none. */
export interface RowsFrame extends About {
  readonly kind: 'data' | 'l4_snapshot' | 'l4_batch' | 'historical_data' | 'replay_snapshot';
  readonly timeMs: number | null;
  /** Last block of an `l4_snapshot`. */
  readonly blockNumber: number | null;
  readonly data: unknown;
}

/** A replay's changes of a book, one by one; `checkpoint` is a whole book before them, or null. */
export interface TicksFrame extends About {
  readonly kind: 'ticks';
  readonly checkpoint: unknown;
  readonly deltas: unknown;
}

export type ServerFrame =
  | (About & { readonly kind: 'subscribed'; readonly version: string | null })
  | (About & { readonly kind: 'unsubscribed' })
  | { readonly kind: 'pong' }
  | ErrorNotice
  | RowsFrame
  | TicksFrame
  | { readonly kind: 'settled'; readonly symbols: readonly string[]; readonly data: Fields }
  | {
      readonly kind: 'replay_started';
      readonly speed: number | null;
      readonly version: string | null;
    }
  | {
      readonly kind: 'gap_detected';
      readonly channel: string | null;
      readonly symbol: string | null;
      readonly fromMs: number;
      readonly toMs: number;
    }
  | { readonly kind: 'replay_paused' | 'replay_resumed' | 'replay_stopped' }
  | { readonly kind: 'replay_completed'; readonly rows: number | null }
  | { readonly kind: 'unknown'; readonly type: string }
  | {
      readonly kind: 'unreadable';
      readonly reason: string;
      /** Whom it seems to be about; null where that cannot be told either. */
      readonly channel: string | null;
      readonly symbol: string | null;
    };

const rowKinds: ReadonlySet<string> = new Set([
  'data',
  'l4_snapshot',
  'l4_batch',
  'historical_data',
  'replay_snapshot',
]);

/** What an error says, for an operator and for the server's support. */
export function wordsOf({
  word,
  message,
  requestId,
}: Pick<ErrorNotice, 'message' | 'requestId'> & { readonly word: string | null }): string {
  return `${word ?? 'no code'}: ${message}${requestId === null ? '' : `, request ${requestId}`}`;
}

/** True for a frame of rows. */
export function isRowsFrame(frame: ServerFrame): frame is RowsFrame {
  return rowKinds.has(frame.kind);
}

/** A frame, and its bytes as they may be shown to anybody. */
export interface ShownFrame {
  readonly frame: ServerFrame;
  readonly raw: Buffer;
}

/** As `readFrame`, without the key, which a server may repeat in what it says to this reader alone. */
export function readShownFrame(bytes: Buffer, apiKey: string | null): ShownFrame {
  const frame = readFrame(bytes);
  if (isRowsFrame(frame)) return { frame, raw: bytes };
  const raw = hideSecretsInBytes(bytes, [apiKey]);
  return { frame: raw === bytes ? frame : readFrame(raw), raw };
}

/** The frame in these bytes. */
export function readFrame(bytes: Buffer): ServerFrame {
  let value: unknown;
  const text = bytes.toString('utf8');
  try {
    value = parseBookText(text) ?? parseExactJson(text);
  } catch {
    return { ...unreadable('is not JSON'), ...seenIn(text) };
  }
  return isObject(value) ? frameOf(value) : unreadable('is no JSON object');
}

function unreadable(reason: string, fields: Fields = {}) {
  const { channel, symbol } = about(fields);
  return { kind: 'unreadable', reason, channel: channel === '' ? null : channel, symbol } as const;
}

/** A frame that was cut off has its envelope in front. */
function seenIn(text: string) {
  const head = text.slice(0, 1_000);
  const channel = /"channel"\s*:\s*"([a-z\d_]{1,64})"/.exec(head)?.[1] ?? null;
  const symbol = /"(?:symbol|coin)"\s*:\s*"([^"\\]{1,64})"/.exec(head)?.[1] ?? null;
  return { channel, symbol };
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
    case 'historical_tick_data':
      return ticksFrame(fields);
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
        : unreadable('has no "type"', fields);
  }
}

function rowsFrame(kind: RowsFrame['kind'], fields: Fields): ServerFrame {
  const { channel, symbol } = about(fields);
  if (channel === '') return unreadable(`of the type ${kind} names no channel`, fields);
  const timeMs = timeMsOf(fields['timestamp']) ?? null;
  const blockNumber = numberOf(fields['last_block_number']);
  return { kind, channel, symbol, timeMs, blockNumber, data: fields['data'] };
}

function ticksFrame(fields: Fields): ServerFrame {
  const { channel, symbol } = about(fields);
  if (channel === '') return unreadable('of ticks names no channel', fields);
  const { checkpoint = null, deltas = [] } = fields;
  return { kind: 'ticks', channel, symbol, checkpoint, deltas };
}

function errorFrame(fields: Fields): ErrorNotice {
  const { channel, symbol } = about(fields);
  const message = (textOf(fields['message']) ?? 'no message').slice(0, 300);
  return {
    kind: 'error',
    message,
    // Of servers of the old contract only this text is known.
    word: textOf(fields['error_code']) ?? (/rate limit/i.test(message) ? 'rate_limited' : null),
    channel: channel === '' ? null : channel,
    symbol,
    requestId: textOf(fields['request_id']) ?? textOf(fields['correlation_id']),
  };
}

function settledFrame(fields: Fields): ServerFrame {
  const { symbol } = about(fields);
  const outcomeId = numberOf(fields['outcome_id']);
  const side = numberOf(fields['side']);
  // The form that names the winner comes once for both markets of the outcome.
  const sides = side === null ? (fields['winning_side'] === 1 ? [1, 0] : [0, 1]) : [side];
  const named = symbol === null ? [] : [canonicalSymbol('hip4', symbol)];
  const told = outcomeId === null ? [] : sides.map((each) => `#${10 * outcomeId + each}`);
  const symbols = [...new Set([...named, ...told])];
  if (symbols.length > 0) return { kind: 'settled', symbols, data: fields };
  return unreadable('of a settlement names no market', fields);
}

function gapFrame(fields: Fields): ServerFrame {
  const { channel, symbol } = about(fields);
  const fromMs = timeMsOf(fields['gap_start']);
  const toMs = timeMsOf(fields['gap_end']);
  if (fromMs === undefined || toMs === undefined) {
    return unreadable('of a gap has no times', fields);
  }
  return { kind: 'gap_detected', channel: channel === '' ? null : channel, symbol, fromMs, toMs };
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
  const number = typeof value === 'string' && /^\d+(?:\.\d+)?$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
