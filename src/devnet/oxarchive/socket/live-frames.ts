/** What a market sends in one block on each of its live channels, made once for all subscribers. */
import type { Item } from '../../simulator/json.ts';
import { bookMs } from '../archive-rows.ts';
import { batchFrame, batchRows, isBulk } from '../bulk-rows.ts';
import type { Channel } from '../channels.ts';
import type { Listing } from '../exchange.ts';
import { blockTimeMs } from '../history/block-time.ts';
import { bookAfter, topOf } from '../history/book.ts';
import { contextMs } from '../history/context.ts';
import type { Profile } from '../profile.ts';
import { liveBookRow } from '../rows/book-rows.ts';
import { liveContextRow } from '../rows/context-rows.ts';
import { tradeOf } from '../rows/trade-leg.ts';
import { liveLiquidationRow, liveTradeRows } from '../rows/trade-rows.ts';
import { dataFrame } from './frames.ts';

/** A block of the live feed. */
export interface LiveBlock {
  readonly block: number;
  readonly profile: Profile;
}

/** The frame of a channel in a block; undefined when it has none. */
export function liveFrame(channel: Channel, listing: Listing, live: LiveBlock): Item | undefined {
  if (isBulk(channel)) return bulkFrame(channel, listing, live);
  const rows = liveRows(channel, listing, live);
  return rows === undefined ? undefined : dataFrame(channel.name, listing.market.symbol, rows);
}

/** The book after a block as a live frame. */
export function bookFrame(channel: Channel, { market, history }: Listing, block: number): Item {
  const row = liveBookRow(market, topOf(bookAfter(history, block)), blockTimeMs(block));
  return dataFrame(channel.name, market.symbol, row);
}

/** The newest context as a live frame. */
export function contextFrame(channel: Channel, { market, contexts }: Listing, atMs: number): Item {
  return dataFrame(channel.name, market.symbol, liveContextRow(market, contexts.at(atMs)));
}

/** Price and volume of a day; their shape is not published. */
export function tickerRow({ market, contexts }: Listing, timeMs: number): Item {
  const { markPx, dayNtlVlm } = contexts.at(timeMs);
  return { coin: market.symbol, price: markPx, volume24h: dayNtlVlm, time: timeMs };
}

function bulkFrame(channel: Channel, listing: Listing, live: LiveBlock): Item | undefined {
  const events = listing.history.events(live.block);
  if (events === undefined) return undefined;
  const rows = batchRows(channel, listing, { events, profile: live.profile });
  return rows.length === 0 ? undefined : batchFrame(channel, listing.market.symbol, rows);
}

function liveRows(
  { kind }: Channel,
  listing: Listing,
  live: LiveBlock,
): Item | readonly Item[] | undefined {
  const { market, history, contexts } = listing;
  const timeMs = blockTimeMs(live.block);
  if (kind === 'trades' || kind === 'liquidations') return fillRows(kind, listing, live);
  if (kind === 'orderbook') {
    if (timeMs % bookMs !== 0) return undefined;
    return liveBookRow(market, topOf(bookAfter(history, live.block)), timeMs);
  }
  if (timeMs % contextMs !== 0) return undefined;
  if (kind === 'ticker') return tickerRow(listing, timeMs);
  const isContext = kind === 'funding' || kind === 'open_interest';
  return isContext ? liveContextRow(market, contexts.at(timeMs)) : undefined;
}

function fillRows(
  kind: 'trades' | 'liquidations',
  { market, history }: Listing,
  { block, profile }: LiveBlock,
): readonly Item[] | undefined {
  const trades = (history.events(block)?.fills ?? []).map((fill) => tradeOf(market, fill));
  const rows =
    kind === 'trades'
      ? trades.flatMap((trade) => liveTradeRows(trade, profile))
      : trades.filter(({ maker }) => maker.isLiquidation).map(liveLiquidationRow);
  return rows.length === 0 ? undefined : rows;
}
