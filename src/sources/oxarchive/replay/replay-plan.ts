/** Which replays tell the history of a market: what one request can have, and what none has. */
import { bookDatasets } from '../books/book-rows.ts';
import { bookChannelKind, type OxarchiveConfig, venueOf } from '../config.ts';
import { type ChannelKind, channelOf, type Market, type VenueChannel } from '../markets.ts';
import type { OxarchiveDataset } from '../messages.ts';

/** One `replay` command of a market, without its times. */
export interface ReplayPlan {
  readonly market: Market;
  /** Several only where all are timed. */
  readonly channels: readonly VenueChannel[];
  /** Of candles, which say nothing of it. */
  readonly interval: string | null;
  /** Of Lighter's books, where they are to be told more often than once a minute. */
  readonly granularity: string | null;
}

/** What can be replayed, and the datasets of which the venue replays nothing. */
export interface HistoryPlan {
  readonly replays: readonly ReplayPlan[];
  readonly lacking: readonly OxarchiveDataset[];
}

const channelOfDataset: Readonly<Partial<Record<OxarchiveDataset, ChannelKind>>> = {
  trades: 'trades',
  liquidations: 'liquidations',
  funding: 'funding',
  open_interest: 'open_interest',
  order_diffs: 'l4_diffs',
  // Of Lighter alone; elsewhere the orders come with the diffs, and no replay tells them by time.
  order_snapshots: 'l3_orderbook',
  orders: 'l4_orders',
};

const plain = { interval: null, granularity: null };

/** Timed channels of a market share a replay, so that their rows come in the order of time. */
export function historyPlan(
  config: OxarchiveConfig,
  datasets: readonly OxarchiveDataset[],
  markets: readonly Market[],
): HistoryPlan {
  const venue = venueOf(config);
  const books = new Set<OxarchiveDataset>(bookDatasets);
  const replayed = (kind: ChannelKind | undefined) => {
    const channel = kind === undefined ? undefined : channelOf(venue, kind);
    return channel?.replay === 'no' ? undefined : channel;
  };
  // Changes at full depth tell no time when they are replayed, and the best levels are another book.
  const bookKind = config.bookDepth === 'top' ? bookChannelKind('top') : undefined;
  const kindOf = (dataset: OxarchiveDataset) =>
    books.has(dataset) ? bookKind : channelOfDataset[dataset];
  const channels = new Set(datasets.flatMap((dataset) => replayed(kindOf(dataset)) ?? []));
  const { replayGranularity } = config;
  const hasFine = venue === 'lighter' && replayGranularity !== 'checkpoint';
  // Whether others may share a replay with such books is not documented.
  const isFine = ({ kind }: VenueChannel) => hasFine && kind === 'orderbook';
  const timed = [...channels].filter((each) => each.replay === 'timed' && !isFine(each));
  const bulk = [...channels].filter(({ replay }) => replay === 'bulk');
  const candles = datasets.includes('candles') ? replayed('candles') : undefined;
  const intervals = candles === undefined ? [] : config.candleIntervals;
  const replays = markets.flatMap((market): ReplayPlan[] => [
    ...(timed.length === 0 ? [] : [{ ...plain, market, channels: timed }]),
    ...[...channels].filter(isFine).map((channel) => {
      return { ...plain, market, channels: [channel], granularity: replayGranularity };
    }),
    ...bulk.map((channel) => ({ ...plain, market, channels: [channel] })),
    ...intervals.flatMap((interval) =>
      candles === undefined ? [] : { ...plain, market, channels: [candles], interval },
    ),
  ]);
  const lacking = datasets.filter((dataset) =>
    dataset === 'candles' ? candles === undefined : replayed(kindOf(dataset)) === undefined,
  );
  return { replays, lacking };
}
