/** Candles of any length, computed from the trades; minutes are kept, so that days are quick. */
import { BoundedCache } from './bounded-cache.ts';
import type { MarketHistory } from './market-history.ts';

/** A candle in ticks and lots; null when nothing was traded. */
export interface Candle {
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
  readonly lots: number;
  /** Ticks times lots. */
  readonly quote: number;
  readonly trades: number;
}

const minuteMs = 60_000;
const minutesMax = 20_000;

/** The intervals that can be asked for. */
export const candleIntervals = {
  '1m': minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '30m': 30 * minuteMs,
  '1h': 60 * minuteMs,
  '4h': 240 * minuteMs,
  '1d': 1440 * minuteMs,
  '1w': 10_080 * minuteMs,
} as const;

/** The name of an interval. */
export type CandleInterval = keyof typeof candleIntervals;

/** True for the name of an interval. */
export function isCandleInterval(name: unknown): name is CandleInterval {
  return typeof name === 'string' && Object.hasOwn(candleIntervals, name);
}

/** The candles of one market. */
export class Candles {
  readonly #history: MarketHistory;
  readonly #minutes: BoundedCache<number, Candle | null>;

  constructor(history: MarketHistory) {
    this.#history = history;
    this.#minutes = new BoundedCache(minutesMax, (start) =>
      this.#trade(start, start + minuteMs - 1),
    );
  }

  /** The candle that opens at a time; only what was traded up to `untilMs` is in it. */
  at(openMs: number, interval: CandleInterval, untilMs: number): Candle | null {
    let candle: Candle | null = null;
    const end = Math.min(openMs + candleIntervals[interval], untilMs + 1);
    for (let start = openMs; start < end; start += minuteMs) {
      const isWhole = start + minuteMs <= end;
      const minute = isWhole ? this.#minutes.get(start) : this.#trade(start, end - 1);
      candle = joined(candle, minute);
    }
    return candle;
  }

  #trade(fromMs: number, toMs: number): Candle | null {
    let candle: Candle | null = null;
    for (const { order, lots } of this.#history.fills(fromMs, toMs)) {
      const { ticks } = order;
      const trade = { openTicks: ticks, highTicks: ticks, lowTicks: ticks, closeTicks: ticks };
      candle = joined(candle, { ...trade, lots, quote: ticks * lots, trades: 1 });
    }
    return candle;
  }
}

function joined(before: Candle | null, after: Candle | null): Candle | null {
  if (before === null || after === null) return before ?? after;
  return {
    openTicks: before.openTicks,
    highTicks: Math.max(before.highTicks, after.highTicks),
    lowTicks: Math.min(before.lowTicks, after.lowTicks),
    closeTicks: after.closeTicks,
    lots: before.lots + after.lots,
    quote: before.quote + after.quote,
    trades: before.trades + after.trades,
  };
}
