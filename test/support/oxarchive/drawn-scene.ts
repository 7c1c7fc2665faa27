/** A venue, what is asked of it and how it tells it, drawn by a seed: every venue in turn. */
import type { MarketSpec } from '../../../src/devnet/oxarchive/market.ts';
import type { Profile } from '../../../src/devnet/oxarchive/profile.ts';
import { SeededRandom } from '../../../src/devnet/traffic/seeded-random.ts';
import { bookChannelKind } from '../../../src/sources/oxarchive/config.ts';
import { channelOf, type Venue, venues } from '../../../src/sources/oxarchive/markets.ts';

/** See `drawScene`. */
export interface DrawnScene {
  readonly venue: Venue;
  readonly symbols: readonly string[];
  readonly markets: readonly MarketSpec[];
  readonly datasets: ReadonlySet<string>;
  readonly hasBooks: boolean;
  readonly delivery: 'exactly_once' | 'low_latency';
  readonly profile: Partial<Profile>;
  readonly config: {
    readonly markets: readonly string[];
    readonly bookDepth: 'top' | 'full' | 'orders';
    readonly backfill: 'rest' | 'replay';
  };
}

const symbolsOf: Readonly<Record<Venue, readonly string[]>> = {
  hyperliquid: ['BTC', 'kPEPE'],
  hip3: ['xyz:SP500'],
  hip4: ['#520', '#521'],
  spot: ['HYPE-USDC'],
  lighter: ['BTC', 'ETH'],
  rh_lighter: ['AAPL-USDG'],
};

/** Longer holes of the archive are told by a replay. */
export const tradeGapMs = 10_000;

/** Numbers of venues are what they are; the markets are busy enough for a short life. */
const spec = { price: '241.35', size: '25.0000', activity: 1 };

/** The same for the same seed. Six seeds in a row are six venues. */
export function drawScene(seed: number): DrawnScene {
  const random = new SeededRandom(`market scene ${seed}`);
  const venue = venues[seed % venues.length] ?? 'hyperliquid';
  const symbols = symbolsOf[venue];
  const depths = (['top', 'full', 'orders'] as const).filter(
    (depth) => channelOf(venue, bookChannelKind(depth)) !== undefined,
  );
  const bookDepth = random.pick(depths);
  const hasBooks = channelOf(venue, bookChannelKind(bookDepth))?.live === 'yes';
  const books = hasBooks ? ['book_snapshots', 'book_deltas', 'book_tops'] : [];
  const liquidations = channelOf(venue, 'liquidations') === undefined ? [] : ['liquidations'];
  return {
    venue,
    symbols,
    markets: symbols.map((symbol) => ({ venue, symbol, ...spec })),
    datasets: new Set(['trades', ...liquidations, ...books]),
    hasBooks,
    delivery: random.pick(['exactly_once', 'low_latency'] as const),
    profile: {
      archiveLagMs: 500,
      tradeRows: random.pick(['pair', 'legs'] as const),
      userOrder: random.pick(['maker-taker', 'buyer-seller'] as const),
      archivedCase: random.pick(['camel', 'snake'] as const),
      archivedTrades: random.pick(['object', 'array'] as const),
      snapshotOrders: random.pick(['tuple', 'flat'] as const),
      hasSeq: random.chance(0.8),
      // Final while the life lasts, and before a frame that is held comes.
      finalityLagMs: 4_000,
      tradeGapMs,
    },
    config: {
      markets: symbols.map((symbol) => `${venue}:${symbol}`),
      bookDepth,
      backfill: random.pick(['rest', 'replay'] as const),
    },
  };
}
