/** The channels of the matrix: which venue and kind, live or not, replayable or not, since when. */
import type { Market } from './market.ts';
import { type Venue, venueNames, venues } from './venues.ts';

/** What a channel carries, whatever its venue. */
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
  | 'l3_orderbook'
  | 'twap'
  | 'mempool';

/** A channel. */
export interface Channel {
  readonly name: string;
  readonly venue: Venue;
  readonly kind: ChannelKind;
  /** `silent`: a subscription is acknowledged, and nothing follows. */
  readonly live: 'yes' | 'silent' | 'no';
  readonly replay: 'timed' | 'bulk' | 'no';
  /** The start of its archive; 0 without replay. */
  readonly archiveFromMs: number;
  /** Where it is served live: `both`: on the stream host too. */
  readonly host: 'api' | 'both' | 'stream';
}

type Row = readonly [
  kind: ChannelKind,
  live: Channel['live'],
  replay: Channel['replay'],
  archiveFrom: string,
  host?: Channel['host'],
];

const l4From = '2026-03-11T01:03:00Z';
const hip4From = '2026-05-02T16:51:00Z';
const rhFrom = '2026-08-22T18:43:00Z';
const lighterContextFrom = '2025-08-25T15:28:00Z';

const rows: Readonly<Record<Venue, readonly Row[]>> = {
  hyperliquid: [
    ['orderbook', 'yes', 'timed', '2023-04-15T00:00:00Z'],
    ['trades', 'yes', 'timed', '2023-04-15T03:31:00Z', 'both'],
    ['liquidations', 'yes', 'timed', '2025-12-22T00:00:00Z', 'both'],
    ['candles', 'no', 'timed', '2025-03-01T00:00:00Z'],
    ['funding', 'yes', 'timed', '2023-05-20T02:50:00Z'],
    ['open_interest', 'yes', 'timed', '2023-05-20T02:50:00Z'],
    ['ticker', 'yes', 'no', ''],
    ['all_tickers', 'yes', 'no', ''],
    ['orderbook_full', 'yes', 'bulk', l4From, 'both'],
    ['l4_diffs', 'yes', 'bulk', l4From, 'both'],
    ['l4_orders', 'yes', 'bulk', l4From, 'both'],
    ['mempool', 'yes', 'no', '', 'stream'],
  ],
  hip3: [
    ['orderbook', 'yes', 'timed', '2026-02-16T16:57:00Z'],
    ['trades', 'yes', 'timed', '2025-10-13T12:24:00Z', 'both'],
    ['liquidations', 'yes', 'timed', '2025-12-22T00:00:00Z', 'both'],
    ['candles', 'no', 'timed', '2025-12-22T00:00:00Z'],
    ['funding', 'yes', 'timed', '2026-02-16T17:03:00Z'],
    ['open_interest', 'yes', 'timed', '2026-02-16T17:03:00Z'],
    ['orderbook_full', 'yes', 'bulk', l4From, 'both'],
    ['l4_diffs', 'yes', 'bulk', l4From, 'both'],
    ['l4_orders', 'yes', 'bulk', l4From, 'both'],
  ],
  hip4: [
    ['orderbook', 'silent', 'timed', hip4From],
    ['open_interest', 'silent', 'timed', hip4From],
    ['trades', 'yes', 'timed', '2026-05-02T08:00:00Z', 'both'],
    ['l4_diffs', 'yes', 'bulk', '2026-05-02T07:47:00Z', 'both'],
    ['l4_orders', 'yes', 'bulk', '2026-05-02T07:47:00Z', 'both'],
  ],
  spot: [
    ['orderbook', 'yes', 'no', '2026-05-05T19:56:00Z'],
    ['trades', 'yes', 'no', '2025-03-22T10:50:00Z', 'both'],
    ['twap', 'silent', 'no', ''],
    ['l4_diffs', 'yes', 'bulk', '2026-05-05T22:57:00Z', 'both'],
    ['l4_orders', 'yes', 'bulk', '2026-05-05T22:57:00Z', 'both'],
  ],
  lighter: [
    ['orderbook', 'yes', 'timed', '2026-01-29T02:13:00Z'],
    ['trades', 'yes', 'timed', '2025-01-17T08:43:00Z'],
    ['funding', 'yes', 'timed', lighterContextFrom],
    ['open_interest', 'yes', 'timed', lighterContextFrom],
    ['candles', 'no', 'timed', '2025-08-01T00:00:00Z'],
    ['l3_orderbook', 'no', 'timed', '2026-03-05T03:33:00Z'],
  ],
  rh_lighter: [
    ['orderbook', 'yes', 'timed', rhFrom],
    ['trades', 'yes', 'timed', '2026-06-26T20:10:26Z'],
    ['funding', 'yes', 'timed', rhFrom],
    ['open_interest', 'yes', 'timed', rhFrom],
    ['candles', 'no', 'timed', '2026-06-26T20:10:00Z'],
  ],
};

/** Channels by name. */
export const channels: ReadonlyMap<string, Channel> = new Map(
  venueNames.flatMap((venue) => rows[venue].map((row) => entryOf(venue, row))),
);

/** The channel of a venue; undefined when it has none of this kind. */
export function channelOf(venue: Venue, kind: ChannelKind): Channel | undefined {
  return channels.get(venues[venue].channelPrefix + kind);
}

/** True when a market of the venue has the channel: on Lighter only perpetuals have a context. */
export function isOffered({ kind, venue }: Channel, { isPerpetual }: Market): boolean {
  const isContext = kind === 'funding' || kind === 'open_interest';
  return isPerpetual || !isContext || !venues[venue].isLighter;
}

function entryOf(venue: Venue, row: Row): readonly [string, Channel] {
  const [kind, live, replay, archiveFrom, host = 'api'] = row;
  const name = venues[venue].channelPrefix + kind;
  const archiveFromMs = archiveFrom === '' ? 0 : Date.parse(archiveFrom);
  return [name, { name, venue, kind, live, replay, archiveFromMs, host }];
}
