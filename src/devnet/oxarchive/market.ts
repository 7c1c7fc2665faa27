/** Markets: one symbol of one venue, its number formats and how busy it is. */
import type { Venue } from './venues.ts';

/** What to simulate of one symbol. */
export interface MarketSpec {
  readonly venue: Venue;
  readonly symbol: string;
  /** About the price it moves around; its decimals are those of every price. */
  readonly price: string;
  /** About the largest size of an order; its decimals are those of every size. */
  readonly size: string;
  /** 1: some six orders and one trade a second. Default 1; at most 10. */
  readonly activity?: number;
  /** A perpetual has liquidations and funding. Default: all but `hip4`, `spot` and symbols with `-`. */
  readonly isPerpetual?: boolean;
}

/** A market with its numbers as units: a price of 2501.1 with one decimal is 25011 ticks. */
export interface Market {
  readonly venue: Venue;
  readonly symbol: string;
  readonly baseTicks: number;
  readonly priceDecimals: number;
  readonly lotsMax: number;
  readonly sizeDecimals: number;
  readonly activity: number;
  readonly isPerpetual: boolean;
}

const activityMax = 10;

/** A few markets of every venue. */
export const defaultMarkets: readonly MarketSpec[] = [
  { venue: 'hyperliquid', symbol: 'BTC', price: '64210.5', size: '2.00000' },
  { venue: 'hyperliquid', symbol: 'ETH', price: '2501.1', size: '40.0000' },
  { venue: 'hyperliquid', symbol: 'kPEPE', price: '0.0045670', size: '900000' },
  { venue: 'hip3', symbol: 'xyz:SP500', price: '6012.25', size: '3.000' },
  { venue: 'hip4', symbol: '#520', price: '0.55000', size: '1500', activity: 0.03 },
  { venue: 'spot', symbol: 'HYPE-USDC', price: '38.4021', size: '12.00000000' },
  { venue: 'lighter', symbol: 'BTC', price: '64210.4', size: '0.90000' },
  { venue: 'rh_lighter', symbol: 'BTC', price: '64209.9', size: '0.50000' },
  { venue: 'rh_lighter', symbol: 'AAPL-USDG', price: '241.35', size: '25.0000', activity: 0.3 },
];

/** Throws a `RangeError` when a number of the market cannot be used. */
export function marketOf(spec: MarketSpec): Market {
  const { venue, symbol, activity = 1 } = spec;
  const price = unitsOf(spec.price);
  const size = unitsOf(spec.size);
  if (!(activity > 0 && activity <= activityMax)) {
    throw new RangeError(
      `The activity of ${symbol} is ${activity}, expected up to ${activityMax}.`,
    );
  }
  const isOther = venue === 'hip4' || venue === 'spot' || symbol.includes('-');
  return {
    venue,
    symbol,
    baseTicks: price.units,
    priceDecimals: price.decimals,
    lotsMax: size.units,
    sizeDecimals: size.decimals,
    activity,
    isPerpetual: spec.isPerpetual ?? !isOther,
  };
}

/** The number of outcome and side behind a HIP-4 symbol `#N`. */
export function outcomeOf(symbol: string): { readonly outcomeId: number; readonly side: number } {
  const number = Number(symbol.slice(1));
  return { outcomeId: Math.floor(number / 10), side: number % 10 };
}

/** Units as plain decimal text with all decimals, as the venue writes it. */
export function decimalText(units: number, decimals: number): string {
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  const sign = units < 0 ? '-' : '';
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

function unitsOf(text: string): { readonly units: number; readonly decimals: number } {
  const [whole = '', fraction = ''] = text.split('.');
  const units = Number(whole + fraction);
  if (!Number.isSafeInteger(units) || units <= 0) {
    throw new RangeError(`${JSON.stringify(text)} is no positive decimal number.`);
  }
  return { units, decimals: fraction.length };
}
