/** The lists of REST: which rows each path has in a window, ascending. */
import { archiveRows, bookMs, type Granularity, granularities } from '../archive-rows.ts';
import { batchRows } from '../bulk-rows.ts';
import type { Channel } from '../channels.ts';
import type { Exchange, Listing, TimeRange } from '../exchange.ts';
import { blockAt, blockTimeMs } from '../history/block-time.ts';
import { bookAfter, topOf } from '../history/book.ts';
import { type CandleInterval, candleIntervals } from '../history/candles.ts';
import { fillTimeMs } from '../history/stretch.ts';
import { restBookRow } from '../rows/book-rows.ts';
import { restCandleRow } from '../rows/candle-rows.ts';
import { restTime } from '../rows/casing.ts';
import { restContextRow } from '../rows/context-rows.ts';
import { tradeOf } from '../rows/trade-leg.ts';
import { restLiquidationRow, restTradeRows } from '../rows/trade-rows.ts';
import { venues } from '../venues.ts';
import type { RestRow } from './query.ts';

/** What a list is made from. */
export interface ListPlace {
  readonly exchange: Exchange;
  readonly channel: Channel;
  readonly listing: Listing;
}

/** What a list may be asked for beside its window. */
export interface ListOptions {
  readonly side?: 'A' | 'B';
  readonly interval: CandleInterval;
  readonly granularity: Granularity;
  readonly depth: number;
}

/** The rows of a window, both ends included, as far as the archive has them. */
export function* listedRows(
  place: ListPlace,
  window: TimeRange,
  options: ListOptions,
): Generator<RestRow> {
  const { exchange, channel, listing } = place;
  for (const part of exchange.archived(channel, listing, window, 'rest')) {
    yield* rowsOf(place, part, options);
  }
}

/** Legs of a window that the archive may not have yet, without what the venue tells later. */
export function* recentRows(
  { listing }: ListPlace,
  { fromMs, toMs }: TimeRange,
): Generator<RestRow> {
  for (const fill of listing.history.fills(fromMs, toMs)) {
    const isFinal = !venues[listing.market.venue].isLighter;
    for (const row of restTradeRows(tradeOf(listing.market, fill), isFinal)) {
      yield { timeMs: fillTimeMs(fill), row };
    }
  }
}

function rowsOf(place: ListPlace, part: TimeRange, options: ListOptions): Iterable<RestRow> {
  const { kind } = place.channel;
  if (kind === 'trades') return tradeRows(place, part, options);
  if (kind === 'liquidations') return liquidationRows(place, part);
  if (kind === 'candles') return candleRows(place, part, options);
  if (kind === 'orderbook') return bookRows(place, part, options);
  if (kind === 'funding' || kind === 'open_interest') return contextRows(place, part, options);
  return changeRows(place, part);
}

function* tradeRows(
  { listing: { market, history } }: ListPlace,
  { fromMs, toMs }: TimeRange,
  { side }: ListOptions,
): Generator<RestRow> {
  for (const fill of history.fills(fromMs, toMs)) {
    for (const row of restTradeRows(tradeOf(market, fill), true)) {
      if (side === undefined || row['side'] === side) yield { timeMs: fillTimeMs(fill), row };
    }
  }
}

function* liquidationRows(
  { listing: { market, history } }: ListPlace,
  { fromMs, toMs }: TimeRange,
): Generator<RestRow> {
  for (const fill of history.fills(fromMs, toMs)) {
    if (!fill.isLiquidation) continue;
    yield { timeMs: fillTimeMs(fill), row: restLiquidationRow(tradeOf(market, fill)) };
  }
}

function* candleRows(
  { exchange, listing: { market, candles } }: ListPlace,
  part: TimeRange,
  { interval }: ListOptions,
): Generator<RestRow> {
  const { profile, nowMs } = exchange;
  for (const openMs of steps(part, candleIntervals[interval])) {
    const candle = candles.at(openMs, interval, nowMs);
    if (candle === null) continue;
    yield { timeMs: openMs, row: restCandleRow(market, candle, { openMs, profile }) };
  }
}

function* bookRows(
  { listing: { market, history } }: ListPlace,
  part: TimeRange,
  { granularity, depth }: ListOptions,
): Generator<RestRow> {
  const isLighter = venues[market.venue].isLighter;
  for (const timeMs of steps(part, isLighter ? granularities[granularity] : bookMs)) {
    const book = topOf(bookAfter(history, blockAt(timeMs)), depth);
    yield { timeMs, row: restBookRow(market, book, timeMs) };
  }
}

function* contextRows(
  { exchange, channel, listing }: ListPlace,
  part: TimeRange,
  options: ListOptions,
): Generator<RestRow> {
  const kind = channel.kind === 'funding' ? 'funding' : 'open_interest';
  const window = { ...part, ...options, isLegacy: false };
  for (const { timeMs } of archiveRows(exchange, channel, listing, window)) {
    const context = listing.contexts.at(timeMs);
    yield { timeMs, row: restContextRow(listing.market, context, { kind, timeMs }) };
  }
}

/** Changes of levels or orders, with the times and names of REST. */
function* changeRows(
  { exchange, channel, listing }: ListPlace,
  { fromMs, toMs }: TimeRange,
): Generator<RestRow> {
  const { profile } = exchange;
  const first = blockAt(fromMs - 1) + 1;
  for (const events of listing.history.eventsBetween(first, blockAt(toMs))) {
    const timeMs = blockTimeMs(events.block);
    for (const change of batchRows(channel, listing, { events, profile })) {
      const { timestamp: _ms, bn, px, sz, n, user, ...rest } = change;
      const isLevel = bn !== undefined;
      const named = isLevel
        ? { block_number: bn, ...rest, price: px, size: sz, count: n }
        : { ...rest, user_address: user };
      yield { timeMs, row: { ...restTime(timeMs), ...named } };
    }
  }
}

function* steps({ fromMs, toMs }: TimeRange, periodMs: number): Generator<number> {
  for (let at = Math.ceil(fromMs / periodMs) * periodMs; at <= toMs; at += periodMs) yield at;
}
