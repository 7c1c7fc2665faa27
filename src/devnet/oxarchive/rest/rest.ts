/** The REST side below `/v1`: keys, limits, faults, and the envelope around every answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../model/runtime.ts';
import { waitOut } from '../../simulator/faults.ts';
import type { Item } from '../../simulator/json.ts';
import { type Keys, keyOf, type Plan, planOfKey } from '../access.ts';
import { channels } from '../channels.ts';
import type { Exchange } from '../exchange.ts';
import { codeOf, Failure, statusOf } from '../failure.ts';
import type { Faults } from '../faults.ts';
import { candleIntervals } from '../history/candles.ts';
import { SlidingLimit } from '../socket/sliding-limit.ts';
import { type Venue, venueNames, venues } from '../venues.ts';
import { type Answer, answerRoute } from './routes.ts';

/** What the REST side needs. */
export interface RestOptions {
  readonly exchange: Exchange;
  readonly faults: Faults;
  readonly keys: Keys;
  readonly clock: Clock;
}

const base = '/v1';
/** Answers requests. */
export class Rest {
  readonly #options: RestOptions;
  readonly #limits = new Map<string, SlidingLimit>();
  #requests = 0;

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /** Answers one request. Rejects only when the connection is gone. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests += 1;
    const url = new URL(request.url ?? '/', 'http://simulator');
    const path = url.pathname;
    const { faults } = this.#options;
    const slow = faults.take('rest-delay', { path });
    if (slow !== undefined) await waitOut(slow);
    if (faults.take('rest-reset', { path }) !== undefined) {
      request.socket.destroy();
      return;
    }
    const requestId = `req-${this.#requests}`;
    const headers = { 'content-type': 'application/json', 'x-request-id': requestId };
    const isLegacy = request.headers['0xarchive-version'] === undefined;
    try {
      const { data, meta } = this.#find(request, url, response);
      const text = JSON.stringify({
        success: true,
        data,
        meta: { ...meta, request_id: requestId },
      });
      const isTruncated = faults.take('rest-truncated', { path }) !== undefined;
      response.writeHead(200, headers).end(isTruncated ? text.slice(0, text.length / 2) : text);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const status = error instanceof StatusFailure ? error.status : statusOf(error.code);
      const after = error instanceof StatusFailure ? error.headers : {};
      response.writeHead(status, { ...headers, ...after });
      response.end(JSON.stringify(errorBody(error, { status, requestId, isLegacy })));
    }
  }

  #find(request: IncomingMessage, url: URL, response: ServerResponse): Answer {
    const { keys, exchange } = this.#options;
    if (request.method !== 'GET') throw new Failure('route_not_found', 'Only GET is served.');
    if (url.pathname === '/health') return { data: { status: 'ok' }, meta: {} };
    if (url.pathname === `${base}/capabilities`) return { data: capabilities(), meta: {} };
    const key = keyOf(request, url);
    const plan = planOfKey(keys, key);
    if (plan === undefined) throw new Failure('unauthorized', 'The API key is missing or wrong.');
    this.#strike(url.pathname);
    this.#limit(key ?? '', plan, response);
    if (url.pathname === `${base}/symbols`) {
      const rows = exchange.listings.map(({ market: { venue, symbol } }) => ({ venue, symbol }));
      return { data: rows, meta: { count: rows.length } };
    }
    return this.#market(url, plan);
  }

  #market(url: URL, plan: Plan): Answer {
    const { exchange } = this.#options;
    const venue = venueOf(url.pathname);
    if (venue === undefined) throw new Failure('route_not_found', `There is no ${url.pathname}.`);
    const rest = url.pathname.slice(`${base}${venues[venue].restPrefix}/`.length);
    const [name = '', symbol = '', ...tail] = rest.split('/').map(decodeURIComponent);
    if (name === 'instruments' || (name === 'pairs' && venue === 'spot')) {
      return instruments(exchange, venue);
    }
    const written = venue === 'hip4' && /^\d+$/.test(symbol) ? `#${symbol}` : symbol;
    const listing = exchange.find(venue, written);
    if (listing === undefined) {
      throw new Failure('invalid_symbol', `Unknown symbol: ${symbol}.`, 'symbol');
    }
    const request = {
      exchange,
      plan,
      venue,
      listing,
      tail: tail.join('/'),
      query: url.searchParams,
    };
    return answerRoute(name, request);
  }

  #strike(path: string): void {
    const fault = this.#options.faults.take('rest-status', { path });
    if (fault === undefined) return;
    const { status = 500, retryAfterSeconds, text = 'Simulated' } = fault.request;
    const seconds = retryAfterSeconds ?? (status === 429 ? 1 : undefined);
    throw new StatusFailure(status, text, seconds);
  }

  #limit(key: string, plan: Plan, response: ServerResponse): void {
    const { clock } = this.#options;
    const limit = this.#limits.get(key) ?? new SlidingLimit(plan.requestsPerSecondMax, clock);
    this.#limits.set(key, limit);
    const isAllowed = limit.allows();
    response.setHeader('x-ratelimit-limit', plan.requestsPerSecondMax);
    response.setHeader('x-ratelimit-remaining', Math.max(limit.left, 0));
    response.setHeader('x-ratelimit-reset', Math.ceil(clock.nowMs() / 1000) + 1);
    if (!isAllowed) throw new StatusFailure(429, 'Too many requests.', 1);
  }
}

/** A refusal by an HTTP status of its own. */
class StatusFailure extends Failure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, message: string, retryAfterSeconds: number | undefined) {
    super(codeOf(status), message);
    this.status = status;
    this.headers =
      retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  }
}

function errorBody(
  { message, code, param }: Failure,
  { status, requestId, isLegacy }: { status: number; requestId: string; isLegacy: boolean },
): Item {
  if (isLegacy) {
    return { success: false, error: { code, message }, meta: { request_id: requestId } };
  }
  const named = param === undefined ? {} : { param };
  return {
    success: false,
    ...{ error: message, code: status, error_code: code, request_id: requestId, ...named },
  };
}

/** The venue with the longest prefix that fits. */
function venueOf(path: string): Venue | undefined {
  const fitting = venueNames.filter((name) =>
    path.startsWith(`${base}${venues[name].restPrefix}/`),
  );
  return fitting.sort((a, b) => venues[b].restPrefix.length - venues[a].restPrefix.length)[0];
}

function instruments(exchange: Exchange, venue: Venue): Answer {
  const rows = exchange.listings
    .filter(({ market }) => market.venue === venue)
    .map(({ market, closedAfterMs }) => ({
      symbol: market.symbol,
      price_decimals: market.priceDecimals,
      size_decimals: market.sizeDecimals,
      is_active: closedAfterMs === undefined,
    }));
  return { data: rows, meta: { count: rows.length } };
}

/** It says `live` also of the silent channels, as the service does. */
function capabilities(): readonly Item[] {
  return [...channels.values()].map(({ name, venue, kind, live, replay, archiveFromMs }) => ({
    venue,
    datatype: kind,
    ws_channels: [name],
    live: live !== 'no',
    replay: replay !== 'no',
    available_from: archiveFromMs === 0 ? null : new Date(archiveFromMs).toISOString(),
    page_limit: 1000,
    ...(kind === 'candles' ? { intervals: Object.keys(candleIntervals) } : {}),
  }));
}
