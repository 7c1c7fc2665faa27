/** Trades as their two legs: what is true of each, whichever way the venue tells it. */
import type { Fill, Side } from '../history/order.ts';
import { fillTimeMs } from '../history/stretch.ts';
import { decimalText, type Market } from '../market.ts';
import { type Venue, venues } from '../venues.ts';

/** One side of a trade. */
export interface TradeLeg {
  readonly venue: Venue;
  readonly symbol: string;
  readonly tid: number;
  readonly side: Side;
  readonly px: string;
  readonly sz: string;
  /** Milliseconds. */
  readonly time: number;
  readonly hash: string | null;
  readonly oid: number;
  /** The taker's leg. */
  readonly crossed: boolean;
  readonly user: string;
  readonly dir: string;
  readonly fee: string;
  readonly feeToken: string;
  readonly closedPnl: string;
  readonly startPosition: string;
  readonly isLiquidation: boolean;
}

/** A trade: the maker's leg, which is the liquidated account's when it is a liquidation, and the taker's. */
export interface Trade {
  readonly maker: TradeLeg;
  readonly taker: TradeLeg;
}

const makerFee = 0.00015;
const takerFee = 0.00045;
const directions: Readonly<Record<Side, readonly string[]>> = {
  B: ['Open Long', 'Close Short', 'Short > Long'],
  A: ['Open Short', 'Close Long', 'Long > Short'],
};
/** The only text beyond ASCII. */
const rareDirection = 'Auto-Deleveraging → Close';

/** Both legs of a fill. */
export function tradeOf(market: Market, fill: Fill): Trade {
  const { order, lots, taker, takerOid } = fill;
  const price = order.ticks / 10 ** market.priceDecimals;
  const size = lots / 10 ** market.sizeDecimals;
  const shared = {
    venue: market.venue,
    symbol: market.symbol,
    tid: fill.tid,
    px: decimalText(order.ticks, market.priceDecimals),
    sz: decimalText(lots, market.sizeDecimals),
    time: fillTimeMs(fill),
    hash: fill.hash,
    feeToken: market.venue === 'rh_lighter' ? 'USDG' : 'USDC',
    isLiquidation: fill.isLiquidation,
  };
  const leg = (side: Side, isTaker: boolean): TradeLeg => ({
    ...shared,
    side,
    oid: isTaker ? takerOid : order.oid,
    crossed: isTaker,
    user: isTaker ? taker : order.user,
    dir: directionOf(market, side, fill, isTaker),
    fee: (price * size * (isTaker ? takerFee : makerFee)).toFixed(8),
    closedPnl: ((fill.lot - 0.5) * price * size * (isTaker ? 0.01 : -0.02)).toFixed(6),
    startPosition: decimalText(
      Math.floor(market.lotsMax * (fill.lot * 4 - 2)) + (isTaker ? 1 : 0),
      market.sizeDecimals,
    ),
  });
  return { maker: leg(order.side, false), taker: leg(order.side === 'B' ? 'A' : 'B', true) };
}

function directionOf(market: Market, side: Side, fill: Fill, isTaker: boolean): string {
  const isSpot = market.venue === 'spot' || (venues[market.venue].isLighter && !market.isPerpetual);
  if (isSpot || market.venue === 'hip4') return side === 'B' ? 'Buy' : 'Sell';
  if (fill.isLiquidation && !isTaker) return side === 'A' ? 'Close Long' : 'Close Short';
  if (fill.lot < 0.01) return rareDirection;
  const names = directions[side];
  return names[fill.tid % names.length] ?? '';
}
