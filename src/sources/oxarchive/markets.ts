/**
 * Venues, markets and channels of 0xArchive: how they are named, and which channel exists live, in
 * timed replay or in bulk (reference sections 4.1 and 4.2), as data.
 */

/** What rows carry as `chain`. */
export type Venue = 'hyperliquid' | 'hip3' | 'hip4' | 'spot' | 'lighter' | 'rh_lighter';

/** A channel without the prefix of its venue. */
export type ChannelKind =
  | 'orderbook'
  | 'trades'
  | 'liquidations'
  | 'candles'
  | 'funding'
  | 'open_interest'
  | 'ticker'
  | 'all_tickers'
  | 'orderbook_full'
  | 'l4_diffs'
  | 'l4_orders'
  | 'mempool'
  | 'twap'
  | 'l3_orderbook';

/** One symbol at one venue. */
export interface Market {
  readonly venue: Venue;
  /** As the venue writes it. */
  readonly symbol: string;
}

/** A channel of a venue. */
export interface VenueChannel {
  readonly venue: Venue;
  readonly kind: ChannelKind;
  /** As commands and frames name it: `hip3_trades`. */
  readonly name: string;
  /** `silent`: a subscription is acknowledged, and then nothing is ever sent. */
  readonly live: 'yes' | 'silent' | 'no';
  /** `bulk`: unpaced, one channel at a time, from a checkpoint. */
  readonly replay: 'timed' | 'bulk' | 'no';
  /** Of its replay, milliseconds since the epoch; null without replay. */
  readonly archiveStartMs: number | null;
  /** Whether the host for low latency serves it; `only`: no other does. */
  readonly streamHost: 'yes' | 'no' | 'only';
}

interface VenueFacts {
  readonly channelPrefix: string;
  readonly restPrefix: string;
  readonly symbol: RegExp;
  readonly example: string;
}

const venueFacts: Readonly<Record<Venue, VenueFacts>> = {
  hyperliquid: {
    channelPrefix: '',
    restPrefix: '/v1/hyperliquid',
    symbol: /^[A-Za-z0-9]+$/,
    example: 'hyperliquid:BTC',
  },
  hip3: {
    channelPrefix: 'hip3_',
    restPrefix: '/v1/hyperliquid/hip3',
    symbol: /^[A-Za-z0-9]+:[A-Za-z0-9]+$/,
    example: 'hip3:xyz:SP500',
  },
  hip4: {
    channelPrefix: 'hip4_',
    restPrefix: '/v1/hyperliquid/hip4',
    symbol: /^#\d+$/,
    example: 'hip4:#520',
  },
  spot: {
    channelPrefix: 'spot_',
    restPrefix: '/v1/hyperliquid/spot',
    symbol: /^[A-Za-z0-9]+-[A-Za-z0-9]+$/,
    example: 'spot:HYPE-USDC',
  },
  lighter: {
    channelPrefix: 'lighter_',
    restPrefix: '/v1/lighter',
    symbol: /^[A-Z0-9]+$/,
    example: 'lighter:BTC',
  },
  rh_lighter: {
    channelPrefix: 'rh_lighter_',
    restPrefix: '/v1/rh-lighter',
    symbol: /^[A-Z0-9]+(?:-USDG)?$/,
    example: 'rh_lighter:AAPL-USDG',
  },
};

/** In the order of the reference. */
export const venues = Object.keys(venueFacts) as readonly Venue[];

type ChannelFacts = readonly [
  ChannelKind,
  live: VenueChannel['live'],
  replay: VenueChannel['replay'],
  archiveStart: string | null,
  streamHost?: VenueChannel['streamHost'],
];

const matrix: Readonly<Record<Venue, readonly ChannelFacts[]>> = {
  hyperliquid: [
    ['orderbook', 'yes', 'timed', '2023-04-15T00:00Z'],
    ['trades', 'yes', 'timed', '2023-04-15T03:31Z', 'yes'],
    ['liquidations', 'yes', 'timed', '2025-12-22T00:00Z', 'yes'],
    ['candles', 'no', 'timed', '2025-03-22T00:00Z'],
    ['funding', 'yes', 'timed', '2023-05-20T02:50Z'],
    ['open_interest', 'yes', 'timed', '2023-05-20T02:50Z'],
    ['ticker', 'yes', 'no', null],
    ['all_tickers', 'yes', 'no', null],
    ['orderbook_full', 'yes', 'bulk', '2026-03-11T01:03Z', 'yes'],
    ['l4_diffs', 'yes', 'bulk', '2026-03-11T01:03Z', 'yes'],
    ['l4_orders', 'yes', 'bulk', '2026-03-11T01:03Z', 'yes'],
    ['mempool', 'yes', 'no', null, 'only'],
  ],
  hip3: [
    ['orderbook', 'yes', 'timed', '2026-02-16T16:57Z'],
    ['trades', 'yes', 'timed', '2025-10-13T12:24Z', 'yes'],
    ['liquidations', 'yes', 'timed', '2025-12-22T00:00Z', 'yes'],
    ['candles', 'no', 'timed', '2025-12-22T00:00Z'],
    ['funding', 'yes', 'timed', '2026-02-16T17:03Z'],
    ['open_interest', 'yes', 'timed', '2026-02-16T17:03Z'],
    ['orderbook_full', 'yes', 'bulk', '2026-03-11T01:03Z', 'yes'],
    ['l4_diffs', 'yes', 'bulk', '2026-03-11T01:03Z', 'yes'],
    ['l4_orders', 'yes', 'bulk', '2026-03-11T01:03Z', 'yes'],
  ],
  hip4: [
    ['orderbook', 'silent', 'timed', '2026-05-02T16:51Z'],
    ['open_interest', 'silent', 'timed', '2026-05-02T16:51Z'],
    ['trades', 'yes', 'timed', '2026-05-02T08:00Z', 'yes'],
    ['l4_diffs', 'yes', 'bulk', '2026-05-02T07:47Z', 'yes'],
    ['l4_orders', 'yes', 'bulk', '2026-05-02T07:47Z', 'yes'],
  ],
  spot: [
    ['orderbook', 'yes', 'no', null],
    ['trades', 'yes', 'no', null, 'yes'],
    ['twap', 'silent', 'no', null],
    ['l4_diffs', 'yes', 'bulk', '2026-05-05T22:57Z', 'yes'],
    ['l4_orders', 'yes', 'bulk', '2026-05-05T22:57Z', 'yes'],
  ],
  lighter: [
    ['orderbook', 'yes', 'timed', '2026-01-29T02:13Z'],
    ['trades', 'yes', 'timed', '2025-01-17T08:43Z'],
    ['funding', 'yes', 'timed', '2025-08-25T15:28Z'],
    ['open_interest', 'yes', 'timed', '2025-08-25T15:28Z'],
    ['candles', 'no', 'timed', '2025-08-01T00:00Z'],
    ['l3_orderbook', 'no', 'timed', '2026-03-05T03:33Z'],
  ],
  rh_lighter: [
    ['orderbook', 'yes', 'timed', '2026-08-22T18:43Z'],
    ['trades', 'yes', 'timed', '2026-06-26T20:10:26Z'],
    ['funding', 'yes', 'timed', '2026-08-22T18:43Z'],
    ['open_interest', 'yes', 'timed', '2026-08-22T18:43Z'],
    ['candles', 'no', 'timed', '2026-06-26T20:10Z'],
  ],
};

/** Every channel of every venue. */
export const venueChannels: readonly VenueChannel[] = venues.flatMap((venue) =>
  matrix[venue].map(([kind, live, replay, archiveStart, streamHost]) => ({
    venue,
    kind,
    name: `${venueFacts[venue].channelPrefix}${kind}`,
    live,
    replay,
    archiveStartMs: archiveStart === null ? null : Date.parse(archiveStart),
    streamHost: streamHost ?? 'no',
  })),
);

const byName = new Map(venueChannels.map((channel) => [channel.name, channel]));

/** The channel that frames name so; undefined for one the reference does not know. */
export function channelNamed(name: string): VenueChannel | undefined {
  return byName.get(name);
}

/** The channel of a venue; undefined where the venue has none of this kind. */
export function channelOf(venue: Venue, kind: ChannelKind): VenueChannel | undefined {
  return byName.get(`${venueFacts[venue].channelPrefix}${kind}`);
}

/** A market as the configuration writes it (`hip3:xyz:SP500`), or what is wrong with it. */
export function parseMarket(text: string): Market | { readonly problem: string } {
  const colon = text.indexOf(':');
  const venue = text.slice(0, Math.max(colon, 0)).replace('-', '_');
  if (!isVenue(venue)) {
    const known = venues.join(', ');
    return {
      problem: `"${text}" names no venue before its first colon: expected one of ${known}, as in hyperliquid:BTC`,
    };
  }
  const symbol = canonicalSymbol(venue, text.slice(colon + 1));
  const { symbol: form, example } = venueFacts[venue];
  return form.test(symbol)
    ? { venue, symbol }
    : { problem: `"${text}" is no market of ${venue}: expected a name like ${example}` };
}

/** The symbol as frames of the venue have it: Lighter takes any case, HIP-4 also the bare number. */
export function canonicalSymbol(venue: Venue, symbol: string): string {
  if (venue === 'lighter' || venue === 'rh_lighter') return symbol.toUpperCase();
  return venue === 'hip4' && /^\d+$/.test(symbol) ? `#${symbol}` : symbol;
}

/** Path of a market's data over REST: `trades` gives `/v1/lighter/trades/BTC`. */
export function restPath({ venue, symbol }: Market, resource: string): string {
  const inPath = venue === 'hip4' ? symbol.slice(1) : encodeURIComponent(symbol);
  return `${venueFacts[venue].restPrefix}/${resource}/${inPath}`;
}

function isVenue(text: string): text is Venue {
  return Object.hasOwn(venueFacts, text);
}
