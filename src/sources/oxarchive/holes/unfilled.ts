/**
 * Holes of what is not fetched later, because the newest state counts: contexts, orders, tickers. The
 * first row after a lost session says from when to when rows are missing, and states that are only
 * repeated are known. It outlives the sessions.
 */
import type { MarketUpdate } from '../../../model/update.ts';
import type { ChannelKind } from '../markets.ts';
import type { OxarchiveDataset, OxarchiveMessage } from '../messages.ts';

const unfilledDatasets: ReadonlySet<OxarchiveDataset> = new Set([
  'funding',
  'open_interest',
  'market_contexts',
  'order_diffs',
  'orders',
  'tickers',
]);

/** What is lost with frames of a channel. */
const datasetsOf: Readonly<Partial<Record<ChannelKind, readonly OxarchiveDataset[]>>> = {
  funding: ['funding', 'open_interest', 'market_contexts'],
  open_interest: ['funding', 'open_interest', 'market_contexts'],
  l4_diffs: ['order_diffs'],
  l4_orders: ['orders'],
  ticker: ['tickers'],
};

interface Stream {
  lastMs: number;
  /** Rows after `lastMs` are missing, until the next one. */
  isCut: boolean;
}

/** One per source. */
export class Unfilled {
  readonly #streams = new Map<string, Stream>();
  /** The newest frame of each context, byte for byte. */
  readonly #frames = new Map<string, Buffer>();
  /** Where the position before this process was; of streams that have no row yet. */
  #fromMs: number | null = null;
  readonly #wanted: ReadonlySet<OxarchiveDataset>;

  constructor(wanted: readonly OxarchiveDataset[]) {
    this.#wanted = new Set(wanted.filter((dataset) => unfilledDatasets.has(dataset)));
  }

  /** A session begins after this position; null for the first one. */
  cut(fromMs: number | null): void {
    this.#fromMs = fromMs;
    this.#frames.clear();
    for (const stream of this.#streams.values()) stream.isCut = true;
  }

  /** Frames of this channel were lost on the way. */
  cutOne(kind: ChannelKind, symbol: string): void {
    this.#frames.delete(`${kind}|${symbol}`);
    for (const dataset of datasetsOf[kind] ?? []) {
      const stream = this.#streams.get(`${dataset}|${symbol}`);
      if (stream !== undefined) stream.isCut = true;
    }
  }

  /**
   * True for a frame that says of a market's context what the one before it said: it has no time of its
   * own, and would make rows of the same state (reference section 4.7).
   */
  isRepeat(kind: ChannelKind, symbol: string | null, raw: Buffer): boolean {
    if (kind !== 'open_interest' && kind !== 'funding') return false;
    const key = `${kind}|${symbol}`;
    if (this.#frames.get(key)?.equals(raw) === true) return true;
    this.#frames.set(key, Buffer.from(raw));
    return false;
  }

  /** What is missing before these rows. Call before they are yielded. */
  *before(messages: readonly OxarchiveMessage[]): Generator<MarketUpdate> {
    for (const { dataset, symbol, eventTimeMs } of messages) {
      if (!this.#wanted.has(dataset)) continue;
      const stream = this.#streamOf(`${dataset}|${symbol}`, eventTimeMs);
      if (stream.isCut && eventTimeMs > stream.lastMs) {
        const hole = { fromMs: stream.lastMs, toMs: eventTimeMs, rows: null };
        const reason = 'not_backfilled';
        yield { kind: 'market', dataset, symbol, state: 'gap', epoch: null, ...hole, reason };
      }
      stream.isCut = false;
      stream.lastMs = Math.max(stream.lastMs, eventTimeMs);
    }
  }

  #streamOf(key: string, eventTimeMs: number): Stream {
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    const isCut = this.#fromMs !== null;
    const stream = { lastMs: this.#fromMs ?? eventTimeMs, isCut };
    this.#streams.set(key, stream);
    return stream;
  }
}
