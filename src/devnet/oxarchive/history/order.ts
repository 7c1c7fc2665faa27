/** Resting orders and their lives, and the fills that reduce or end them. */

/** `B`: buys; `A`: sells. */
export type Side = 'A' | 'B';

/** How an order left the book. */
export type OrderEnd = 'filled' | 'canceled' | 'marginCanceled';

/** An order that rests for at least a block. */
export interface Order {
  readonly oid: number;
  readonly user: string;
  readonly side: Side;
  readonly ticks: number;
  /** Its size when it was placed. */
  readonly lots: number;
  readonly bornBlock: number;
  /** The block in which it leaves the book. */
  readonly endBlock: number;
  readonly end: OrderEnd;
  /** A part of it is filled before its end. */
  readonly part: { readonly block: number; readonly lots: number } | null;
  /** Queued ahead of the orders at its price that are not. */
  readonly isAhead: boolean;
  readonly cloid: string | null;
}

/** A trade: a taker takes lots of an order. */
export interface Fill {
  readonly order: Order;
  readonly lots: number;
  /** What is left of the order. */
  readonly left: number;
  readonly block: number;
  readonly tid: number;
  readonly taker: string;
  readonly takerOid: number;
  readonly hash: string | null;
  readonly isLiquidation: boolean;
  /** Draws what else the legs tell. */
  readonly lot: number;
}

/** What happens to a market in one block, in this order. */
export interface BlockEvents {
  readonly block: number;
  readonly fills: readonly Fill[];
  readonly canceled: readonly Order[];
  readonly placed: readonly Order[];
}

/** The lots of an order after a block; 0 when it does not rest then. */
export function lotsAfter(order: Order, block: number): number {
  if (block < order.bornBlock || block >= order.endBlock) return 0;
  return order.part !== null && order.part.block <= block
    ? order.lots - order.part.lots
    : order.lots;
}
