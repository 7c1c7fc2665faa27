/** What a venue tells of a market beside its book and trades: open interest, funding, day figures. */
import { decimalText, type Market } from '../market.ts';
import { venues } from '../venues.ts';
import { blockAt, blockMs } from './block-time.ts';
import type { MarketHistory } from './market-history.ts';
import { ValuePath } from './value-path.ts';

/** All values as the live feed has them: decimal text, or null. */
export interface MarketContext {
  readonly openInterest: string;
  readonly funding: string | null;
  readonly premium: string | null;
  readonly markPx: string;
  readonly oraclePx: string;
  readonly midPx: string;
  readonly dayNtlVlm: string;
  readonly dayBaseVlm: string;
  readonly prevDayPx: string;
  readonly impactPxs: readonly string[] | null;
}

/** Between two live contexts. */
export const contextMs = 1000;

const blocksOfDay = (24 * 3600 * 1000) / blockMs;
const rateDecimals = 7;
const rateZero = 1000;

/** The contexts of one market. */
export class Contexts {
  readonly #history: MarketHistory;
  readonly #interest: ValuePath;
  readonly #rate: ValuePath;

  constructor(history: MarketHistory) {
    this.#history = history;
    this.#interest = new ValuePath(`${history.seed}/interest`, 41_200_055);
    this.#rate = new ValuePath(`${history.seed}/rate`, rateZero + 125);
  }

  /** The context at a time; it changes with each second. */
  at(timeMs: number): MarketContext {
    const { market, path } = this.#history;
    const block = blockAt(Math.floor(timeMs / contextMs) * contextMs);
    const ticks = Math.round(path.at(block));
    const interest = Math.round(this.#interest.at(block));
    const rate = Math.round(this.#rate.at(block)) - rateZero;
    const price = (units: number): string => decimalText(Math.max(units, 1), market.priceDecimals);
    return {
      openInterest: decimalText(interest, 2),
      funding: market.isPerpetual ? decimalText(rate, rateDecimals) : null,
      premium: market.isPerpetual ? decimalText(rate * 2 + 1, rateDecimals) : null,
      markPx: price(ticks),
      oraclePx: price(ticks - 1),
      midPx: decimalText(Math.floor(path.at(block)) * 10 + 5, market.priceDecimals + 1),
      dayNtlVlm: decimalText(9_100_000_001 + (interest % 10_000), 1),
      dayBaseVlm: decimalText(3_639_002 + (interest % 1000), 1),
      prevDayPx: price(Math.round(path.at(block - blocksOfDay))),
      impactPxs: impactOf(market, ticks),
    };
  }
}

function impactOf(market: Market, ticks: number): readonly string[] | null {
  if (venues[market.venue].isLighter) return null;
  return [ticks - 3, ticks + 3].map((units) =>
    decimalText(Math.max(units, 1), market.priceDecimals),
  );
}
