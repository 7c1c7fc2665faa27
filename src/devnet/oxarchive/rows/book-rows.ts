/** Books of at most 20 levels a side as live rows, as archived rows and as rows of REST. */
import type { Item } from '../../simulator/json.ts';
import type { Book, Level } from '../history/book.ts';
import { decimalText, type Market } from '../market.ts';
import type { Profile } from '../profile.ts';
import { venues } from '../venues.ts';
import { camelCase, restTime } from './casing.ts';

/** The `data` of a live book; both Lighter archives have the same. */
export function liveBookRow(market: Market, book: Book, timeMs: number): Item {
  const levels = [levelRows(market, book.bids), levelRows(market, book.asks)];
  return { coin: market.symbol, time: timeMs, levels };
}

/** The `data` of an archived book. */
export function archivedBookRow(
  market: Market,
  book: Book,
  { timeMs, profile, isLegacy }: { timeMs: number; profile: Profile; isLegacy: boolean },
): Item {
  const { isLighter } = venues[market.venue];
  if (isLighter && !isLegacy) return liveBookRow(market, book, timeMs);
  const row = {
    coin: market.symbol,
    timestamp: timeMs,
    ...sides(market, book),
    ...(isLighter ? {} : middleOf(market, book)),
  };
  return profile.archivedCase === 'camel' ? camelCase(row) : row;
}

/** A book as REST shows it. */
export function restBookRow(market: Market, book: Book, timeMs: number): Item {
  const { symbol: coin } = market;
  return { coin, ...restTime(timeMs), ...sides(market, book), ...middleOf(market, book) };
}

function sides(market: Market, { bids, asks }: Book): Item {
  return { bids: levelRows(market, bids), asks: levelRows(market, asks) };
}

function levelRows(market: Market, levels: readonly Level[]): readonly Item[] {
  const isLighter = venues[market.venue].isLighter;
  return levels.map(({ ticks, lots, orders }) => ({
    px: decimalText(ticks, market.priceDecimals),
    sz: decimalText(lots, market.sizeDecimals),
    n: isLighter ? 1 : orders,
  }));
}

/** Left out when a side is empty. */
function middleOf({ priceDecimals }: Market, { bids, asks }: Book): Item {
  const [bid, ask] = [bids[0]?.ticks, asks[0]?.ticks];
  if (bid === undefined || ask === undefined) return {};
  return {
    mid_price: decimalText((bid + ask) * 5, priceDecimals + 1),
    spread: decimalText(ask - bid, priceDecimals),
    spread_bps: (((ask - bid) * 20_000) / (ask + bid)).toFixed(4),
  };
}
