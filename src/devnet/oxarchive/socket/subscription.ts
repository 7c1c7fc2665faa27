/** One subscription of one connection: a channel, its market if it has one, and its own cadence. */
import type { Channel } from '../channels.ts';
import type { Listing } from '../exchange.ts';
import type { Outlet } from './outlet.ts';

/** A subscription. */
export interface Subscription {
  readonly outlet: Outlet;
  readonly channel: Channel;
  /** null: all markets of the venue. */
  readonly listing: Listing | null;
  /** Between two books of Lighter. */
  readonly intervalMs: number;
  /** False until it was acknowledged: nothing is sent before. */
  isActive: boolean;
  /** When the next book of Lighter may come, and what the last one said. */
  nextBookMs: number;
  lastBook: string;
  /** Ends it without a word. */
  end(): void;
}

/** What a subscription is known by on its connection. */
export function subscriptionName(channel: string, symbol: string | null): string {
  return `${channel}|${symbol ?? ''}`;
}

/** The symbol of a subscription as the server writes it. */
export function symbolOfSubscription({ listing }: Pick<Subscription, 'listing'>): string | null {
  return listing?.market.symbol ?? null;
}
