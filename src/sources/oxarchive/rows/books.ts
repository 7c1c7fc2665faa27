/** Rows of books: whole ones, changes, and the best prices. */
import type { Event, Origin } from '../../../model/event.ts';
import type { BookMessage, BookTopMessage } from '../messages.ts';

/** A snapshot, a delta, or the word that the book is unsafe. */
export function bookRow(message: BookMessage, origin: Origin): Event {
  const row = {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    epoch: message.epoch,
    sequence: message.sequence,
    change: message.change,
    bids: message.bids,
    asks: message.asks,
    checksum: message.checksum,
    block_number: message.blockNumber,
    reason: message.reason,
    details: message.details,
  };
  return { dataset: message.dataset, index: bookIndex(message), row, timeMs: message.eventTimeMs };
}

/** Best bid and ask. */
export function bookTopRow(message: BookTopMessage, origin: Origin): Event {
  const { bid, ask } = message;
  const row = {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    epoch: message.epoch,
    sequence: message.sequence,
    change: message.change,
    bid_price: bid?.price ?? null,
    bid_quantity: bid?.quantity ?? null,
    bid_orders: bid?.orders ?? null,
    ask_price: ask?.price ?? null,
    ask_quantity: ask?.quantity ?? null,
    ask_orders: ask?.orders ?? null,
    checksum: message.checksum,
    block_number: message.blockNumber,
    reason: message.reason,
    details: message.details,
  };
  return { dataset: 'book_tops', index: bookIndex(message), row, timeMs: message.eventTimeMs };
}

/** No epoch occurs twice, so a row of a book is never the same fact as another. */
function bookIndex({ symbol, epoch, sequence }: BookMessage | BookTopMessage): string {
  return `${symbol}/${epoch}/${sequence}`;
}
