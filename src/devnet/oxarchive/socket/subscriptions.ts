/** The subscriptions of one connection: checked in the order in which the server refuses. */
import type { Clock } from '../../../model/runtime.ts';
import { waitOut } from '../../simulator/faults.ts';
import type { Item } from '../../simulator/json.ts';
import type { Plan } from '../access.ts';
import type { Channel } from '../channels.ts';
import type { Exchange, Listing } from '../exchange.ts';
import { exhausted, Failure, simulatedFailure } from '../failure.ts';
import type { Faults } from '../faults.ts';
import { ackFrame } from './frames.ts';
import type { LiveFeed } from './live-feed.ts';
import type { Outlet } from './outlet.ts';
import { channelNamed, intervalOf, listingNamed, symbolOf, unknownSymbol } from './requests.ts';
import { SlidingLimit } from './sliding-limit.ts';
import { type Subscription, subscriptionName, symbolOfSubscription } from './subscription.ts';

/** Which of the two hosts a socket was opened on. */
export type Host = 'api' | 'stream';

/** What the subscriptions of a connection need. */
export interface SubscriptionsOptions {
  readonly plan: Plan;
  readonly host: Host;
  readonly exchange: Exchange;
  readonly feed: LiveFeed;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly outlet: Outlet;
  /** The version as acknowledgements tell it now. */
  version(): string | undefined;
}

const subscribesPerSecond = 10;
const bookIntervalDefaultMs = 1000;

/** The subscriptions of a connection. */
export class Subscriptions {
  readonly #options: SubscriptionsOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #limit: SlidingLimit;

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
    this.#limit = new SlidingLimit(subscribesPerSecond, options.clock);
  }

  /** As `channel symbol`. */
  get names(): readonly string[] {
    return [...this.#subscriptions.values()].map((one) => {
      const symbol = symbolOfSubscription(one);
      return symbol === null ? one.channel.name : `${one.channel.name} ${symbol}`;
    });
  }

  /** Acknowledges, then sends what comes first. Rejects with a `Failure`. */
  async subscribe(frame: Item): Promise<void> {
    const { faults, feed, outlet, version } = this.#options;
    if (!this.#limit.allows()) {
      throw new Failure('rate_limited', 'Subscription rate limit exceeded');
    }
    const channel = channelNamed(frame['channel']);
    this.#checkChannel(channel);
    const listing = this.#listingOf(channel, frame);
    if (listing?.closedAfterMs !== undefined) throw unknownSymbol(channel, frame);
    const intervalMs = intervalOf(channel, frame) ?? bookIntervalDefaultMs;
    const symbol = symbolOfSubscription({ listing });
    this.#checkPlan(channel, symbol);
    const place = { channel: channel.name, symbol: symbol ?? '' };
    this.#strike(place);
    const subscription = this.#add(channel, listing, intervalMs);
    if (faults.take('data-before-ack', place) !== undefined) feed.sendFirst(subscription);
    const late = faults.take('ack-late', place);
    if (late !== undefined) await waitOut(late);
    if (faults.take('ack-never', place) !== undefined) return;
    outlet.sendItem(ackFrame('subscribed', [channel.name, symbol], version()));
    subscription.isActive = true;
    feed.sendFirst(subscription);
  }

  /** Acknowledges whether it was subscribed or not. Throws a `Failure`. */
  unsubscribe(frame: Item): void {
    const channel = channelNamed(frame['channel']);
    const symbol = symbolOfSubscription({ listing: this.#listingOf(channel, frame) });
    this.#subscriptions.get(subscriptionName(channel.name, symbol))?.end();
    this.#options.outlet.sendItem(ackFrame('unsubscribed', [channel.name, symbol]));
  }

  /** Ends those of one market; true when there were any. */
  endMarket(listing: Listing): boolean {
    const ended = [...this.#subscriptions.values()].filter((one) => one.listing === listing);
    for (const subscription of ended) subscription.end();
    return ended.length > 0;
  }

  endAll(): void {
    for (const subscription of [...this.#subscriptions.values()]) subscription.end();
  }

  /** Takes the place of an earlier one to the same. */
  #add(channel: Channel, listing: Listing | null, intervalMs: number): Subscription {
    const { feed, outlet } = this.#options;
    const name = subscriptionName(channel.name, symbolOfSubscription({ listing }));
    this.#subscriptions.get(name)?.end();
    const subscription: Subscription = {
      ...{ outlet, channel, listing, intervalMs },
      ...{ isActive: false, nextBookMs: 0, lastBook: '' },
      end: () => {
        this.#subscriptions.delete(name);
        feed.remove(subscription);
      },
    };
    this.#subscriptions.set(name, subscription);
    feed.add(subscription);
    return subscription;
  }

  #strike(place: { readonly channel: string; readonly symbol: string }): void {
    const { faults } = this.#options;
    if (faults.take('credits-exhausted') !== undefined) throw exhausted();
    const failing = faults.take('ack-error', place);
    if (failing === undefined) return;
    throw simulatedFailure(failing.request.text, `${place.channel} is not available now.`);
  }

  #checkChannel({ name, host, live }: Channel): void {
    const isStreamHost = this.#options.host === 'stream';
    const api = 'wss://api.0xarchive.io/ws';
    if (isStreamHost && host === 'api') {
      throw new Failure('endpoint_unsupported', `Channel ${name} is served by ${api}.`);
    }
    if (!isStreamHost && host === 'stream') {
      throw new Failure('endpoint_unsupported', `Channel ${name} is not served by ${api}.`);
    }
    if (live === 'no') {
      const message = `Channel ${name} has no live feed for this venue; use replay.`;
      throw new Failure('unsupported_for_venue', message);
    }
  }

  #listingOf(channel: Channel, frame: Item): Listing | null {
    const { exchange } = this.#options;
    const symbol = symbolOf(frame) ?? undefined;
    if (channel.kind === 'mempool' && symbol === undefined) return null;
    if (channel.kind !== 'all_tickers') return listingNamed(exchange, channel, frame);
    if (symbol === undefined) return null;
    throw new Failure('invalid_parameter', `Channel ${channel.name} takes no symbol.`);
  }

  #checkPlan({ name, kind }: Channel, symbol: string | null): void {
    const { plan } = this.#options;
    if (kind === 'mempool' && !plan.hasMempool) {
      throw new Failure('forbidden', 'Channel mempool needs the Pro plan.');
    }
    const isKnown = this.#subscriptions.has(subscriptionName(name, symbol));
    if (isKnown || this.#subscriptions.size < plan.subscriptionsMax) return;
    const message = `The ${plan.name} plan has ${plan.subscriptionsMax} subscriptions.`;
    throw new Failure('forbidden', message);
  }
}
