/** The options of a 0xArchive source: which markets, through which endpoints, how holes are filled. */
import { count, flag, oneOf, optionFormat, parseNumber } from '../option-format.ts';
import { responseOptions, venueOptions } from '../request-options.ts';
import type { RestLimits } from '../rest-client.ts';
import type { ConfigSchema } from '../source.ts';
import { type Market, parseMarket, type Venue } from './markets.ts';

/** Checked options; units are in the names. */
export interface OxarchiveConfig extends RestLimits {
  readonly markets: readonly string[];
  readonly bookDepth: 'top' | 'full' | 'orders';
  readonly bookSnapshotEveryMs: number;
  readonly bookIntervalMs: number | null;
  readonly start: 'latest' | number | string;
  readonly ws: string;
  readonly streamWs: string | null;
  readonly rest: string;
  readonly apiKey: string | null;
  readonly apiKeyIn: 'header' | 'query';
  readonly contract: string;
  readonly isCompressed: boolean;
  readonly subscriptionsMax: number;
  readonly subscriptionsPerSocketMax: number;
  readonly subscribesPerSecondMax: number;
  readonly ackTimeoutMs: number;
  readonly keyRefusalsMax: number;
  readonly retryBudget: number;
  readonly stableMs: number;
  readonly pingIntervalMs: number;
  readonly silenceMaxMs: number;
  readonly stalledAfterMs: number;
  readonly clockSkewMaxMs: number;
  readonly messageBytesMax: number;
  readonly queueBytesMax: number;
  readonly backfill: 'rest' | 'replay';
  readonly replaySpeed: number;
  readonly replayGranularity: 'checkpoint' | '30s' | '10s' | '1s' | 'tick';
  readonly overlapMs: number;
  readonly firstRowWaitMs: number;
  readonly archiveLagMs: number;
  readonly archiveWaitMaxMs: number;
  readonly auditIntervalMs: number;
  readonly candleIntervals: readonly string[];
  readonly rowsPerPage: number;
}

const intervals: ReadonlySet<unknown> = new Set(['1m', '5m', '15m', '30m', '1h', '4h', '1d', '1w']);

function address(...schemes: readonly string[]) {
  return optionFormat(
    `an address starting with ${schemes.map((each) => `${each}://`).join(' or ')}, without user, password, query`,
    (value) =>
      typeof value === 'string' &&
      URL.canParse(value) &&
      /^[^?#@]+$/.test(value) &&
      schemes.some((each) => value.startsWith(`${each}://`)),
  );
}

const marketOptions = {
  markets: {
    doc: 'Markets of one venue, each as venue and symbol: hyperliquid:BTC, hip3:xyz:SP500, hip4:#520, spot:HYPE-USDC, lighter:BTC, rh_lighter:AAPL-USDG. Each venue needs a source of its own.',
    format: optionFormat(
      'a list of at least one market such as hyperliquid:BTC',
      (value) =>
        Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string'),
      (text) => text.split(',').map((part) => part.trim()),
    ),
    default: null,
  },
  bookDepth: {
    doc: 'Which channel the books are built from: top = the best 20 levels, each frame whole; full = every level; orders = every order (L4). The latter two only where the venue has them.',
    format: oneOf('top', 'full', 'orders'),
    default: 'top',
  },
  bookSnapshotEveryMs: {
    doc: 'With bookDepth full or orders: how often book_snapshots has the whole book, which is large. With top it has each frame.',
    format: count(0, 86_400_000),
    default: 60_000,
  },
  bookIntervalMs: {
    doc: 'Lighter only: least time between two frames of a book. Missing = as the server has it, one second.',
    format: count(100, 5_000),
    default: null,
    nullable: true,
  },
  start: {
    doc: 'Where to begin when there is no checkpoint: latest, or a time (RFC 3339, or milliseconds since 1970) from which trades and liquidations are fetched.',
    format: optionFormat(
      'latest, or a time such as 2026-10-01T00:00:00Z',
      (value) => value === 'latest' || Number.isFinite(timeOf(value)),
      parseNumber,
    ),
    default: 'latest',
  },
  candleIntervals: {
    doc: 'Intervals of candles to publish: each candle once, by REST, when it is closed.',
    format: optionFormat(
      'a list of 1m, 5m, 15m, 30m, 1h, 4h, 1d, 1w',
      (value) => Array.isArray(value) && value.every((each) => intervals.has(each)),
      (text) => text.split(',').map((part) => part.trim()),
    ),
    default: ['1m'],
  },
};

const connectionOptions = {
  ws: {
    doc: 'Address of the socket.',
    format: address('ws', 'wss'),
    default: 'wss://api.0xarchive.io/ws',
  },
  streamWs: {
    doc: 'Address of the low-latency socket (wss://stream.0xarchive.io/ws). Where it is given, the channels that it has go through it: trades, liquidations, L4, mempool of venues of Hyperliquid.',
    format: address('ws', 'wss'),
    default: null,
    nullable: true,
  },
  rest: {
    doc: 'Base address of the REST API.',
    format: address('http', 'https'),
    default: 'https://api.0xarchive.io',
  },
  apiKey: {
    doc: 'API key, for the socket and for REST. Better by { env: NAME } or { file: PATH } than in the file.',
    format: optionFormat('text', (value) => typeof value === 'string' && value !== ''),
    default: null,
    nullable: true,
    sensitive: true,
  },
  apiKeyIn: {
    doc: 'How the socket is given the key: header (Authorization: Bearer), or query (apiKey) where something between takes headers away. REST gets a header.',
    format: oneOf('header', 'query'),
    default: 'header',
  },
  contract: {
    doc: 'Version of the contract that is asked for. A server that answers with another one ends the session.',
    format: optionFormat(
      'a date such as 2026-10-01',
      (value) => typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value),
    ),
    default: '2026-10-01',
  },
  isCompressed: {
    doc: 'Offers the server to compress messages. Costs time of the processor, saves much of a large book.',
    format: flag,
    default: true,
  },
  keyRefusalsMax: {
    doc: 'Refusals of the key in a row (HTTP 401, 403, close code 1008) after which the source stops instead of trying again.',
    format: count(1, 1_000),
    default: 3,
  },
  retryBudget: {
    doc: 'Sessions in a row that did not stay open and useful for stableMs, after which the source is paused.',
    format: count(1, 1_000_000),
    default: 10,
  },
  stableMs: {
    doc: 'How long a session must have been open, with data or an acknowledgement, for the retry budget to be whole again.',
    format: count(0, 86_400_000),
    default: 60_000,
  },
};

const holeOptions = {
  backfill: {
    doc: 'How missed trades and liquidations are fetched: rest (pages), or replay (a second socket; only where the venue has one, REST elsewhere).',
    format: oneOf('rest', 'replay'),
    default: 'rest',
  },
  replaySpeed: {
    doc: 'How many times as fast as it happened a replay is asked for; the plan may have less: 10 (Free) to 300 (Scale).',
    format: count(1, 1_000),
    default: 50,
  },
  replayGranularity: {
    doc: "Of Lighter's books in `ommer replay`: checkpoint (one a minute), 30s, 10s, 1s, or tick: the whole book at every depth with each change of a level.",
    format: oneOf('checkpoint', '30s', '10s', '1s', 'tick'),
    default: 'checkpoint',
  },
  overlapMs: {
    doc: 'How far before and after a hole is fetched again; what is published already is not published twice.',
    format: count(0, 3_600_000),
    default: 120_000,
  },
  firstRowWaitMs: {
    doc: 'How long the first live row after a hole is waited for, before the present is its right edge.',
    format: count(0, 3_600_000),
    default: 10_000,
  },
  archiveLagMs: {
    doc: 'How long the archive usually takes to have what was live; a hole is asked for again after so long, then three times as long, and so on.',
    format: count(1, 3_600_000),
    default: 10_000,
  },
  archiveWaitMaxMs: {
    doc: 'How long the archive may take to come up to a hole, or to repair one of its own, before what it lacks is left open.',
    format: count(0, 86_400_000),
    default: 600_000,
  },
  auditIntervalMs: {
    doc: 'How often the trades and liquidations since the last look are compared with REST, which finds what the server dropped without a word. Each time costs a request per market and dataset. 0 = never.',
    format: count(0, 86_400_000),
    default: 60_000,
  },
  stalledAfterMs: {
    doc: 'A book or context that is silent for so long is unsafe until its next frame. 0 = never: books of quiet markets on Lighter are silent for minutes.',
    format: count(0, 86_400_000),
    default: 60_000,
  },
  clockSkewMaxMs: {
    doc: 'How far a row may be ahead of the clock here; one that is further goes to the dead letters.',
    format: count(0, 3_600_000),
    default: 60_000,
  },
};

const limitOptions = {
  subscriptionsMax: {
    doc: 'Subscriptions of the plan: 10 (Free), 500 (Build), 3000 (Pro), 20000 (Scale). A source that needs more is refused before anything is sent.',
    format: count(1, 1_000_000),
    default: 500,
  },
  subscriptionsPerSocketMax: {
    doc: 'Most subscriptions on one socket; more take another one.',
    format: count(1, 1_000_000),
    default: 500,
  },
  subscribesPerSecondMax: {
    doc: 'Most subscriptions asked for in a second on one socket; the server takes 10.',
    format: count(1, 10),
    default: 8,
  },
  ackTimeoutMs: {
    doc: 'Longest wait for the answer to a subscription, which is then asked for once more.',
    format: count(100, 600_000),
    default: 10_000,
  },
  messageBytesMax: {
    doc: 'Largest message of the socket; a snapshot of all orders of a market has tens of megabytes.',
    format: count(10_000, 1_000_000_000),
    default: 134_217_728,
  },
  queueBytesMax: {
    doc: 'Bytes of messages of one socket that may wait to be read. When it is full the session ends and the hole is filled.',
    format: count(100_000, 4_000_000_000),
    default: 268_435_456,
  },
  rowsPerPage: { doc: 'Rows of one page of REST.', format: count(1, 1_000), default: 1_000 },
  concurrency: {
    doc: 'Requests to REST under way at the same time: 3 to 20, by plan.',
    format: count(1, 64),
    default: 3,
  },
  requestsPerSecondMax: {
    doc: 'Most requests to REST begun in a second: 15 to 500, by plan.',
    format: count(1, 100_000),
    default: 10,
  },
  ...venueOptions({ silenceMaxMs: 60_000, retryDelayMs: 1_000 }),
  ...responseOptions({ requestTimeoutMs: 30_000, responseBytesMax: 64_000_000 }),
};

/** Convict fragment: doc, format and default of each option. */
export const oxarchiveConfig: ConfigSchema<OxarchiveConfig> = {
  ...marketOptions,
  ...connectionOptions,
  ...holeOptions,
  ...limitOptions,
};

/** A time as the option has it, in milliseconds since the epoch; not a number for anything else. */
export function timeOf(value: unknown): number {
  if (typeof value === 'number')
    return Number.isSafeInteger(value) && value >= 0 ? value : Number.NaN;
  return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}

/** The markets of a checked configuration, in its order, each once. */
export function marketsOf(config: Pick<OxarchiveConfig, 'markets'>): readonly Market[] {
  const bySymbol = new Map<string, Market>();
  for (const text of config.markets) {
    const market = parseMarket(text);
    if (!('problem' in market)) bySymbol.set(`${market.venue}:${market.symbol}`, market);
  }
  return [...bySymbol.values()];
}

/** The venue of a checked configuration: what its rows carry as chain. */
export function venueOf(config: Pick<OxarchiveConfig, 'markets'>): Venue {
  return marketsOf(config)[0]?.venue ?? 'hyperliquid';
}

/** The channel that the books of a source are built from. */
export function bookChannelKind(depth: OxarchiveConfig['bookDepth']) {
  if (depth === 'top') return 'orderbook';
  return depth === 'full' ? 'orderbook_full' : 'l4_diffs';
}
