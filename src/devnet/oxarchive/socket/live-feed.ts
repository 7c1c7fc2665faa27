/** The live feed: carries what the markets do, block by block, to whoever subscribed. */
import type { Item } from '../../simulator/json.ts';
import { isBulk, snapshotFrame } from '../bulk-rows.ts';
import type { Exchange, Listing } from '../exchange.ts';
import { blockAt, blockTimeMs } from '../history/block-time.ts';
import { contextMs } from '../history/context.ts';
import { venues } from '../venues.ts';
import type { FrameWriter } from './frame-writer.ts';
import { dataFrame } from './frames.ts';
import { bookFrame, contextFrame, liveFrame, tickerRow } from './live-frames.ts';
import { mempoolRows } from './mempool.ts';
import { type Subscription, subscriptionName, symbolOfSubscription } from './subscription.ts';

/** Subscriptions to the same channel of the same market. */
interface Audience {
  readonly first: Subscription;
  readonly subscriptions: Set<Subscription>;
}

/** The feed of all connections. */
export class LiveFeed {
  readonly #exchange: Exchange;
  readonly #writer: FrameWriter;
  readonly #audiences = new Map<string, Audience>();

  constructor(exchange: Exchange, writer: FrameWriter) {
    this.#exchange = exchange;
    this.#writer = writer;
  }

  /** Nothing is sent to it until it is active. */
  add(subscription: Subscription): void {
    const name = audienceName(subscription);
    const audience = this.#audiences.get(name);
    if (audience !== undefined) audience.subscriptions.add(subscription);
    else this.#audiences.set(name, { first: subscription, subscriptions: new Set([subscription]) });
  }

  remove(subscription: Subscription): void {
    const name = audienceName(subscription);
    const audience = this.#audiences.get(name);
    audience?.subscriptions.delete(subscription);
    if (audience?.subscriptions.size === 0) this.#audiences.delete(name);
  }

  /** Sends what a subscription gets first: a book of Lighter, a context, a snapshot, or nothing. */
  sendFirst(subscription: Subscription): void {
    const frame = this.#firstFrame(subscription);
    if (frame === undefined) return;
    const text = JSON.stringify(frame);
    subscription.lastBook = levelsOf(text);
    subscription.nextBookMs = this.#exchange.nowMs + subscription.intervalMs;
    this.#writer.write(subscription, frame, text);
  }

  #firstFrame({ channel, listing }: Subscription): Item | undefined {
    const { nowMs, profile } = this.#exchange;
    if (listing === null || channel.live !== 'yes') return undefined;
    const block = blockAt(nowMs);
    if (isBulk(channel)) return snapshotFrame(channel, listing, { block, profile });
    if (channel.kind === 'funding' || channel.kind === 'open_interest') {
      return contextFrame(channel, listing, nowMs);
    }
    const isLighterBook = channel.kind === 'orderbook' && venues[channel.venue].isLighter;
    return isLighterBook ? bookFrame(channel, listing, block) : undefined;
  }

  /** Sends what happens in a block; blocks come in order, each once. */
  send(block: number): void {
    for (const { first, subscriptions } of [...this.#audiences.values()]) {
      if (first.channel.live !== 'yes') continue;
      const { listing, channel } = first;
      if (listing?.closedAfterMs !== undefined) continue;
      const isLighterBook = channel.kind === 'orderbook' && venues[channel.venue].isLighter;
      if (isLighterBook && listing !== null) this.#sendBooks(listing, subscriptions, block);
      else this.#sendFrame(this.#frame(first, block), subscriptions);
    }
  }

  #frame(subscription: Subscription, block: number): Item | undefined {
    const { channel, listing } = subscription;
    const { profile, listings, seed } = this.#exchange;
    if (listing !== null && channel.kind !== 'mempool') {
      return liveFrame(channel, listing, { block, profile });
    }
    const timeMs = blockTimeMs(block);
    const symbol = symbolOfSubscription(subscription);
    if (channel.kind === 'mempool') {
      const rows = mempoolRows(seed, listings, { timeMs, symbol });
      return rows.length === 0 ? undefined : dataFrame(channel.name, symbol, rows);
    }
    if (timeMs % contextMs !== 0) return undefined;
    const here = listings.filter(({ market }) => market.venue === channel.venue);
    const rows = here.map((one) => tickerRow(one, timeMs));
    return { type: 'data', channel: channel.name, data: rows };
  }

  /** The newest book, as often as each subscription wants it, when it says something else. */
  #sendBooks(listing: Listing, subscriptions: ReadonlySet<Subscription>, block: number): void {
    const timeMs = blockTimeMs(block);
    const due = [...subscriptions].filter(
      (one) => one.isActive && one.nextBookMs <= timeMs && !one.outlet.isBehind,
    );
    const [first] = due;
    if (first === undefined) return;
    const frame = bookFrame(first.channel, listing, block);
    const text = JSON.stringify(frame);
    const levels = levelsOf(text);
    for (const subscription of due) {
      if (subscription.lastBook === levels) continue;
      subscription.lastBook = levels;
      subscription.nextBookMs = timeMs + subscription.intervalMs;
      this.#writer.write(subscription, frame, text);
    }
  }

  #sendFrame(frame: Item | undefined, subscriptions: ReadonlySet<Subscription>): void {
    if (frame === undefined) return;
    const text = JSON.stringify(frame);
    for (const subscription of [...subscriptions]) {
      if (subscription.isActive) this.#writer.write(subscription, frame, text);
    }
  }
}

/** What a book says beside its time. */
function levelsOf(text: string): string {
  return text.slice(text.indexOf('"levels"'));
}

function audienceName(subscription: Subscription): string {
  return subscriptionName(subscription.channel.name, symbolOfSubscription(subscription));
}
