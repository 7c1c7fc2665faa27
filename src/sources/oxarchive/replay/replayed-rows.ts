/** What the frames of one market's replay make: rows of its datasets, and books with epochs of their own. */
import { DataError } from '../../../model/errors.ts';
import type { MarketUpdate } from '../../../model/update.ts';
import type { SourceRuntime } from '../../source.ts';
import { type BookRow, bookDatasets } from '../books/book-rows.ts';
import { L2Book } from '../books/l2-book.ts';
import { orderSnapshotChunks } from '../books/order-snapshots.ts';
import type { OxarchiveConfig } from '../config.ts';
import { channelNamed, type Market, type VenueChannel } from '../markets.ts';
import type { OxarchiveMessage } from '../messages.ts';
import type { RowsFrame } from '../stream/frames.ts';
import { readBook } from '../wire/books.ts';
import { readCandles } from '../wire/candles.ts';
import { readStates } from '../wire/contexts.ts';
import { readL3Book, readOrderDiffs, readOrders } from '../wire/orders.ts';
import type { Reading, RowsContext } from '../wire/reading.ts';
import { readLiquidations, readTrades } from '../wire/trades.ts';

/** What a frame gives, in this order. */
export interface ReplayedRows {
  readonly refusals: readonly DataError[];
  readonly updates: readonly MarketUpdate[];
  readonly messages: readonly OxarchiveMessage[];
}

const nothing: ReplayedRows = { refusals: [], updates: [], messages: [] };

/** One market, over all its replays of one history. */
export class MarketReplay {
  readonly #market: Market;
  readonly #config: OxarchiveConfig;
  readonly #datasets: ReadonlySet<string>;
  readonly #runtime: SourceRuntime;
  readonly #book: L2Book;

  constructor(
    market: Market,
    options: {
      readonly config: OxarchiveConfig;
      readonly datasets: ReadonlySet<string>;
      readonly runtime: SourceRuntime;
    },
  ) {
    this.#market = market;
    this.#config = options.config;
    this.#datasets = options.datasets;
    this.#runtime = options.runtime;
    const { symbol } = market;
    this.#book = new L2Book({ symbol, datasets: options.datasets, snapshotEveryMs: 0 });
  }

  /** The rows of a frame that lie in the range; a state from before it only begins a book. */
  take(
    frame: RowsFrame,
    at: {
      readonly receivedAtUs: number;
      readonly interval: string | null;
      readonly fromMs: number;
      readonly toMs: number;
    },
  ): ReplayedRows {
    const channel = channelNamed(frame.channel);
    if (channel === undefined) return nothing;
    const context = this.#context(frame, channel, at.receivedAtUs);
    if (channel.kind === 'orderbook') return this.#books(frame, context, at.receivedAtUs);
    if (frame.kind === 'replay_snapshot' || frame.kind === 'l4_snapshot') return nothing;
    const { messages, refusals } = readingOf(frame.data, channel, context, at.interval);
    const wanted = messages.filter(
      ({ dataset, eventTimeMs }) =>
        this.#datasets.has(dataset) && eventTimeMs >= at.fromMs && eventTimeMs <= at.toMs,
    );
    return { messages: wanted, refusals, updates: [] };
  }

  /** The book as replayed is not the book of now. */
  end(reason: string): ReplayedRows {
    const receivedAtUs = this.#runtime.clock.nowUs();
    const eventTimeMs = Math.floor(receivedAtUs / 1000);
    if (this.#book.epoch === null) return nothing;
    const { rows, epoch } = this.#book.unsafe(reason, {
      eventTimeMs,
      receivedAtUs,
      blockNumber: null,
    });
    return { refusals: [], messages: rows, updates: this.#told('unsafe', epoch, reason, rows) };
  }

  #books(frame: RowsFrame, context: RowsContext, receivedAtUs: number): ReplayedRows {
    try {
      const outcome = this.#book.accept(readBook(frame.data, context), receivedAtUs);
      const { rows, became, epoch, problem, reason } = outcome;
      const updates = became === null ? [] : this.#told(became, epoch, reason ?? 'replay', rows);
      return { refusals: problem === null ? [] : [problem], updates, messages: rows };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const { updates, messages } = this.end('unreadable');
      return { refusals: [error], updates, messages };
    }
  }

  #told(
    state: 'safe' | 'unsafe',
    epoch: number,
    reason: string,
    rows: readonly BookRow[],
  ): MarketUpdate[] {
    if (rows.length === 0) return [];
    const { symbol } = this.#market;
    const stretch = { fromMs: null, toMs: null, rows: null, reason };
    return bookDatasets
      .filter((dataset) => this.#datasets.has(dataset))
      .map((dataset) => ({ kind: 'market', dataset, symbol, state, epoch, ...stretch }));
  }

  #context(
    { timeMs }: RowsFrame,
    { venue, name }: VenueChannel,
    receivedAtUs: number,
  ): RowsContext {
    return {
      venue,
      channel: name,
      symbol: this.#market.symbol,
      origin: 'replay',
      receivedAtMs: Math.floor(receivedAtUs / 1000),
      aheadMsMax: this.#config.clockSkewMaxMs,
      envelopeTimeMs: timeMs,
    };
  }
}

function readingOf(
  data: unknown,
  { kind }: VenueChannel,
  context: RowsContext,
  interval: string | null,
): Reading<OxarchiveMessage> {
  switch (kind) {
    case 'trades':
      return readTrades(data, context);
    case 'liquidations':
      return readLiquidations(data, context);
    case 'funding':
    case 'open_interest':
      return readStates(data, context, kind);
    case 'candles':
      return readCandles(data, context, interval ?? '');
    case 'l4_diffs':
      return readOrderDiffs(data, context);
    case 'l4_orders':
      return readOrders(data, context);
    case 'l3_orderbook':
      return readOrderSnapshot(data, context);
    default:
      return { messages: [], refusals: [] };
  }
}

function readOrderSnapshot(data: unknown, context: RowsContext): Reading<OxarchiveMessage> {
  try {
    const orders = readL3Book(data, context);
    return { messages: orderSnapshotChunks(orders, context), refusals: [] };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { messages: [], refusals: [error] };
  }
}
