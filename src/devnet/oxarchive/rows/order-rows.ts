/** The full depth and the order-level rows: snapshots, level changes, diffs and order events. */
import type { Item, Json } from '../../simulator/json.ts';
import { blockTimeMs } from '../history/block-time.ts';
import { type Book, bookAfter, type Level } from '../history/book.ts';
import type { MarketHistory, RestingOrder } from '../history/market-history.ts';
import type { BlockEvents, Order, Side } from '../history/order.ts';
import { decimalText, type Market } from '../market.ts';
import type { Profile } from '../profile.ts';

const l3OrdersMax = 250;

/** The `data` of a full-depth snapshot. */
export function fullBookRow(market: Market, book: Book): Item {
  const levels = (side: readonly Level[]): readonly Item[] =>
    side.map(({ ticks, lots, orders }) => ({
      px: priceOf(market, ticks),
      sz: sizeOf(market, lots),
      n: orders,
    }));
  const total = (side: readonly Level[]): number =>
    sizeOf(
      market,
      side.reduce((sum, { lots }) => sum + lots, 0),
    );
  const { bids, asks } = book;
  const [bid, ask] = [bids[0]?.ticks, asks[0]?.ticks];
  const isWhole = bid !== undefined && ask !== undefined;
  const middle = isWhole ? Number(decimalText((bid + ask) * 5, market.priceDecimals + 1)) : null;
  return {
    bids: levels(bids),
    asks: levels(asks),
    bid_count: bids.length,
    ask_count: asks.length,
    total_bid_size: total(bids),
    total_ask_size: total(asks),
    mid_price: middle,
    spread: isWhole ? priceOf(market, ask - bid) : null,
    spread_bps: isWhole ? Number((((ask - bid) * 20_000) / (ask + bid)).toFixed(4)) : null,
    is_crossed: isWhole && bid >= ask,
  };
}

/** The levels that a block changed, with what they hold after it; 0 when they are gone. */
export function levelChanges(history: MarketHistory, events: BlockEvents): readonly Item[] {
  const { market } = history;
  const touched = [...events.fills.map(({ order }) => order), ...events.canceled, ...events.placed];
  const after = bookAfter(history, events.block);
  const changes = new Map<string, Item>();
  for (const { side, ticks } of touched) {
    const level = (side === 'B' ? after.bids : after.asks).find((one) => one.ticks === ticks);
    changes.set(`${side}${ticks}`, {
      side,
      px: priceOf(market, ticks),
      sz: sizeOf(market, level?.lots ?? 0),
      n: level?.orders ?? 0,
      bn: events.block,
    });
  }
  return [...changes.values()];
}

/** The `data` of an order-level snapshot: all orders, best price first, first in the queue first. */
export function restingOrdersRow(
  market: Market,
  resting: readonly RestingOrder[],
  { snapshotOrders }: Profile,
): Item {
  const show = snapshotOrders === 'tuple' ? tupleOf : flatOf;
  const rows = (side: Side): readonly Json[] =>
    bestFirst(resting, side).map((one) => show(market, one));
  return { bids: rows('B'), asks: rows('A') };
}

/** A Lighter book of single orders, 250 a side at most. */
export function l3BookRow(market: Market, resting: readonly RestingOrder[], timeMs: number): Item {
  const rows = (side: Side): readonly Item[] =>
    bestFirst(resting, side)
      .slice(0, l3OrdersMax)
      .map(({ order, lots }) => ({
        order_index: order.oid,
        owner_account_index: Number(order.user),
        side: side === 'B' ? 'bid' : 'ask',
        price: decimalText(order.ticks, market.priceDecimals),
        remaining_size: decimalText(lots, market.sizeDecimals),
        original_size: decimalText(order.lots, market.sizeDecimals),
      }));
  return { coin: market.symbol, timestamp: timeMs, bids: rows('B'), asks: rows('A') };
}

/** The diffs of a block: fills and cancellations, then new orders. */
export function orderDiffs(history: MarketHistory, events: BlockEvents): readonly Item[] {
  const { market } = history;
  const { block } = events;
  const shared = { timestamp: blockTimeMs(block), block_number: block };
  const diff = (
    { oid, user, side, ticks }: Order,
    rest: { readonly diff_type: string; readonly new_size: number | null },
    before: number | null = null,
  ): Item => ({
    oid,
    user,
    side,
    price: priceOf(market, ticks),
    ...rest,
    insert_before: before,
  });
  const diffs = [
    ...events.fills.map(({ order, left }) =>
      left === 0
        ? diff(order, { diff_type: 'remove', new_size: null })
        : diff(order, { diff_type: 'update', new_size: sizeOf(market, left) }),
    ),
    ...events.canceled.map((order) => diff(order, { diff_type: 'remove', new_size: null })),
    ...events.placed.map((order) => {
      const size = sizeOf(market, order.lots);
      return diff(order, { diff_type: 'new', new_size: size }, orderBehind(history, order));
    }),
  ];
  return diffs.map((one, seq) => ({ ...shared, seq, ...one }));
}

/** The order events of a block: takers and makers that were filled, cancelled and new orders. */
export function orderEvents(market: Market, events: BlockEvents): readonly Item[] {
  const { block } = events;
  const shared = { timestamp: blockTimeMs(block), block_number: block };
  const filled = events.fills.flatMap(({ order, lots, left, taker, takerOid }) => {
    const other = order.side === 'B' ? 'A' : 'B';
    const crossing = { ...order, oid: takerOid, user: taker, side: other, lots, cloid: null };
    const taken = eventOf(market, crossing, { status: 'filled', left: 0, tif: 'Ioc' });
    return left > 0 ? [taken] : [taken, eventOf(market, order, { status: 'filled', left: 0 })];
  });
  const rows = [
    ...filled,
    ...events.canceled.map((order) =>
      eventOf(market, order, { status: order.end, left: order.lots - (order.part?.lots ?? 0) }),
    ),
    ...events.placed.map((order) => eventOf(market, order, { status: 'open', left: order.lots })),
  ];
  return rows.map((row, seq) => ({ ...shared, seq, ...row }));
}

/** The orders of a side: best price first, at a price as they are queued. */
function bestFirst(resting: readonly RestingOrder[], side: Side): readonly RestingOrder[] {
  const direction = side === 'B' ? -1 : 1;
  return resting
    .filter(({ order }) => order.side === side)
    .sort((a, b) => direction * (a.order.ticks - b.order.ticks));
}

function eventOf(
  market: Market,
  order: Pick<Order, 'oid' | 'user' | 'lots' | 'ticks' | 'cloid'> & { readonly side: string },
  { status, left, tif = 'Gtc' }: { status: string; left: number; tif?: string },
): Item {
  return {
    oid: order.oid,
    user: order.user,
    status,
    side: order.side,
    limit_price: priceOf(market, order.ticks),
    size: sizeOf(market, left),
    orig_size: sizeOf(market, order.lots),
    order_type: 'Limit',
    trigger_condition: 'N/A',
    is_trigger: false,
    trigger_price: 0,
    is_position_tpsl: false,
    reduce_only: false,
    tif,
    cloid: order.cloid,
  };
}

/** The first order in the queue that an order with priority is put ahead of; null = the tail. */
function orderBehind(history: MarketHistory, order: Order): number | null {
  if (!order.isAhead) return null;
  const behind = history
    .resting(order.bornBlock)
    .find(
      ({ order: other }) =>
        other.side === order.side &&
        other.ticks === order.ticks &&
        !other.isAhead &&
        other.oid < order.oid,
    );
  return behind?.order.oid ?? null;
}

function tupleOf(market: Market, { order, lots }: RestingOrder): Json {
  return [
    order.user,
    {
      coin: market.symbol,
      side: order.side,
      limitPx: decimalText(order.ticks, market.priceDecimals),
      sz: decimalText(lots, market.sizeDecimals),
      oid: order.oid,
      timestamp: blockTimeMs(order.bornBlock),
      orderType: 'Limit',
      tif: order.isAhead ? 'Alo' : 'Gtc',
      reduceOnly: false,
      isTrigger: false,
      triggerPx: '0.0',
      triggerCondition: 'N/A',
      isPositionTpsl: false,
      cloid: order.cloid,
    },
  ];
}

function flatOf(market: Market, { order, lots }: RestingOrder): Json {
  return {
    oid: order.oid,
    user_address: order.user,
    side: order.side,
    price: decimalText(order.ticks, market.priceDecimals),
    size: decimalText(lots, market.sizeDecimals),
    timestamp: blockTimeMs(order.bornBlock),
  };
}

function priceOf(market: Market, ticks: number): number {
  return Number(decimalText(ticks, market.priceDecimals));
}

function sizeOf(market: Market, lots: number): number {
  return Number(decimalText(lots, market.sizeDecimals));
}
