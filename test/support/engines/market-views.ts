/** What the simulated venues themselves say of trades and books, as the views that the examples print. */
import type { OxarchiveSimulator, TrueLevel } from '../../../src/devnet/oxarchive/simulator.ts';
import { canonicalDecimal } from '../../../src/sources/decimal.ts';
import type { Venue } from '../../../src/sources/oxarchive/markets.ts';
import type { Truth } from './reader.ts';

/** A market as the examples read it. */
export interface ReadMarket {
  readonly venue: Venue;
  readonly symbol: string;
  readonly delivery: 'exactly_once' | 'low_latency';
}

/** Trades since when, and the books that are not to be trusted now. */
export interface MarketMoment {
  readonly fromMs: number;
  readonly unsafe: readonly ReadMarket[];
}

/**
 * The views of these markets now. `minutes`: count, volume, turnover, least and greatest price. `volumes`:
 * count, volume. `tops`: best bid and ask with their quantities. `depths`: levels and quantity of the bids.
 * `books`: the best 20 levels a side.
 */
export function viewsOfVenues(
  simulator: OxarchiveSimulator,
  markets: readonly ReadMarket[],
  { fromMs, unsafe }: MarketMoment,
): Truth {
  const at = simulator.nowMs;
  const trades = markets.flatMap(({ venue, symbol }) =>
    simulator
      .trades(venue, symbol, fromMs, at)
      .filter(({ side }) => side === 'B')
      .map((leg) => ({ market: `${venue} ${symbol}`, ...leg })),
  );
  const trusted = markets
    .filter((market) => !unsafe.includes(market))
    .map(({ venue, symbol, delivery }) => {
      const { bids, asks } = simulator.bookAt(venue, symbol, bookSentMs(simulator, venue, symbol));
      return { key: `${venue} ${symbol}`, venue, delivery, bids, asks };
    });
  const ofLowLatency = markets
    .filter(({ delivery }) => delivery === 'low_latency')
    .map(({ venue, symbol }) => `${venue} ${symbol}`);
  return {
    views: {
      minutes: grouped(trades, ({ market, time }) => `${market} ${minuteOf(time)}`, candle),
      volumes: grouped(trades, ({ market }) => market, volume),
      'volumes of low_latency': grouped(
        trades.filter(({ market }) => ofLowLatency.includes(market)),
        ({ market }) => market,
        volume,
      ),
      'volumes of exactly_once': grouped(
        trades.filter(({ market }) => !ofLowLatency.includes(market)),
        ({ market }) => market,
        volume,
      ),
      tops: new Map(trusted.map(({ key, bids, asks }) => [key, topText(bids[0], asks[0])])),
      depths: new Map(
        trusted
          .filter(({ venue }) => venue === 'lighter')
          .map(({ key, bids }) => [key, `${bids.length} ${sum(bids.map(({ sz }) => sz))}`]),
      ),
      books: new Map(
        trusted
          .filter(({ delivery }) => delivery === 'low_latency')
          .map(({ key, bids, asks }) => [key, `${sideText(bids)}|${sideText(asks)}`]),
      ),
    },
    isUnknown: () => false,
  };
}

/** Books are not sent with every change: when the newest of this market was. */
function bookSentMs(simulator: OxarchiveSimulator, venue: Venue, symbol: string): number {
  const channel = venue === 'lighter' ? 'lighter_orderbook' : 'orderbook';
  const head = `{"type":"data","channel":"${channel}","coin":"${symbol}",`;
  const frame = simulator.sent().findLast(({ text }) => text.startsWith(head));
  if (frame === undefined) throw new Error(`No book of ${venue} ${symbol} was sent.`);
  return frame.atMs;
}

interface Trade {
  readonly market: string;
  readonly time: number;
  readonly px: string;
  readonly sz: string;
}

function grouped(
  trades: readonly Trade[],
  keyOf: (trade: Trade) => string,
  textOf: (some: readonly Trade[]) => string,
): ReadonlyMap<string, string> {
  const groups = new Map<string, Trade[]>();
  for (const trade of trades) {
    groups.set(keyOf(trade), [...(groups.get(keyOf(trade)) ?? []), trade]);
  }
  return new Map([...groups].map(([key, some]) => [key, textOf(some)]));
}

function minuteOf(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 16)}:00Z`;
}

function volume(trades: readonly Trade[]): string {
  return `${trades.length} ${sum(trades.map(({ sz }) => sz))}`;
}

function candle(trades: readonly Trade[]): string {
  const prices = trades.map(({ px }) => units(px)).sort((a, b) => (a < b ? -1 : 1));
  const turnover = trades.reduce((all, { px, sz }) => all + units(px) * units(sz), 0n);
  const [low = 0n, high = low] = [prices[0], prices.at(-1)];
  return [volume(trades), text(turnover, 36), text(low, 18), text(high, 18)].join(' ');
}

function topText(bid?: TrueLevel, ask?: TrueLevel): string {
  return [bid?.px, bid?.sz, ask?.px, ask?.sz].map((each) => canonicalDecimal(each) ?? '').join(' ');
}

function sideText(levels: readonly TrueLevel[]): string {
  return levels.map(({ px, sz }) => `${canonicalDecimal(px)}:${canonicalDecimal(sz)}`).join();
}

function sum(numbers: readonly string[]): string {
  return text(
    numbers.reduce((all, each) => all + units(each), 0n),
    18,
  );
}

/** Of 10^-18. */
function units(number: string): bigint {
  const [whole = '', fraction = ''] = (canonicalDecimal(number) ?? '').split('.');
  return BigInt(whole + fraction.padEnd(18, '0'));
}

function text(value: bigint, scale: number): string {
  const digits = value.toString().padStart(scale + 1, '0');
  return canonicalDecimal(`${digits.slice(0, -scale)}.${digits.slice(-scale)}`) ?? '';
}
