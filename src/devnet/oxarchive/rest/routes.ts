/** The paths of REST: which list or which present state each shows. */
import type { Item, Json } from '../../simulator/json.ts';
import type { Plan } from '../access.ts';
import { type Granularity, granularities } from '../archive-rows.ts';
import { snapshotFrame } from '../bulk-rows.ts';
import { type Channel, type ChannelKind, channelOf, isOffered } from '../channels.ts';
import type { Exchange, Listing } from '../exchange.ts';
import { Failure } from '../failure.ts';
import { blockAt } from '../history/block-time.ts';
import { bookAfter, topLevels, topOf } from '../history/book.ts';
import { isCandleInterval } from '../history/candles.ts';
import { restBookRow } from '../rows/book-rows.ts';
import { restTime } from '../rows/casing.ts';
import { restContextRow } from '../rows/context-rows.ts';
import { checkWindow } from '../socket/replay-limits.ts';
import { type Venue, venues } from '../venues.ts';
import { type ListOptions, type ListPlace, listedRows, recentRows } from './listed-rows.ts';
import { numberOf, pageOf, pageQueryOf } from './query.ts';

/** A request, taken apart. */
export interface RouteRequest {
  readonly exchange: Exchange;
  readonly plan: Plan;
  readonly venue: Venue;
  /** What follows the symbol, without slashes at its ends. */
  readonly tail: string;
  readonly listing: Listing;
  readonly query: URLSearchParams;
}

/** The `data` and the `meta` of an answer. */
export interface Answer {
  readonly data: Json;
  readonly meta: Item;
}

type Route = (request: RouteRequest) => Answer;

const recentMs = 600_000;

/** Routes by `name/tail`. */
const routes: Readonly<Record<string, Route>> = {
  'trades/': list('trades', 1000),
  'trades/recent': recent,
  'orderbook/': currentBook,
  'orderbook/history': list('orderbook', 1000),
  'orderbook/l2': snapshot('orderbook_full'),
  'orderbook/l2/diffs': list('orderbook_full', 10_000),
  'orderbook/l4': snapshot('l4_diffs'),
  'orderbook/l4/diffs': list('l4_diffs', 10_000),
  'orders/history': list('l4_orders', 10_000),
  'candles/': list('candles', 10_000),
  'funding/': list('funding', 1000),
  'funding/current': current('funding'),
  'openinterest/': list('open_interest', 1000),
  'openinterest/current': current('open_interest'),
  'liquidations/': list('liquidations', 1000),
  'prices/': prices,
  'freshness/': freshness,
};

/** The answer of a path below a symbol. Throws a `Failure`. */
export function answerRoute(name: string, request: RouteRequest): Answer {
  const route = routes[`${name}/${request.tail}`];
  if (route !== undefined) return route(request);
  throw new Failure('route_not_found', `There is no ${name} of this kind.`);
}

/** REST has liquidations of Lighter, whose sockets have no such channel. */
function archiveOf({ venue, listing }: RouteRequest, kind: ChannelKind): Channel {
  const channel = channelOf(venue, kind);
  if (channel !== undefined && !isOffered(channel, listing.market)) {
    throw new Failure('invalid_symbol', `${listing.market.symbol} has no ${kind}.`, 'symbol');
  }
  if (channel !== undefined) return channel;
  const trades = channelOf(venue, 'trades');
  if (kind === 'liquidations' && venues[venue].isLighter && trades !== undefined) {
    return { ...trades, kind: 'liquidations' };
  }
  throw new Failure('route_not_found', `${venue} has no ${kind}.`);
}

function list(kind: ChannelKind, limitMax: number): Route {
  return (request) => {
    const { exchange, plan, listing, query } = request;
    const channel = archiveOf(request, kind);
    const window = pageQueryOf(query, exchange.nowMs, limitMax);
    const { fromMs: startMs, toMs: endMs } = window;
    checkWindow({ channels: [channel], startMs, endMs }, plan, exchange.nowMs);
    const place: ListPlace = { exchange, channel, listing };
    const options = optionsOf(query);
    const { rows, nextCursor } = pageOf(query, window, (fromMs) =>
      listedRows(place, { fromMs, toMs: window.toMs }, options),
    );
    const next = nextCursor === null ? {} : { next_cursor: nextCursor };
    return {
      data: rows,
      meta: {
        ...{ count: rows.length, ...next, has_more: nextCursor !== null },
        ...finality(place, window.toMs),
      },
    };
  };
}

/** What only the trades of Lighter have: up to when they are final. */
function finality({ exchange, channel }: ListPlace, toMs: number): Item {
  if (channel.kind !== 'trades' || !venues[channel.venue].isLighter) return {};
  const edgeMs = exchange.archiveEdgeMs(channel);
  const finalized = { finalized_through: new Date(edgeMs).toISOString() };
  if (toMs <= edgeMs) return finalized;
  const requested = { requested_end: new Date(toMs).toISOString() };
  return { ...finalized, ...requested, clamped_to: new Date(edgeMs).toISOString() };
}

/** The newest first; of the core venue there is no such path. */
function recent(request: RouteRequest): Answer {
  const { exchange, listing, query, venue } = request;
  if (venue === 'hyperliquid') {
    throw new Failure('route_not_found', 'There is no trades/recent of hyperliquid.');
  }
  const { limit } = pageQueryOf(query, exchange.nowMs, 1000);
  const place = { exchange, channel: archiveOf(request, 'trades'), listing };
  const window = { fromMs: exchange.nowMs - recentMs, toMs: exchange.nowMs };
  const legs = [...recentRows(place, window)].slice(-limit).reverse();
  const edgeMs = exchange.archiveEdgeMs(place.channel);
  const preliminary = legs.filter(({ timeMs }) => timeMs > edgeMs).length;
  const isLighter = venues[venue].isLighter;
  const meta = isLighter ? { preliminary_row_count: preliminary } : {};
  return { data: legs.map(({ row }) => row), meta: { count: legs.length, ...meta } };
}

function currentBook({ exchange, listing, query }: RouteRequest): Answer {
  const { market, history } = listing;
  const depth = numberOf(query, 'depth') ?? topLevels;
  const book = topOf(bookAfter(history, blockAt(exchange.nowMs)), depth);
  return { data: restBookRow(market, book, exchange.nowMs), meta: {} };
}

function snapshot(kind: ChannelKind): Route {
  return (request) => {
    const { exchange, listing } = request;
    const block = blockAt(exchange.nowMs);
    const { profile } = exchange;
    const channel = archiveOf(request, kind);
    const { data, timestamp } = snapshotFrame(channel, listing, { block, profile });
    const shown = typeof data === 'object' && data !== null ? data : {};
    const time = restTime(Number(timestamp));
    return {
      data: { coin: listing.market.symbol, ...time, last_block_number: block, ...shown },
      meta: {},
    };
  };
}

function current(kind: 'funding' | 'open_interest'): Route {
  return (request) => {
    archiveOf(request, kind);
    const { nowMs: timeMs } = request.exchange;
    const { market, contexts } = request.listing;
    return { data: restContextRow(market, contexts.at(timeMs), { kind, timeMs }), meta: {} };
  };
}

function prices({ exchange: { nowMs }, listing: { market, contexts } }: RouteRequest): Answer {
  const { markPx, oraclePx, midPx } = contexts.at(nowMs);
  const shown = { mark_price: markPx, oracle_price: oraclePx, mid_price: midPx };
  return { data: { coin: market.symbol, ...restTime(nowMs), ...shown }, meta: {} };
}

/** When each kind of data was last archived. */
function freshness({ exchange, listing, venue }: RouteRequest): Answer {
  const kinds = ['orderbook', 'trades', 'funding', 'open_interest', 'liquidations'] as const;
  const entries = kinds.flatMap((kind) => {
    const channel = channelOf(venue, kind);
    if (channel === undefined) return [];
    const parts = exchange.archived(channel, listing, { fromMs: 0, toMs: exchange.nowMs }, 'rest');
    const edgeMs = parts.at(-1)?.toMs ?? 0;
    const lag = { lag_ms: exchange.nowMs - edgeMs };
    return [[kind, { last_updated: new Date(edgeMs).toISOString(), ...lag }]];
  });
  return { data: { coin: listing.market.symbol, ...Object.fromEntries(entries) }, meta: {} };
}

function optionsOf(query: URLSearchParams): ListOptions {
  const interval = query.get('interval') ?? '1m';
  if (!isCandleInterval(interval)) {
    throw new Failure('invalid_interval', `Unknown interval: ${interval}.`, 'interval');
  }
  const side = query.get('side');
  if (side !== null && side !== 'buy' && side !== 'sell') {
    throw new Failure('invalid_parameter', `side must be buy or sell (got ${side}).`, 'side');
  }
  return {
    interval,
    granularity: granularityOf(query),
    depth: numberOf(query, 'depth') ?? topLevels,
    ...(side === null ? {} : { side: side === 'buy' ? 'B' : 'A' }),
  };
}

function granularityOf(query: URLSearchParams): Granularity {
  const name = query.get('granularity') ?? 'checkpoint';
  if (Object.hasOwn(granularities, name)) return name as Granularity;
  throw new Failure('invalid_parameter', `Unknown granularity: ${name}.`, 'granularity');
}
