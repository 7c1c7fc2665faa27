/** What the frames of one market's replay make: rows of its datasets, and books with epochs of their own. */
import { DataError } from '../../../model/errors.ts';
import type { MarketUpdate } from '../../../model/update.ts';
import type { SourceRuntime } from '../../source.ts';
import { type BookRow, bookDatasets } from '../books/book-rows.ts';
import { L2Book } from '../books/l2-book.ts';
import { orderSnapshotChunks } from '../books/order-snapshots.ts';
import type { BookOutcome } from '../books/outcome.ts';
import { TickBook } from '../books/tick-book.ts';
import type { OxarchiveConfig } from '../config.ts';
import { channelNamed, type Market, type VenueChannel } from '../markets.ts';
import type { OxarchiveMessage } from '../messages.ts';
import type { RowsFrame, TicksFrame } from '../stream/frames.ts';
import { readBook } from '../wire/books.ts';
import { readCandles } from '../wire/candles.ts';
import { readStates } from '../wire/contexts.ts';
import { readL3Book, readOrderDiffs, readOrders } from '../wire/orders.ts';
import type { Reading, RowsContext } from '../wire/reading.ts';
import { readTicks, type Tick } from '../wire/ticks.ts';
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
  readonly #ticks: TickBook;

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
    const { datasets } = options;
    this.#book = new L2Book({ symbol, datasets, snapshotEveryMs: 0 });
    const snapshotEveryMs = options.config.bookSnapshotEveryMs;
    this.#ticks = new TickBook({ symbol, datasets, snapshotEveryMs });
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

  /** Changes up to the range only begin the book. */
  takeTicks(
    frame: TicksFrame,
    at: { readonly receivedAtUs: number; readonly fromMs: number; readonly toMs: number },
  ): ReplayedRows & { readonly lastMs: number | null } {
    const channel = channelNamed(frame.channel);
    if (channel === undefined) return { ...nothing, lastMs: null };
    const { receivedAtUs } = at;
    const context = this.#context({ timeMs: null }, channel, receivedAtUs);
    try {
      const ticks = readTicks(frame.deltas, context);
      const early = ticks.filter(({ timeMs }) => timeMs < at.fromMs);
      const checkpoint = frame.checkpoint === null ? null : readBook(frame.checkpoint, context);
      const outcomes: BookOutcome[] = [];
      if (checkpoint !== null) {
        outcomes.push(...this.#ticks.accept(checkpoint, early, receivedAtUs));
      }
      for (const [eventTimeMs, changes] of byTime(ticks)) {
        if (eventTimeMs < at.fromMs || eventTimeMs > at.toMs) continue;
        const moment = { eventTimeMs, receivedAtUs, blockNumber: null };
        outcomes.push(this.#ticks.apply(changes, moment));
      }
      return { ...joined(outcomes.map((each) => this.#found(each))), lastMs: lastOf(ticks) };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const { updates, messages } = this.end('unreadable');
      return { refusals: [error], updates, messages, lastMs: null };
    }
  }

  /** The book as replayed is not the book of now. */
  end(reason: string): ReplayedRows {
    const receivedAtUs = this.#runtime.clock.nowUs();
    const eventTimeMs = Math.floor(receivedAtUs / 1000);
    const book = [this.#book, this.#ticks].find((each) => each.epoch !== null);
    if (book === undefined) return nothing;
    const { rows, epoch } = book.unsafe(reason, {
      eventTimeMs,
      receivedAtUs,
      blockNumber: null,
    });
    return { refusals: [], messages: rows, updates: this.#told('unsafe', epoch, reason, rows) };
  }

  #books(frame: RowsFrame, context: RowsContext, receivedAtUs: number): ReplayedRows {
    try {
      return this.#found(this.#book.accept(readBook(frame.data, context), receivedAtUs));
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const { updates, messages } = this.end('unreadable');
      return { refusals: [error], updates, messages };
    }
  }

  #found({ rows, became, epoch, problem, reason }: BookOutcome): ReplayedRows {
    const updates = became === null ? [] : this.#told(became, epoch, reason ?? 'replay', rows);
    return { refusals: problem === null ? [] : [problem], updates, messages: rows };
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
    { timeMs }: Pick<RowsFrame, 'timeMs'>,
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

/** Changes of one time are one change of the book. */
function byTime(ticks: readonly Tick[]): ReadonlyMap<number, readonly Tick[]> {
  const times = new Map<number, Tick[]>();
  for (const tick of ticks) {
    const same = times.get(tick.timeMs);
    if (same === undefined) times.set(tick.timeMs, [tick]);
    else same.push(tick);
  }
  return times;
}

function lastOf(ticks: readonly Tick[]): number | null {
  return ticks.at(-1)?.timeMs ?? null;
}

function joined(parts: readonly ReplayedRows[]): ReplayedRows {
  return {
    refusals: parts.flatMap(({ refusals }) => refusals),
    updates: parts.flatMap(({ updates }) => updates),
    messages: parts.flatMap(({ messages }) => messages),
  };
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
