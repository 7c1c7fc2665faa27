/**
 * Funding, open interest and whole market contexts (reference section 4.7), in both forms: `{coin, ctx}`
 * and flat rows. Live frames carry no time: what was received when counts.
 */
import type {
  ContextMessage,
  FundingMessage,
  OpenInterestMessage,
  TimeSource,
} from '../messages.ts';
import { RowFields, symbolNames, timeNames } from './fields.ts';
import { objectOf, type Reading, type RowsContext, readEach, type WireFields } from './reading.ts';

const names = {
  fundingRate: ['fundingRate', 'funding_rate', 'funding'],
  premium: ['premium'],
  openInterest: ['openInterest', 'open_interest'],
  markPrice: ['markPx', 'markPrice', 'mark_price', 'mark_px'],
  oraclePrice: ['oraclePx', 'oraclePrice', 'oracle_price', 'oracle_px'],
  midPrice: ['midPx', 'midPrice', 'mid_price', 'mid_px'],
  dayNotionalVolume: ['dayNtlVlm', 'dayNtlVolume', 'day_ntl_volume', 'day_ntl_vlm'],
  dayBaseVolume: ['dayBaseVlm', 'dayBaseVolume', 'day_base_volume', 'day_base_vlm'],
  previousDayPrice: ['prevDayPx', 'prevDayPrice', 'prev_day_price', 'prev_day_px'],
  impactBidPrice: ['impactBidPrice', 'impact_bid_price'],
  impactAskPrice: ['impactAskPrice', 'impact_ask_price'],
  impactPrices: ['impactPxs', 'impact_pxs'],
} as const;

const known = new Set([...Object.values(names).flat(), ...timeNames, ...symbolNames, 'ctx']);

/** Rows of these datasets. */
export type StateMessage = ContextMessage | FundingMessage | OpenInterestMessage;

/** A context, with the funding and the open interest in it; the channel of either carries both. */
export function readContexts(data: unknown, context: RowsContext): Reading<StateMessage> {
  return readEach(data, context, (row) => contextMessages(row, context, 'market_contexts'));
}

/** Rows of the archive: of funding what a funding channel tells, and so on. */
export function readStates(
  data: unknown,
  context: RowsContext,
  dataset: 'funding' | 'open_interest',
): Reading<StateMessage> {
  return readEach(data, context, (row) => contextMessages(row, context, dataset));
}

function contextMessages(
  row: WireFields,
  context: RowsContext,
  wanted: StateMessage['dataset'],
): readonly StateMessage[] {
  const envelope = new RowFields(row, context);
  envelope.checkSymbol();
  const inner = row['ctx'] === undefined ? row : objectOf(row['ctx'], context);
  const fields = new RowFields(inner, context);
  const { timeMs, timeSource } = timeOf(envelope, context);
  const common = {
    symbol: context.symbol,
    eventTimeMs: timeMs,
    timeSource,
    details: fields.details(known),
  };
  const fundingRate = fields.decimal(names.fundingRate);
  const premium = fields.decimal(names.premium);
  const openInterest = fields.optionalAmount(names.openInterest);
  const figures = figuresOf(fields);
  const messages: StateMessage[] = [];
  if (wanted === 'market_contexts') {
    const dataset = 'market_contexts';
    messages.push({ dataset, ...common, fundingRate, premium, openInterest, ...figures });
  }
  if (wanted !== 'open_interest' && fundingRate !== null) {
    messages.push({ dataset: 'funding', ...common, details: null, fundingRate, premium });
  }
  if (wanted !== 'funding' && openInterest !== null) {
    messages.push({ dataset: 'open_interest', ...common, details: null, openInterest, ...figures });
  }
  if (messages.length > 0) return messages;
  throw fields.wrong(
    wanted === 'funding' ? names.fundingRate : names.openInterest,
    'a decimal number',
  );
}

function timeOf(fields: RowFields, { envelopeTimeMs, receivedAtMs }: RowsContext) {
  const isTimed = envelopeTimeMs !== null || fields.value(timeNames) !== undefined;
  const timeMs = isTimed ? fields.eventTime() : receivedAtMs;
  const timeSource: TimeSource = isTimed ? 'exchange' : 'received';
  return { timeMs, timeSource };
}

function figuresOf(fields: RowFields) {
  const [impactBid, impactAsk] = impactPrices(fields);
  return {
    markPrice: fields.optionalAmount(names.markPrice),
    oraclePrice: fields.optionalAmount(names.oraclePrice),
    midPrice: fields.optionalAmount(names.midPrice),
    dayNotionalVolume: fields.optionalAmount(names.dayNotionalVolume),
    dayBaseVolume: fields.optionalAmount(names.dayBaseVolume),
    previousDayPrice: fields.optionalAmount(names.previousDayPrice),
    impactBidPrice: fields.optionalAmount(names.impactBidPrice) ?? impactBid,
    impactAskPrice: fields.optionalAmount(names.impactAskPrice) ?? impactAsk,
  };
}

/** A list of both, bid first; null on Lighter. */
function impactPrices(fields: RowFields): readonly [string | null, string | null] {
  const prices = fields.value(names.impactPrices);
  if (prices === undefined) return [null, null];
  if (!Array.isArray(prices)) throw fields.wrong(names.impactPrices, 'a list of two prices');
  const [bid, ask] = prices.map((price) => fields.inner({ price }).optionalAmount(['price']));
  return [bid ?? null, ask ?? null];
}
