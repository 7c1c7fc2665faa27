/** Rows of single orders: diffs, steps of their lives, and parts of snapshots. */
import type { Event, Origin } from '../../../model/event.ts';
import type {
  OrderDiffMessage,
  OrderMessage,
  OrderSnapshotMessage,
  RestingOrder,
} from '../messages.ts';

/** What happened to an order's place in the book. */
export function orderDiffRow(message: OrderDiffMessage, origin: Origin): Event {
  const row = {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    block_number: message.blockNumber,
    sequence: message.sequence,
    order_id: message.orderId,
    diff_type: message.diffType,
    occurrence: message.occurrence,
    account: message.account,
    side: message.side,
    price: message.price,
    new_quantity: message.newQuantity,
    insert_before: message.insertBefore,
    details: message.details,
  };
  const index = `${place(message)}/${message.diffType}/${message.occurrence}`;
  return { dataset: 'order_diffs', index, row, timeMs: message.eventTimeMs };
}

/** One step in an order's life. */
export function orderRow(message: OrderMessage, origin: Origin): Event {
  const row = {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    block_number: message.blockNumber,
    sequence: message.sequence,
    order_id: message.orderId,
    status: message.status,
    occurrence: message.occurrence,
    account: message.account,
    side: message.side,
    limit_price: message.limitPrice,
    quantity: message.quantity,
    original_quantity: message.originalQuantity,
    order_type: message.orderType,
    trigger_condition: message.triggerCondition,
    is_trigger: message.isTrigger,
    trigger_price: message.triggerPrice,
    is_position_tpsl: message.isPositionTpsl,
    is_reduce_only: message.isReduceOnly,
    time_in_force: message.timeInForce,
    client_order_id: message.clientOrderId,
    details: message.details,
  };
  const index = `${place(message)}/${message.status}/${message.occurrence}`;
  return { dataset: 'orders', index, row, timeMs: message.eventTimeMs };
}

/** A part of all resting orders of a book. */
export function orderSnapshotRow(message: OrderSnapshotMessage, origin: Origin): Event {
  const { symbol, eventTimeMs, channel, blockNumber, chunkIndex } = message;
  const row = {
    chain: origin.chain,
    symbol,
    event_time: eventTimeMs,
    channel,
    block_number: blockNumber,
    chunk_index: chunkIndex,
    chunk_count: message.chunkCount,
    bids: message.bids.map(order),
    asks: message.asks.map(order),
    details: message.details,
  };
  const index = `${symbol}/${channel}/${eventTimeMs}/${chunkIndex}`;
  return { dataset: 'order_snapshots', index, row, timeMs: eventTimeMs };
}

function order({ orderId, account, price, quantity }: RestingOrder) {
  return { order_id: orderId, account, price, quantity };
}

function place({ symbol, blockNumber, sequence, orderId }: OrderDiffMessage | OrderMessage) {
  return `${symbol}/${blockNumber}/${sequence}/${orderId}`;
}
