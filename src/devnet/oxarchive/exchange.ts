/** All markets and the one time that live, replay and REST share; what is lost, delisted or settled. */
import type { Channel, ChannelKind } from './channels.ts';
import { Candles } from './history/candles.ts';
import { Contexts } from './history/context.ts';
import { MarketHistory } from './history/market-history.ts';
import { type Market, type MarketSpec, marketOf } from './market.ts';
import type { Profile } from './profile.ts';
import { type Venue, venues } from './venues.ts';

/** A market with everything that is known of it. */
export interface Listing {
  readonly market: Market;
  readonly history: MarketHistory;
  readonly contexts: Contexts;
  readonly candles: Candles;
  /** Nothing happens after it; undefined while it is listed. */
  closedAfterMs?: number;
}

/** A hole of the archive. */
export interface Hole {
  readonly venue: Venue;
  /** Default: any symbol. */
  readonly symbol?: string;
  /** Default: any kind. */
  readonly kind?: ChannelKind;
  readonly fromMs: number;
  /** The first millisecond after it. */
  readonly toMs: number;
  /** REST has these rows, as after a repair. Default false. */
  readonly isRepaired?: boolean;
}

/** A stretch of time, both ends included. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** The markets of all venues. */
export class Exchange {
  readonly profile: Profile;
  readonly seed: string;
  /** The time of the markets: what is later has not happened yet. */
  nowMs: number;
  readonly holes: Hole[] = [];
  readonly #listings = new Map<string, Listing>();

  constructor(options: {
    readonly seed: string;
    readonly startTimeMs: number;
    readonly markets: readonly MarketSpec[];
    readonly profile: Profile;
  }) {
    this.profile = options.profile;
    this.seed = options.seed;
    this.nowMs = options.startTimeMs;
    for (const spec of options.markets) {
      const market = marketOf(spec);
      const history = new MarketHistory(options.seed, market);
      const listing = {
        market,
        history,
        contexts: new Contexts(history),
        candles: new Candles(history),
      };
      this.#listings.set(nameOf(market.venue, market.symbol), listing);
    }
  }

  /** All markets, also closed ones. */
  get listings(): readonly Listing[] {
    return [...this.#listings.values()];
  }

  /** The market of a symbol as a client writes it; Lighter minds no case. */
  find(venue: Venue, symbol: string): Listing | undefined {
    const written = venues[venue].isLighter ? symbol.toUpperCase() : symbol;
    return this.#listings.get(nameOf(venue, written));
  }

  /** The last time of which the archive has rows. */
  archiveEdgeMs({ kind, venue }: Channel): number {
    const isFinalized = kind === 'trades' && venues[venue].isLighter;
    const { archiveLagMs, finalityLagMs } = this.profile;
    return this.nowMs - (isFinalized ? finalityLagMs : archiveLagMs);
  }

  /** The parts of a window that the archive has, ascending: without holes, up to its edge. */
  archived(
    channel: Channel,
    { market, closedAfterMs = Number.POSITIVE_INFINITY }: Listing,
    { fromMs, toMs }: TimeRange,
    by: 'replay' | 'rest' = 'replay',
  ): readonly TimeRange[] {
    const edge = Math.min(toMs, this.archiveEdgeMs(channel), closedAfterMs);
    let parts: readonly TimeRange[] = fromMs <= edge ? [{ fromMs, toMs: edge }] : [];
    for (const hole of this.holes) {
      const isHere =
        hole.venue === market.venue &&
        (hole.symbol === undefined || hole.symbol === market.symbol) &&
        (hole.kind === undefined || hole.kind === channel.kind) &&
        !(hole.isRepaired === true && by === 'rest');
      if (isHere) parts = parts.flatMap((part) => without(part, hole));
    }
    return parts;
  }
}

function nameOf(venue: Venue, symbol: string): string {
  return `${venue}|${symbol}`;
}

function without(part: TimeRange, hole: Hole): readonly TimeRange[] {
  const before = { fromMs: part.fromMs, toMs: Math.min(part.toMs, hole.fromMs - 1) };
  const after = { fromMs: Math.max(part.fromMs, hole.toMs), toMs: part.toMs };
  return [before, after].filter(({ fromMs, toMs }) => fromMs <= toMs);
}
