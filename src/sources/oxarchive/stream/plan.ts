/** Which channels the wanted datasets need, and how the subscriptions are spread over sockets. */
import { FatalError } from '../../../model/errors.ts';
import { bookChannelKind, marketsOf, type OxarchiveConfig, venueOf } from '../config.ts';
import { type ChannelKind, channelOf, type VenueChannel } from '../markets.ts';
import type { OxarchiveDataset } from '../messages.ts';
import type { Subscription } from './subscriptions.ts';

/** What goes over one socket. */
export interface SocketPlan {
  readonly url: string;
  readonly subscriptions: readonly Subscription[];
}

/** The channels that a dataset is read from live, by their kind. */
function kindsOf(dataset: OxarchiveDataset, { bookDepth }: OxarchiveConfig): ChannelKind[] {
  switch (dataset) {
    case 'trades':
    case 'liquidations':
      return [dataset];
    case 'book_snapshots':
    case 'book_deltas':
    case 'book_tops':
      return [bookChannelKind(bookDepth)];
    // Funding comes with it: the two channels carry the same message (reference section 4.7).
    case 'funding':
    case 'open_interest':
    case 'market_contexts':
      return ['open_interest'];
    case 'order_diffs':
    case 'order_snapshots':
      return ['l4_diffs'];
    case 'orders':
      return ['l4_orders'];
    case 'tickers':
      return ['ticker'];
    case 'mempool':
      return ['mempool'];
    // Candles have no live feed; settlements come with any channel of the market.
    case 'candles':
    case 'settlements':
      return [];
  }
}

/**
 * The live channels of these datasets, books first: what is rebuilt from a snapshot takes longest.
 * A channel that the venue does not have, or that is silent, is left out.
 */
export function liveChannels(
  config: OxarchiveConfig,
  datasets: readonly OxarchiveDataset[],
): readonly VenueChannel[] {
  const kinds = new Set(datasets.flatMap((dataset) => kindsOf(dataset, config)));
  return [...kinds].flatMap((kind) => {
    const channel = channelOf(venueOf(config), kind);
    const isHere = channel?.streamHost !== 'only' || config.streamWs !== null;
    return channel?.live === 'yes' && isHere ? [channel] : [];
  });
}

/**
 * One entry per socket. Throws `source.plan_limit` for more subscriptions than the plan has, before
 * anything is sent.
 */
export function socketPlan(
  config: OxarchiveConfig,
  datasets: readonly OxarchiveDataset[],
  isLeftOut: (subscription: Subscription) => boolean,
): readonly SocketPlan[] {
  const byUrl = new Map<string, Subscription[]>();
  for (const channel of liveChannels(config, datasets)) {
    const isStreamed = config.streamWs !== null && channel.streamHost !== 'no';
    const url = isStreamed && config.streamWs !== null ? config.streamWs : config.ws;
    const wanted = subscriptionsOf(channel, config).filter((each) => !isLeftOut(each));
    byUrl.set(url, [...(byUrl.get(url) ?? []), ...wanted]);
  }
  const total = [...byUrl.values()].reduce((sum, { length }) => sum + length, 0);
  if (total > config.subscriptionsMax) throw tooMany(total, config.subscriptionsMax);
  const perSocket = config.subscriptionsPerSocketMax;
  return [...byUrl].flatMap(([url, subscriptions]) =>
    Array.from({ length: Math.ceil(subscriptions.length / perSocket) }, (_, index) => ({
      url,
      subscriptions: subscriptions.slice(index * perSocket, (index + 1) * perSocket),
    })),
  );
}

function subscriptionsOf(channel: VenueChannel, config: OxarchiveConfig): Subscription[] {
  const { name, kind, venue } = channel;
  const isPaced = kind === 'orderbook' && (venue === 'lighter' || venue === 'rh_lighter');
  const pace =
    isPaced && config.bookIntervalMs !== null ? { intervalMs: config.bookIntervalMs } : {};
  return marketsOf(config).map(({ symbol }) => ({ channel: name, symbol, ...pace }));
}

function tooMany(wanted: number, allowed: number): FatalError {
  return new FatalError('source.plan_limit', {
    stage: 'sources',
    message: `The markets and datasets of this source need ${wanted} subscriptions, subscriptionsMax is ${allowed}. Name fewer markets or datasets, or raise subscriptionsMax if the plan has more.`,
    context: { wanted, allowed },
  });
}
