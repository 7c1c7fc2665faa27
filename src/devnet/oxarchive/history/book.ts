/** Books as levels, from the orders that rest. */
import type { MarketHistory, RestingOrder } from './market-history.ts';
import type { Side } from './order.ts';

/** A level: price, size and orders. */
export interface Level {
  readonly ticks: number;
  readonly lots: number;
  readonly orders: number;
}

/** Both sides, the best level first. */
export interface Book {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** Levels a side of the books that have no full depth. */
export const topLevels = 20;

/** The whole book after a block. */
export function bookAfter(history: MarketHistory, block: number): Book {
  const resting = history.resting(block);
  return { bids: levelsOf(resting, 'B'), asks: levelsOf(resting, 'A') };
}

/** The best levels of a book. */
export function topOf({ bids, asks }: Book, levels = topLevels): Book {
  return { bids: bids.slice(0, levels), asks: asks.slice(0, levels) };
}

function levelsOf(resting: readonly RestingOrder[], side: Side): readonly Level[] {
  const levels = new Map<number, { lots: number; orders: number }>();
  for (const { order, lots } of resting) {
    if (order.side !== side) continue;
    const level = levels.get(order.ticks) ?? { lots: 0, orders: 0 };
    level.lots += lots;
    level.orders += 1;
    levels.set(order.ticks, level);
  }
  return [...levels]
    .map(([ticks, level]) => ({ ticks, ...level }))
    .sort((a, b) => (side === 'B' ? b.ticks - a.ticks : a.ticks - b.ticks));
}
