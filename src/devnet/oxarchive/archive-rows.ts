/** The rows that the archive has of a channel, as a timed replay sends them, in the order of time. */
import type { Item, Json } from '../simulator/json.ts';
import type { Channel } from './channels.ts';
import type { Exchange, Listing, TimeRange } from './exchange.ts';
import { blockAt } from './history/block-time.ts';
import { bookAfter, topOf } from './history/book.ts';
import { type CandleInterval, candleIntervals } from './history/candles.ts';
import { fillTimeMs } from './history/stretch.ts';
import { archivedBookRow } from './rows/book-rows.ts';
import { archivedCandleRow } from './rows/candle-rows.ts';
import { archivedContextRow } from './rows/context-rows.ts';
import { l3BookRow } from './rows/order-rows.ts';
import { tradeOf } from './rows/trade-leg.ts';
import { archivedLiquidationRow, archivedTradeRows } from './rows/trade-rows.ts';
import { venues } from './venues.ts';

/** Between two live books of the Hyperliquid family; the archive's lie between them. */
export const bookMs = 1200;

/** How often the archive of Lighter shows a book. */
export const granularities = {
  checkpoint: 60_000,
  '30s': 30_000,
  '10s': 10_000,
  '1s': 1000,
  tick: 60_000,
} as const;

/** The name of a granularity. */
export type Granularity = keyof typeof granularities;

/** A row of the archive. */
export interface ArchiveRow {
  readonly timeMs: number;
  readonly data: Json;
}

/** What a replay may choose. */
export interface ArchiveOptions {
  readonly interval: CandleInterval;
  readonly granularity: Granularity;
  /** Rows in the shape of the old contract. */
  readonly isLegacy: boolean;
}

const shiftMs = 500;

/** Rows of a window, both ends included. */
export function* archiveRows(
  exchange: Exchange,
  channel: Channel,
  listing: Listing,
  window: TimeRange & ArchiveOptions,
): Generator<ArchiveRow> {
  for (const part of exchange.archived(channel, listing, window)) {
    yield* rowsOf({ exchange, channel, listing }, { ...window, ...part });
  }
}

/** The last row before a time, of a channel that tells a state; undefined for all others. */
export function stateBefore(
  exchange: Exchange,
  channel: Channel,
  listing: Listing,
  window: TimeRange & ArchiveOptions,
): ArchiveRow | undefined {
  if (channel.kind === 'trades' || channel.kind === 'liquidations') return undefined;
  const periodMs = periodOf(exchange, channel, window).periodMs;
  const before = { ...window, fromMs: window.fromMs - periodMs, toMs: window.fromMs - 1 };
  return [...archiveRows(exchange, channel, listing, before)].at(-1);
}

interface Place {
  readonly exchange: Exchange;
  readonly channel: Channel;
  readonly listing: Listing;
}

function rowsOf(place: Place, window: TimeRange & ArchiveOptions): Iterable<ArchiveRow> {
  const { kind } = place.channel;
  if (kind === 'trades') return tradeRows(place, window);
  if (kind === 'liquidations') return liquidationRows(place, window);
  return stateRows(place, window);
}

function* tradeRows(
  { exchange, listing: { history, market } }: Place,
  { fromMs, toMs, isLegacy }: TimeRange & ArchiveOptions,
): Generator<ArchiveRow> {
  const { profile } = exchange;
  for (const fill of history.fills(fromMs, toMs)) {
    for (const data of archivedTradeRows(tradeOf(market, fill), { profile, isLegacy })) {
      yield { timeMs: fillTimeMs(fill), data };
    }
  }
}

function* liquidationRows(
  { exchange, listing: { history, market } }: Place,
  { fromMs, toMs }: TimeRange,
): Generator<ArchiveRow> {
  for (const fill of history.fills(fromMs, toMs)) {
    if (!fill.isLiquidation) continue;
    const data = archivedLiquidationRow(tradeOf(market, fill), exchange.profile);
    yield { timeMs: fillTimeMs(fill), data: [data] };
  }
}

/** Rows at regular times. */
function* stateRows(place: Place, window: TimeRange & ArchiveOptions): Generator<ArchiveRow> {
  const { periodMs, phaseMs } = periodOf(place.exchange, place.channel, window);
  const first = Math.ceil((window.fromMs - phaseMs) / periodMs) * periodMs + phaseMs;
  for (let timeMs = first; timeMs <= window.toMs; timeMs += periodMs) {
    const data = stateAt(place, timeMs, window);
    if (data !== undefined) yield { timeMs, data };
  }
}

function periodOf(
  { profile }: Exchange,
  { kind, venue }: Channel,
  { interval, granularity }: ArchiveOptions,
): { readonly periodMs: number; readonly phaseMs: number } {
  const { isLighter, contextArchiveMs } = venues[venue];
  if (kind === 'candles') return { periodMs: candleIntervals[interval], phaseMs: 0 };
  if (kind === 'l3_orderbook') return { periodMs: granularities.checkpoint, phaseMs: 0 };
  if (kind === 'orderbook' && isLighter)
    return { periodMs: granularities[granularity], phaseMs: 0 };
  if (kind !== 'orderbook') return { periodMs: contextArchiveMs, phaseMs: 0 };
  return { periodMs: bookMs, phaseMs: profile.archivedBooks === 'shifted' ? shiftMs : 0 };
}

function stateAt(
  { exchange, channel: { kind }, listing }: Place,
  timeMs: number,
  { interval, isLegacy }: ArchiveOptions,
): Item | undefined {
  const { market, history, contexts, candles } = listing;
  const { profile } = exchange;
  if (kind === 'funding' || kind === 'open_interest') {
    return archivedContextRow(market, contexts.at(timeMs), { kind, timeMs, profile });
  }
  if (kind === 'candles') {
    const candle = candles.at(timeMs, interval, exchange.nowMs);
    return candle === null
      ? undefined
      : archivedCandleRow(market, candle, { openMs: timeMs, profile });
  }
  const block = blockAt(timeMs);
  if (kind === 'l3_orderbook') return l3BookRow(market, history.resting(block), timeMs);
  const book = topOf(bookAfter(history, block));
  return archivedBookRow(market, book, { timeMs, profile, isLegacy });
}
