/** Single orders: snapshots of all that rest, diffs of the book, steps of lives (sections 4.11, 4.12, 4.14). */
import type { OrderDiffMessage, OrderMessage, RestingOrder } from '../messages.ts';
import { RowFields, symbolNames, timeNames } from './fields.ts';
import {
  listOf,
  objectOf,
  type Reading,
  type RowsContext,
  readEach,
  snapshotBlock,
  type WireFields,
} from './reading.ts';

/** All resting orders, best price first and in the order of their priority. */
export interface WireOrders {
  readonly timeMs: number;
  /** Last block that it contains; null where the venue has no blocks. */
  readonly blockNumber: number | null;
  readonly bids: readonly RestingOrder[];
  readonly asks: readonly RestingOrder[];
}

const names = {
  blockNumber: ['block_number', 'bn', 'blockNumber'],
  sequence: ['seq'],
  orderId: ['oid', 'orderId', 'order_id', 'order_index'],
  account: ['user', 'user_address', 'userAddress', 'owner_account_index'],
  price: ['price', 'px', 'limitPx', 'limit_price'],
  quantity: ['size', 'sz', 'remaining_size', 'remainingSize'],
  diffType: ['diff_type', 'dt', 'diffType'],
  newQuantity: ['new_size', 'newSize', 'sz'],
  insertBefore: ['insert_before', 'insertBefore'],
  status: ['status'],
  originalQuantity: ['orig_size', 'origSz', 'origSize'],
  orderType: ['order_type', 'orderType'],
  triggerCondition: ['trigger_condition', 'triggerCondition'],
  isTrigger: ['is_trigger', 'isTrigger'],
  triggerPrice: ['trigger_price', 'triggerPx', 'triggerPrice'],
  isPositionTpsl: ['is_position_tpsl', 'isPositionTpsl'],
  isReduceOnly: ['reduce_only', 'reduceOnly'],
  timeInForce: ['tif'],
  clientOrderId: ['cloid'],
} as const;

const known = new Set([...Object.values(names).flat(), ...timeNames, ...symbolNames, 'side']);

/** `data` of a snapshot; entries are tuples or flat objects. Throws `DataError`: none is to be left out. */
export function readOrderBook(
  data: unknown,
  context: RowsContext,
  blockNumber: number | null,
): WireOrders {
  const fields = new RowFields(objectOf(data, context), context);
  return {
    timeMs: fields.eventTime(),
    blockNumber: snapshotBlock(blockNumber, context),
    bids: restingOrders(fields.row, 'bids', context),
    asks: restingOrders(fields.row, 'asks', context),
  };
}

/** A row of Lighter's book of orders, 250 a side at most, which has no blocks. Throws `DataError`. */
export function readL3Book(data: unknown, context: RowsContext): WireOrders {
  const fields = new RowFields(objectOf(data, context), context);
  fields.checkSymbol();
  return {
    timeMs: fields.eventTime(),
    blockNumber: null,
    bids: restingOrders(fields.row, 'bids', context),
    asks: restingOrders(fields.row, 'asks', context),
  };
}

/** Diffs in the order of the frame, also those that change nothing of the book. */
export function readOrderDiffs(data: unknown, context: RowsContext): Reading<OrderDiffMessage> {
  const { messages, refusals } = readEach(data, context, (row): OrderDiffMessage => {
    const fields = new RowFields(row, context);
    return {
      dataset: 'order_diffs',
      ...placeOf(fields, context),
      side: fields.side(),
      price: fields.amount(names.price),
      diffType: diffTypeOf(fields),
      newQuantity: fields.optionalAmount(names.newQuantity),
      insertBefore: fields.optionalInteger(names.insertBefore),
      details: fields.details(known),
    };
  });
  return { messages: counted(messages, ({ diffType }) => diffType), refusals };
}

/** Steps of orders' lives in the order of the frame. */
export function readOrders(data: unknown, context: RowsContext): Reading<OrderMessage> {
  const { messages, refusals } = readEach(data, context, (row): OrderMessage => {
    const fields = new RowFields(row, context);
    return {
      dataset: 'orders',
      ...placeOf(fields, context),
      status: fields.requiredText(names.status),
      side: fields.side(),
      limitPrice: fields.optionalAmount(['limit_price', 'limitPx', 'price']),
      quantity: fields.optionalAmount(names.quantity),
      originalQuantity: fields.optionalAmount(names.originalQuantity),
      orderType: fields.text(names.orderType),
      triggerCondition: fields.text(names.triggerCondition),
      isTrigger: fields.flag(names.isTrigger),
      triggerPrice: fields.optionalAmount(names.triggerPrice),
      isPositionTpsl: fields.flag(names.isPositionTpsl),
      isReduceOnly: fields.flag(names.isReduceOnly),
      timeInForce: fields.text(names.timeInForce),
      clientOrderId: fields.text(names.clientOrderId),
      details: fields.details(known),
    };
  });
  return { messages: counted(messages, ({ status }) => status), refusals };
}

function placeOf(fields: RowFields, { symbol }: RowsContext) {
  return {
    symbol,
    eventTimeMs: fields.eventTime(),
    blockNumber: fields.integer(names.blockNumber),
    sequence: fields.optionalInteger(names.sequence) ?? 0,
    occurrence: 0,
    orderId: fields.integer(names.orderId),
    account: fields.text(names.account),
  };
}

function diffTypeOf(fields: RowFields): OrderDiffMessage['diffType'] {
  const value = fields.value(names.diffType);
  if (value === 'new' || value === 'update' || value === 'remove') return value;
  throw fields.wrong(names.diffType, 'new, update or remove');
}

/** Rows without a sequence are told apart by how often their like occurred in the block before. */
function counted<M extends OrderDiffMessage | OrderMessage>(
  messages: readonly M[],
  kindOf: (message: M) => string,
): readonly M[] {
  if (messages.every(({ sequence }) => sequence > 0)) return messages;
  const seen = new Map<string, number>();
  return messages.map((message) => {
    if (message.sequence > 0) return message;
    const key = `${message.blockNumber}/${message.orderId}/${kindOf(message)}`;
    const occurrence = seen.get(key) ?? 0;
    seen.set(key, occurrence + 1);
    return occurrence === 0 ? message : { ...message, occurrence };
  });
}

function restingOrders(
  data: WireFields,
  side: 'bids' | 'asks',
  context: RowsContext,
): readonly RestingOrder[] {
  return listOf(data[side], side, context).map((entry) => restingOrder(entry, context));
}

/** `[user, order]`, or an order that names its user. */
function restingOrder(entry: unknown, context: RowsContext): RestingOrder {
  const [user, order] = Array.isArray(entry) ? (entry as readonly unknown[]) : [undefined, entry];
  const fields = new RowFields(objectOf(order, context), context);
  return {
    orderId: fields.integer(names.orderId),
    account: typeof user === 'string' ? user : fields.text(names.account),
    price: fields.amount(['limitPx', 'limit_price', 'price', 'px']),
    quantity: fields.amount(['sz', 'size', 'remaining_size', 'remainingSize']),
  };
}
