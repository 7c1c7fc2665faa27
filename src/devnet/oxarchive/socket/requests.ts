/** What a client sends, checked field by field as far as it can be without knowing the connection. */
import { type Item, isItem } from '../../simulator/json.ts';
import type { Granularity } from '../archive-rows.ts';
import { granularities } from '../archive-rows.ts';
import { type Channel, channels, isOffered } from '../channels.ts';
import type { Exchange, Listing } from '../exchange.ts';
import { Failure } from '../failure.ts';
import { type CandleInterval, isCandleInterval } from '../history/candles.ts';

/** The operations of the protocol; the last two are retired. */
const operations = [
  'subscribe',
  'unsubscribe',
  'ping',
  'replay',
  'replay.pause',
  'replay.resume',
  'replay.seek',
  'replay.stop',
  'stream',
  'stream.stop',
] as const;

/** The name of an operation. */
export type Operation = (typeof operations)[number];

/** A checked `replay`. */
export interface ReplayRequest {
  readonly channels: readonly Channel[];
  /** It named several channels, even if the list has one. */
  readonly isMulti: boolean;
  readonly listing: Listing;
  readonly startMs: number;
  readonly endMs: number;
  readonly speed: number;
  readonly granularity: Granularity;
  readonly interval: CandleInterval;
}

/** The operation of a frame and the frame. Throws a `Failure`. */
export function parseRequest(text: string): { readonly op: Operation; readonly frame: Item } {
  const frame = parse(text);
  if (!isItem(frame)) throw new Failure('invalid_parameter', 'The frame is not a JSON object.');
  const op = operations.find((name) => name === frame['op']);
  if (op === undefined) {
    throw new Failure('invalid_parameter', `Unknown op: ${JSON.stringify(frame['op'] ?? null)}.`);
  }
  return { op, frame };
}

/** The channel that a frame names. Throws a `Failure`. */
export function channelNamed(name: unknown): Channel {
  const channel = typeof name === 'string' ? channels.get(name) : undefined;
  if (channel !== undefined) return channel;
  throw new Failure('invalid_parameter', `Unknown channel: ${JSON.stringify(name ?? null)}.`);
}

/** The market that a frame names, of the venue of the channel. Throws a `Failure`. */
export function listingNamed(exchange: Exchange, channel: Channel, frame: Item): Listing {
  const symbol = symbolOf(frame);
  const { venue } = channel;
  const isBare = venue === 'hip4' && typeof symbol === 'string' && /^\d+$/.test(symbol);
  const written = isBare && exchange.profile.bareOutcomes === 'accept' ? `#${symbol}` : symbol;
  const listing = typeof written === 'string' ? exchange.find(venue, written) : undefined;
  if (listing !== undefined && isOffered(channel, listing.market)) return listing;
  throw unknownSymbol(channel, frame);
}

/** The refusal of a symbol that is not traded. */
export function unknownSymbol({ name }: Channel, frame: Item): Failure {
  const symbol = JSON.stringify(symbolOf(frame) ?? null);
  return new Failure('invalid_symbol', `Unknown symbol for ${name}: ${symbol}.`);
}

/** The symbol of a frame, under its name or the older one. */
export function symbolOf({ symbol, coin }: Item): unknown {
  return symbol ?? coin;
}

/** The milliseconds between books that a frame asks for; undefined when it does not. Throws a `Failure`. */
export function intervalOf({ name, kind }: Channel, { interval_ms }: Item): number | undefined {
  if (interval_ms === undefined) return undefined;
  const family = name.startsWith('rh_') ? 'rh_lighter_orderbook' : 'lighter_orderbook';
  if (kind !== 'orderbook' || !name.includes('lighter')) {
    throw new Failure('invalid_parameter', `interval_ms is only supported on ${family}.`);
  }
  const isGood =
    typeof interval_ms === 'number' &&
    Number.isInteger(interval_ms) &&
    interval_ms >= 100 &&
    interval_ms <= 5000;
  if (isGood) return interval_ms;
  throw new Failure(
    'invalid_parameter',
    `interval_ms must be between 100 and 5000 for ${name} (got ${JSON.stringify(interval_ms)}). Leave it out for one book a second.`,
  );
}

/** Checks a `replay`. Throws a `Failure`. */
export function parseReplay(exchange: Exchange, frame: Item): ReplayRequest {
  const { channel, channels: several } = frame;
  const isMulti = several !== undefined;
  const names = Array.isArray(several) ? several : [channel];
  if ((isMulti && channel !== undefined) || (isMulti && names.length === 0)) {
    throw new Failure('invalid_parameter', 'A replay needs either channel or channels.');
  }
  const chosen = names.map(channelNamed);
  const [first] = chosen;
  if (first === undefined) throw new Failure('invalid_parameter', 'A replay needs a channel.');
  for (const one of chosen) checkReplayable(one, first, isMulti);
  const startMs = timeOf(frame, 'start');
  const endMs = frame['end'] === undefined ? exchange.nowMs : timeOf(frame, 'end');
  if (startMs >= endMs) {
    throw new Failure('invalid_time_range', `start ${startMs} is not before end ${endMs}.`);
  }
  return {
    channels: chosen,
    isMulti,
    listing: listingNamed(exchange, first, frame),
    startMs,
    endMs,
    speed: speedOf(frame),
    granularity: granularityOf(first, frame),
    interval: candleIntervalOf(frame),
  };
}

/** A time in milliseconds. Throws a `Failure`. */
export function timeOf(frame: Item, name: string): number {
  const value = frame[name];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw new Failure(
    'invalid_parameter',
    `${name} must be Unix milliseconds (got ${JSON.stringify(value ?? null)}).`,
  );
}

function checkReplayable(one: Channel, first: Channel, isMulti: boolean): void {
  if (one.replay === 'no') {
    throw new Failure('unsupported_for_venue', `Channel ${one.name} has no replay for this venue.`);
  }
  if (one.venue !== first.venue) {
    throw new Failure('unsupported_for_venue', 'The channels of a replay must be of one venue.');
  }
  if (isMulti && one.replay === 'bulk') {
    throw new Failure(
      'invalid_parameter',
      `Channel ${one.name} cannot join a multi-channel replay.`,
    );
  }
}

function speedOf({ speed = 1 }: Item): number {
  if (typeof speed === 'number' && speed > 0) return speed;
  throw new Failure('invalid_parameter', `speed must be above 0 (got ${JSON.stringify(speed)}).`);
}

function granularityOf({ name }: Channel, { granularity }: Item): Granularity {
  if (granularity === undefined) return 'checkpoint';
  if (name !== 'lighter_orderbook') {
    throw new Failure('invalid_parameter', 'granularity is only supported on lighter_orderbook.');
  }
  if (typeof granularity === 'string' && Object.hasOwn(granularities, granularity)) {
    return granularity as Granularity;
  }
  throw new Failure('invalid_parameter', `Unknown granularity: ${JSON.stringify(granularity)}.`);
}

function candleIntervalOf({ interval = '1m' }: Item): CandleInterval {
  if (isCandleInterval(interval)) return interval;
  throw new Failure('invalid_interval', `Unknown interval: ${JSON.stringify(interval)}.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
