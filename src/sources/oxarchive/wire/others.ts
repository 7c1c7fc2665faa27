/** Tickers, unconfirmed actions and settlements (reference sections 3.1, 4.9 and 4.13). */
import { canonicalJson } from '../../canonical-json.ts';
import { isObject } from '../../wire-object.ts';
import type { MempoolMessage, SettlementMessage, TickerMessage } from '../messages.ts';
import { RowFields, symbolNames, timeMsOf } from './fields.ts';
import { type Reading, type RowsContext, readEach, type WireFields } from './reading.ts';

/**
 * One ticker, or those of all markets: each is of the market that it names. Its shape is not published:
 * what is no object, nor a list of them, is one ticker as it is.
 */
export function readTickers(data: unknown, context: RowsContext): Reading<TickerMessage> {
  const isShaped = Array.isArray(data) ? data.every(isObject) : isObject(data);
  if (!isShaped) return { messages: [tickerOf(data, context.symbol, context)], refusals: [] };
  return readEach(data, context, (row) => {
    const symbol = new RowFields(row, context).text(symbolNames);
    return tickerOf(row, symbol ?? context.symbol, context);
  });
}

function tickerOf(
  ticker: unknown,
  symbol: string,
  { receivedAtMs: eventTimeMs }: RowsContext,
): TickerMessage {
  const text = canonicalJson(ticker);
  const timeSource = 'received';
  return { dataset: 'tickers', symbol, eventTimeMs, timeSource, ticker: text, details: null };
}

const knownOfMempool = new Set([
  'received_at',
  'received_at_ms',
  'symbols',
  'action',
  'nonce',
  'vault_address',
  'expires_after_ms',
  'signature',
]);

/** Actions that are in no block yet. One without a signature could not be told from another. */
export function readMempool(data: unknown, context: RowsContext): Reading<MempoolMessage> {
  return readEach(data, context, (row) => {
    const fields = new RowFields(row, context);
    const timeMs = timeMsOf(row['received_at_ms'] ?? row['received_at']);
    return {
      dataset: 'mempool',
      symbol: context.symbol,
      eventTimeMs: timeMs ?? context.receivedAtMs,
      timeSource: timeMs === undefined ? 'received' : 'exchange',
      symbols: orderedJson(row['symbols'] ?? []),
      action: orderedJson(row['action'] ?? null),
      nonce: fields.optionalInteger(['nonce']),
      vaultAddress: fields.text(['vault_address']),
      expiresAfterMs: fields.optionalInteger(['expires_after_ms']),
      signature: signatureOf(fields),
      details: fields.details(knownOfMempool),
    };
  });
}

function signatureOf(fields: RowFields): string {
  const signature = fields.value(['signature']);
  if (typeof signature !== 'object' || signature === null || Array.isArray(signature)) {
    throw fields.wrong(['signature'], 'an object of r, s and v');
  }
  const parts = fields.inner(signature as WireFields);
  return ['r', 's', 'v'].map((name) => parts.requiredText([name])).join('/');
}

const knownOfSettlement = new Set([
  ...symbolNames,
  'type',
  'channel',
  'outcome_id',
  'side',
  'winning_side',
  'settlement_value',
  'settlement_at',
  'settled_at',
  'timestamp',
]);

/** A settlement frame in either form: one per side, or one that names the winner. */
export function readSettlement(frame: unknown, context: RowsContext): Reading<SettlementMessage> {
  return readEach(frame, context, (row) => {
    const fields = new RowFields(row, context);
    const at = fields.value(['settlement_at', 'settled_at', 'timestamp']);
    const timeMs = at === undefined ? undefined : timeMsOf(at);
    if (at !== undefined && timeMs === undefined) {
      throw fields.wrong(['settlement_at', 'settled_at', 'timestamp'], 'an ISO 8601 time');
    }
    return {
      dataset: 'settlements',
      symbol: context.symbol,
      eventTimeMs: timeMs ?? context.receivedAtMs,
      timeSource: timeMs === undefined ? 'received' : 'exchange',
      outcomeId: fields.integer(['outcome_id']),
      outcomeSide: fields.integer(['side', 'winning_side']),
      isWinningSide: row['side'] === undefined ? true : null,
      settlementValue: fields.decimal(['settlement_value']),
      details: fields.details(knownOfSettlement),
    };
  });
}

/** Members stay in the order in which they were signed; large integers keep their digits. */
function orderedJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(orderedJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).map(
    ([name, member]) => `${JSON.stringify(name)}:${orderedJson(member)}`,
  );
  return `{${members.join(',')}}`;
}
