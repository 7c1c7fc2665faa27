/**
 * Draws the orders placed in one stretch of blocks. An order that the price reaches is filled in that
 * block, so that a book is never crossed; every other one is cancelled when its time is over.
 */

import { SeededRandom } from '../../traffic/seeded-random.ts';
import type { Market } from '../market.ts';
import type { Order, OrderEnd, Side } from './order.ts';
import { bidMaxOf, type ValuePath } from './value-path.ts';

/** Blocks of a stretch; no order rests longer. */
export const stretchBlocks = 600;

/** Ids of a block's orders: makers below the half, takers above it. */
export const idsPerBlock = 256;

const ordersPerBlock = 0.6;
const oidBase = 510_000_000_000;
const usersMax = 12;

/** What orders are drawn from. */
export interface DrawOptions {
  readonly market: Market;
  readonly seed: string;
  readonly path: ValuePath;
}

/** The id of an order by its place among those of its block. */
export function oidOf(block: number, place: number): number {
  return oidBase + block * idsPerBlock + place;
}

/** The orders placed from a block on, for one stretch. */
export function drawOrders(firstBlock: number, options: DrawOptions): readonly Order[] {
  const { market, seed, path } = options;
  const random = new SeededRandom(`${seed}/orders/${firstBlock}`);
  const users = usersOf(market, seed);
  const bidMax: number[] = [];
  for (let n = 0; n < 2 * stretchBlocks; n += 1) bidMax.push(bidMaxOf(path.at(firstBlock + n)));
  const orders: Order[] = [];
  for (let n = 0; n < stretchBlocks; n += 1) {
    const rate = ordersPerBlock * market.activity;
    const count = Math.floor(rate) + (random.chance(rate % 1) ? 1 : 0);
    for (let place = 0; place < count; place += 1) {
      const oid = oidOf(firstBlock + n, place);
      orders.push(drawOrder({ oid, n, firstBlock, bidMax, random, users, market }));
    }
  }
  return orders;
}

interface OrderDraw {
  readonly oid: number;
  /** The block, counted from the first of the stretch. */
  readonly n: number;
  readonly firstBlock: number;
  readonly bidMax: readonly number[];
  readonly random: SeededRandom;
  readonly users: readonly string[];
  readonly market: Market;
}

function drawOrder({ oid, n, firstBlock, bidMax, random, users, market }: OrderDraw): Order {
  const side: Side = random.chance(0.5) ? 'B' : 'A';
  const distance = drawDistance(random);
  const best = bidMax[n] ?? 0;
  const ticks = side === 'B' ? Math.max(best - distance, 1) : best + 2 + distance;
  const lots = 1 + Math.floor(market.lotsMax * random.next() ** 3);
  const isReached = (block: number): boolean => {
    const bid = bidMax[block] ?? 0;
    return side === 'B' ? ticks > bid : ticks < bid + 2;
  };
  const life = 1 + Math.floor((stretchBlocks - 1) * random.next() ** 2);
  let end = n + 1;
  while (end < n + life && !isReached(end)) end += 1;
  const isFilled = isReached(end);
  const middle = n + 1 + Math.floor(random.next() * (end - n));
  const bid = bidMax[middle] ?? 0;
  const isNear = Math.abs(ticks - bid - 1) <= 4;
  const isPart = random.chance(0.3) && isNear && middle < end && lots > 1;
  const part = { block: firstBlock + middle, lots: 1 + Math.floor((lots - 1) * random.next()) };
  return {
    oid,
    user: random.pick(users),
    side,
    ticks,
    lots,
    bornBlock: firstBlock + n,
    endBlock: firstBlock + end,
    end: endOf(isFilled, random),
    part: isPart && part.lots < lots ? part : null,
    isAhead: random.chance(0.05),
    cloid: random.chance(0.2) ? `0x${random.hex(16)}` : null,
  };
}

/** In ticks from the best price: most are near, a few far away. */
function drawDistance(random: SeededRandom): number {
  const kind = random.next();
  if (kind < 0.35) return random.integer(0, 4);
  return kind < 0.95 ? Math.floor(60 * random.next() ** 2) : random.integer(60, 400);
}

function endOf(isFilled: boolean, random: SeededRandom): OrderEnd {
  const isMargin = random.chance(0.05);
  if (isFilled) return 'filled';
  return isMargin ? 'marginCanceled' : 'canceled';
}

/** Accounts of a market: addresses, or account indexes on Lighter. */
export function usersOf({ venue }: Market, seed: string): readonly string[] {
  const random = new SeededRandom(`${seed}/users`);
  const isLighter = venue === 'lighter' || venue === 'rh_lighter';
  return Array.from({ length: usersMax }, (_, n) => {
    if (!isLighter) return `0x${random.hex(20)}`;
    return String(n % 2 === 0 ? random.integer(1000, 900_000) : 281_000_000_000_000 + n);
  });
}
