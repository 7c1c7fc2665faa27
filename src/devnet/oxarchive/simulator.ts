/**
 * The 0xArchive simulator: markets with a history addressed by time, the socket that tells it live and
 * replays it, the REST side that shows it, and faults. Time stands still until it is moved.
 */
import type { WebSocket } from 'ws';
import type { Clock } from '../../model/runtime.ts';
import { systemClock } from '../../model/system-clock.ts';
import { defaultKey, type Keys, type Plan, plans } from './access.ts';
import { Exchange, type Hole, type Listing } from './exchange.ts';
import { createFaults } from './faults.ts';
import { blockAt, blockMs, blockTimeMs } from './history/block-time.ts';
import { type Book, bookAfter, type Level, topOf } from './history/book.ts';
import { decimalText, defaultMarkets, type MarketSpec, outcomeOf } from './market.ts';
import { defaultProfile, type Profile } from './profile.ts';
import { Rest } from './rest/rest.ts';
import { type TradeLeg, tradeOf } from './rows/trade-leg.ts';
import { Connection, defaultTiming, type SocketTiming } from './socket/connection.ts';
import { FrameWriter } from './socket/frame-writer.ts';
import { LiveFeed } from './socket/live-feed.ts';
import type { Host } from './socket/subscriptions.ts';
import type { Venue } from './venues.ts';

/** Everything has a default; the same seed and times give the same rows. */
export interface SimulatorOptions {
  readonly seed?: string;
  readonly markets?: readonly MarketSpec[];
  /** The time of the markets at first. Default: 2026-09-21T14:13:20Z. */
  readonly startTimeMs?: number;
  /** Paces replays and counts limits; the time of the markets is another matter. */
  readonly clock?: Clock;
  readonly keys?: Keys;
  readonly profile?: Partial<Profile>;
  readonly timing?: Partial<SocketTiming>;
  /** Frames that `sent()` remembers, the newest. Default 100,000; 0 remembers none. */
  readonly sentMax?: number;
}

/** Who opened a socket. */
export interface Client {
  readonly key: string;
  readonly plan: Plan;
  readonly host: Host;
  /** The contract that it named; undefined: the old one. */
  readonly version: string | undefined;
}

/** A frame that went out. */
export interface SentFrame {
  /** The number of its connection, from 1. */
  readonly connection: number;
  readonly text: string;
  /** The time of the markets. */
  readonly atMs: number;
}

/** A level as text, as the venue writes it. */
export interface TrueLevel {
  readonly px: string;
  readonly sz: string;
  readonly n: number;
}

/** A book as it really is. */
export interface TrueBook {
  readonly block: number;
  readonly timeMs: number;
  /** The best first. */
  readonly bids: readonly TrueLevel[];
  readonly asks: readonly TrueLevel[];
}

/** A resting order as it really is. */
export interface TrueOrder {
  readonly oid: number;
  readonly user: string;
  readonly side: 'A' | 'B';
  readonly px: string;
  readonly sz: string;
}

const startTimeDefaultMs = 1_790_000_000_000;

/** The simulator; `openOxarchiveServer` gives it a port. */
export class OxarchiveSimulator {
  readonly keys: Keys;
  readonly profile: Profile;
  readonly faults = createFaults();
  readonly rest: Rest;
  readonly #exchange: Exchange;
  readonly #feed: LiveFeed;
  readonly #clock: Clock;
  readonly #timing: SocketTiming;
  readonly #connections = new Set<Connection>();
  readonly #sentMax: number;
  #sent: SentFrame[] = [];
  #accepted = 0;

  constructor(options: SimulatorOptions = {}) {
    const { seed = 'oxarchive', markets = defaultMarkets, clock = systemClock } = options;
    this.keys = options.keys ?? { [defaultKey]: plans.enterprise };
    this.profile = { ...defaultProfile, ...options.profile };
    this.#timing = { ...defaultTiming, ...options.timing };
    this.#clock = clock;
    this.#sentMax = options.sentMax ?? 100_000;
    const startTimeMs = Math.floor((options.startTimeMs ?? startTimeDefaultMs) / blockMs) * blockMs;
    this.#exchange = new Exchange({ seed, startTimeMs, markets, profile: this.profile });
    const writer = new FrameWriter(this.faults, () => this.#exchange.nowMs);
    this.#feed = new LiveFeed(this.#exchange, writer);
    this.rest = new Rest({
      exchange: this.#exchange,
      ...{ faults: this.faults, keys: this.keys, clock },
    });
    this.faults.onOver(({ name }) => {
      if (name === 'freeze') for (const connection of this.#connections) connection.outlet.thaw();
    });
  }

  /** The time of the markets: a multiple of 100 ms. */
  get nowMs(): number {
    return this.#exchange.nowMs;
  }

  /** The connections that are open. */
  get connections(): readonly Connection[] {
    return [...this.#connections];
  }

  /** The markets, as venue and symbol. */
  get markets(): readonly { readonly venue: Venue; readonly symbol: string }[] {
    return this.#exchange.listings.map(({ market: { venue, symbol } }) => ({ venue, symbol }));
  }

  /** Moves the time of the markets and sends what happens, block by block. Never goes back. */
  advanceTo(timeMs: number): void {
    const last = blockAt(timeMs);
    for (let block = blockAt(this.nowMs) + 1; block <= last; block += 1) {
      this.#exchange.nowMs = blockTimeMs(block);
      this.#feed.send(block);
    }
  }

  /** Moves the time of the markets without sending: what happened is in the archive only. */
  skipTo(timeMs: number): void {
    if (timeMs > this.nowMs) this.#exchange.nowMs = blockTimeMs(blockAt(timeMs));
  }

  /** Moves the time of the markets by so many blocks of 100 ms. */
  produce(blocks = 1): void {
    this.advanceTo(this.nowMs + blocks * blockMs);
  }

  /** The archive has no rows of this window. */
  addHole(hole: Hole): void {
    this.#exchange.holes.push(hole);
  }

  /** A market ends now: nothing more happens, and its symbol is no longer known. */
  delist(venue: Venue, symbol: string): void {
    this.#listing(venue, symbol).closedAfterMs = this.nowMs;
  }

  /** An outcome of HIP-4 is decided: its market ends, and its subscriptions with it. */
  settle(symbol: string, value = 1): void {
    const listing = this.#listing('hip4', symbol);
    listing.closedAfterMs = this.nowMs;
    const { outcomeId, side } = outcomeOf(symbol);
    const frame = {
      ...{ type: 'outcome_settled', coin: symbol, outcome_id: outcomeId, side },
      settlement_value: value,
      settlement_at: new Date(this.nowMs).toISOString(),
    };
    for (const connection of this.#connections) connection.settle(listing, frame);
  }

  /** Both legs of every trade of a window, both ends included: the maker's, then the taker's. */
  trades(venue: Venue, symbol: string, fromMs: number, toMs: number): readonly TradeLeg[] {
    const { market, history, closedAfterMs = toMs } = this.#listing(venue, symbol);
    return [...history.fills(fromMs, Math.min(toMs, closedAfterMs))].flatMap((fill) => {
      const { maker, taker } = tradeOf(market, fill);
      return [maker, taker];
    });
  }

  /** The best 20 levels a side at a time. */
  bookAt(venue: Venue, symbol: string, timeMs: number): TrueBook {
    return this.#book(venue, symbol, { block: blockAt(timeMs), cut: topOf });
  }

  /** All levels at a time. */
  fullBookAt(venue: Venue, symbol: string, timeMs: number): TrueBook {
    return this.fullBookAfter(venue, symbol, blockAt(timeMs));
  }

  /** All levels after a block. */
  fullBookAfter(venue: Venue, symbol: string, block: number): TrueBook {
    return this.#book(venue, symbol, { block, cut: (book) => book });
  }

  /** All resting orders after a block; at a price the first in the queue first. */
  ordersAfter(venue: Venue, symbol: string, block: number): readonly TrueOrder[] {
    const { market, history } = this.#listing(venue, symbol);
    return history.resting(block).map(({ order, lots }) => ({
      oid: order.oid,
      user: order.user,
      side: order.side,
      px: decimalText(order.ticks, market.priceDecimals),
      sz: decimalText(lots, market.sizeDecimals),
    }));
  }

  /** The frames that really went out, as they went, of all connections. */
  sent(): readonly SentFrame[] {
    return this.#sent;
  }

  /** A client has connected; called by the server. */
  accept(socket: WebSocket, client: Client): void {
    this.#accepted += 1;
    const id = this.#accepted;
    const connection = new Connection(socket, {
      ...client,
      exchange: this.#exchange,
      feed: this.#feed,
      faults: this.faults,
      clock: this.#clock,
      timing: this.#timing,
      onSent: (text) => this.#remember(id, text),
      onGone: (gone) => this.#connections.delete(gone),
    });
    this.#connections.add(connection);
  }

  /** Cuts all connections. */
  close(): void {
    for (const connection of this.#connections) connection.outlet.kill();
  }

  #remember(connection: number, text: string): void {
    if (this.#sentMax === 0) return;
    this.#sent.push({ connection, text, atMs: this.nowMs });
    if (this.#sent.length > 2 * this.#sentMax) this.#sent = this.#sent.slice(-this.#sentMax);
  }

  #listing(venue: Venue, symbol: string): Listing {
    const listing = this.#exchange.find(venue, symbol);
    if (listing === undefined) throw new RangeError(`There is no ${symbol} of ${venue}.`);
    return listing;
  }

  #book(
    venue: Venue,
    symbol: string,
    { block, cut }: { readonly block: number; readonly cut: (book: Book) => Book },
  ): TrueBook {
    const { market, history } = this.#listing(venue, symbol);
    const { bids, asks } = cut(bookAfter(history, block));
    const shown = (levels: readonly Level[]): readonly TrueLevel[] =>
      levels.map(({ ticks, lots, orders: n }) => ({
        px: decimalText(ticks, market.priceDecimals),
        sz: decimalText(lots, market.sizeDecimals),
        n,
      }));
    return { block, timeMs: blockTimeMs(block), bids: shown(bids), asks: shown(asks) };
  }
}
