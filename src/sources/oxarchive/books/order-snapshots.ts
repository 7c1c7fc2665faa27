/** A snapshot of all orders as parts that fit into a record: one of a busy market is tens of megabytes. */
import type { OrderSnapshotMessage, RestingOrder } from '../messages.ts';
import type { WireOrders } from '../wire/orders.ts';

/** Some 300 kB: well below the megabyte that brokers take. */
const ordersPerChunk = 2500;

/** At least one part, so that an empty book is told too; bids first, then asks, none in two parts. */
export function orderSnapshotChunks(
  { timeMs, blockNumber, bids, asks }: WireOrders,
  { symbol, channel }: Pick<OrderSnapshotMessage, 'symbol' | 'channel'>,
): readonly OrderSnapshotMessage[] {
  const chunkCount = Math.max(1, Math.ceil((bids.length + asks.length) / ordersPerChunk));
  const part = (side: readonly RestingOrder[], start: number): readonly RestingOrder[] =>
    side.slice(Math.max(0, start), Math.max(0, start + ordersPerChunk));
  return Array.from({ length: chunkCount }, (_, chunkIndex) => ({
    dataset: 'order_snapshots',
    symbol,
    channel,
    eventTimeMs: timeMs,
    blockNumber,
    chunkIndex,
    chunkCount,
    bids: part(bids, chunkIndex * ordersPerChunk),
    asks: part(asks, chunkIndex * ordersPerChunk - bids.length),
    details: null,
  }));
}
