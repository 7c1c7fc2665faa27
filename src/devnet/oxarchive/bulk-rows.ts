/** What bulk channels send: a snapshot after a block, and batches of what follows, block by block. */
import type { Item } from '../simulator/json.ts';
import type { Channel } from './channels.ts';
import type { Listing } from './exchange.ts';
import { blockTimeMs } from './history/block-time.ts';
import { bookAfter } from './history/book.ts';
import type { BlockEvents } from './history/order.ts';
import type { Profile } from './profile.ts';
import {
  fullBookRow,
  levelChanges,
  orderDiffs,
  orderEvents,
  restingOrdersRow,
} from './rows/order-rows.ts';

/** True for a channel of snapshots and batches. */
export function isBulk({ kind }: Channel): boolean {
  return kind === 'orderbook_full' || kind === 'l4_diffs' || kind === 'l4_orders';
}

/** The snapshot after a block, as a frame. */
export function snapshotFrame(
  channel: Channel,
  { market, history }: Listing,
  { block, profile }: { readonly block: number; readonly profile: Profile },
): Item {
  const data =
    channel.kind === 'orderbook_full'
      ? fullBookRow(market, bookAfter(history, block))
      : restingOrdersRow(market, history.resting(block), profile);
  return {
    type: 'l4_snapshot',
    channel: channel.name,
    coin: market.symbol,
    symbol: market.symbol,
    last_block_number: block,
    timestamp: blockTimeMs(block),
    data,
  };
}

/** What a channel tells of a block; nothing when nothing of it changed. */
export function batchRows(
  { kind }: Channel,
  { market, history }: Listing,
  { events, profile }: { readonly events: BlockEvents; readonly profile: Profile },
): readonly Item[] {
  if (kind === 'orderbook_full') return levelChanges(history, events);
  const rows = kind === 'l4_diffs' ? orderDiffs(history, events) : orderEvents(market, events);
  return profile.hasSeq ? rows : rows.map(({ seq: _seq, ...row }) => row);
}

/** A batch as a frame. */
export function batchFrame(channel: Channel, symbol: string, data: readonly Item[]): Item {
  return { type: 'l4_batch', channel: channel.name, coin: symbol, symbol, data };
}
