/** Candles as archived rows and as rows of REST; both have numbers unless the profile says text. */
import type { Item } from '../../simulator/json.ts';
import type { Candle } from '../history/candles.ts';
import { decimalText, type Market } from '../market.ts';
import type { Profile } from '../profile.ts';
import { camelCase, restTime } from './casing.ts';

/** The `data` of an archived candle. */
export function archivedCandleRow(
  market: Market,
  candle: Candle,
  { openMs, profile }: { readonly openMs: number; readonly profile: Profile },
): Item {
  const figures = figuresOf(market, candle, profile);
  const row = { coin: market.symbol, timestamp: openMs, ...figures };
  return profile.archivedCase === 'camel' ? camelCase(row) : row;
}

/** A row of REST. */
export function restCandleRow(
  market: Market,
  candle: Candle,
  { openMs, profile }: { readonly openMs: number; readonly profile: Profile },
): Item {
  return { ...restTime(openMs), ...figuresOf(market, candle, profile) };
}

function figuresOf(market: Market, candle: Candle, { candleFigures }: Profile): Item {
  const { priceDecimals, sizeDecimals } = market;
  const figure = (text: string): number | string =>
    candleFigures === 'number' ? Number(text) : text;
  const price = (ticks: number): number | string => figure(decimalText(ticks, priceDecimals));
  return {
    open: price(candle.openTicks),
    high: price(candle.highTicks),
    low: price(candle.lowTicks),
    close: price(candle.closeTicks),
    volume: figure(decimalText(candle.lots, sizeDecimals)),
    quote_volume: figure((candle.quote / 10 ** (priceDecimals + sizeDecimals)).toFixed(4)),
    trade_count: candle.trades,
  };
}
