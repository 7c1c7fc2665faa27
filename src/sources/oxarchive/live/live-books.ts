/**
 * The books of a source: frames of the book channel go to the builder of their market, and what the
 * builder makes of them becomes rows and the word whether the book may be trusted. It outlives the
 * sessions, so that no epoch comes twice.
 */
import { DataError, type ErrorCode } from '../../../model/errors.ts';
import type { MarketUpdate } from '../../../model/update.ts';
import type { SourceRuntime } from '../../source.ts';
import { type BookRow, bookDatasets } from '../books/book-rows.ts';
import { FullBook } from '../books/full-book.ts';
import { L2Book } from '../books/l2-book.ts';
import { OrderBook } from '../books/order-book.ts';
import type { BookOutcome } from '../books/outcome.ts';
import { bookChannelKind, marketsOf, type OxarchiveConfig, venueOf } from '../config.ts';
import { type ChannelKind, channelOf, type VenueChannel } from '../markets.ts';
import type { OxarchiveDataset } from '../messages.ts';
import type { RowsFrame } from '../stream/frames.ts';
import type { Subscription } from '../stream/subscriptions.ts';
import { readBook, readFullBook, readLevelChanges } from '../wire/books.ts';
import { readOrderBook, readOrderDiffs } from '../wire/orders.ts';
import type { RowsContext } from '../wire/reading.ts';
import { contextOf } from './read-rows.ts';

/** What the session makes of books, in this order. */
export type BookUpdate =
  | MarketUpdate
  | {
      readonly kind: 'malformed';
      readonly raw: Uint8Array;
      readonly code: ErrorCode;
      readonly reason: string;
    }
  | { readonly kind: 'rows'; readonly rows: readonly BookRow[] };

interface Held {
  readonly symbol: string;
  readonly builder: L2Book | FullBook | OrderBook;
  /** When its last frame came, or it was asked for anew. */
  heardAtMs: number;
  /** Snapshots in a row that were of no use. */
  failures: number;
  /** When a fresh snapshot is to be asked for. */
  refreshAtMs: number;
  /** Its subscription was refused: nothing is to be asked for in this session. */
  isGivenUp: boolean;
}

/** How often silence is looked for, in parts of what is allowed. */
const watchParts = 4;

/** One per source. */
export class LiveBooks {
  readonly #config: OxarchiveConfig;
  readonly #runtime: SourceRuntime;
  readonly #channel: VenueChannel | undefined;
  readonly #datasets: readonly OxarchiveDataset[];
  readonly #books = new Map<string, Held>();
  readonly #safe = new Set<string>();
  #watchAtMs = 0;
  #refreshAtMs = Number.POSITIVE_INFINITY;

  constructor(
    config: OxarchiveConfig,
    datasets: readonly OxarchiveDataset[],
    runtime: SourceRuntime,
  ) {
    this.#config = config;
    this.#runtime = runtime;
    this.#datasets = bookDatasets.filter((dataset) => datasets.includes(dataset));
    const channel = channelOf(venueOf(config), bookChannelKind(config.bookDepth));
    this.#channel = channel?.live === 'yes' && this.#datasets.length > 0 ? channel : undefined;
    if (this.#channel === undefined) return;
    for (const { symbol } of marketsOf(config)) {
      const builder = builderOf(config, symbol, new Set(this.#datasets));
      const idle = { heardAtMs: 0, failures: 0, refreshAtMs: Number.POSITIVE_INFINITY };
      this.#books.set(symbol, { symbol, builder, ...idle, isGivenUp: false });
    }
  }

  /** How many books must not be trusted now. */
  get unsafe(): number {
    return this.#books.size - this.#safe.size;
  }

  /** How many of these may be safe again in this session. */
  get awaited(): number {
    return [...this.#books.values()].filter(
      ({ symbol, isGivenUp }) => !isGivenUp && !this.#safe.has(symbol),
    ).length;
  }

  /** True for the channel that they are built from. */
  isOf(kind: ChannelKind): boolean {
    return this.#channel?.kind === kind;
  }

  /** When `watch` or `due` may have something. */
  get nextAtMs(): number {
    const { stalledAfterMs } = this.#config;
    const isWatched = stalledAfterMs > 0 && this.#books.size > 0;
    return Math.min(this.#refreshAtMs, isWatched ? this.#watchAtMs : Number.POSITIVE_INFINITY);
  }

  /** All of them are unsafe, said once more: what the session before said may not be published. */
  *beginSession(): Generator<BookUpdate> {
    for (const held of this.#books.values()) {
      held.isGivenUp = false;
      held.builder.beginSession();
      yield* this.lose(held.symbol, 'session_opened');
    }
  }

  /** All of them are unsafe, where that was not said yet. */
  *loseAll(reason: string): Generator<BookUpdate> {
    for (const { symbol } of this.#books.values()) yield* this.lose(symbol, reason);
  }

  /** What a reader has of this book must not be trusted any more. */
  *lose(symbol: string, reason: string): Generator<BookUpdate> {
    const held = this.#books.get(symbol);
    if (held === undefined) return;
    const receivedAtUs = this.#runtime.clock.nowUs();
    const eventTimeMs = Math.floor(receivedAtUs / 1000);
    const moment = { eventTimeMs, receivedAtUs, blockNumber: null };
    yield* this.#told(held, held.builder.unsafe(reason, moment));
  }

  /** As `lose`, and a fresh snapshot is asked for where the next frame is none. */
  *doubt(symbol: string, reason: string): Generator<BookUpdate> {
    yield* this.lose(symbol, reason);
    const held = this.#books.get(symbol);
    if (held !== undefined) this.#refresh(held);
  }

  /** Its subscription was refused for good. */
  *giveUp(symbol: string, reason: string): Generator<BookUpdate> {
    yield* this.lose(symbol, reason);
    const held = this.#books.get(symbol);
    if (held === undefined) return;
    held.isGivenUp = true;
    held.refreshAtMs = Number.POSITIVE_INFINITY;
  }

  /** The market is over. */
  *end(symbol: string, reason: string): Generator<BookUpdate> {
    yield* this.lose(symbol, reason);
    this.#books.delete(symbol);
  }

  /** A frame of the channel. */
  *take(
    frame: RowsFrame,
    { raw, receivedAtUs }: { readonly raw: Buffer; readonly receivedAtUs: number },
  ): Generator<BookUpdate> {
    const held = this.#books.get(frame.symbol ?? '');
    if (held === undefined || this.#channel === undefined) return;
    held.heardAtMs = Math.floor(receivedAtUs / 1000);
    const at = { receivedAtMs: held.heardAtMs, config: this.#config };
    const context = contextOf(frame, this.#channel, at);
    try {
      const outcome = outcomeOf(held.builder, frame, { context, receivedAtUs });
      if (outcome !== undefined) yield* this.#told(held, outcome, raw);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      yield { kind: 'malformed', raw, code: error.code, reason: error.message };
      // What this frame was to change is not known.
      yield* this.doubt(held.symbol, 'unreadable');
    }
  }

  /**
   * Books that have been silent for too long are unsafe, and asked for anew until they are there: the
   * subscription may be gone, and a server that has it sends the present book.
   */
  *watch(nowMs: number): Generator<BookUpdate> {
    const { stalledAfterMs } = this.#config;
    if (stalledAfterMs === 0 || nowMs < this.#watchAtMs) return;
    this.#watchAtMs = nowMs + stalledAfterMs / watchParts;
    for (const held of this.#books.values()) {
      const isLost = this.#safe.has(held.symbol) || held.failures > 0;
      if (held.isGivenUp || !isLost || nowMs - held.heardAtMs < stalledAfterMs) continue;
      yield* this.lose(held.symbol, 'stalled');
      this.#refresh(held, true);
    }
  }

  /** Subscriptions that are to be asked for anew, for their snapshot. */
  due(nowMs: number): readonly Subscription[] {
    if (nowMs < this.#refreshAtMs || this.#channel === undefined) return [];
    const { name: channel } = this.#channel;
    this.#refreshAtMs = Number.POSITIVE_INFINITY;
    const subscriptions: Subscription[] = [];
    for (const held of this.#books.values()) {
      if (held.refreshAtMs > nowMs) {
        this.#refreshAtMs = Math.min(this.#refreshAtMs, held.refreshAtMs);
        continue;
      }
      held.refreshAtMs = Number.POSITIVE_INFINITY;
      held.heardAtMs = nowMs;
      subscriptions.push({ channel, symbol: held.symbol });
    }
    return subscriptions;
  }

  *#told(held: Held, outcome: BookOutcome, raw?: Buffer): Generator<BookUpdate> {
    const { rows, became, problem, reason, ignored } = outcome;
    const { metrics, name: source } = this.#runtime;
    if (ignored > 0) metrics.add('dropped', { source, reason: 'book_change_of_no_use' }, ignored);
    if (problem !== null) {
      const bytes = raw ?? Buffer.from(problem.message);
      yield { kind: 'malformed', raw: bytes, code: problem.code, reason: problem.message };
      this.#refresh(held);
    }
    if (became !== null && rows.length > 0) {
      yield* this.#market(held.symbol, { state: became, epoch: outcome.epoch, reason });
    }
    if (became === 'safe') {
      this.#safe.add(held.symbol);
      held.failures = 0;
      held.refreshAtMs = Number.POSITIVE_INFINITY;
    } else if (became === 'unsafe') this.#safe.delete(held.symbol);
    if (rows.length > 0) yield { kind: 'rows', rows };
  }

  *#market(
    symbol: string,
    told: {
      readonly state: 'safe' | 'unsafe';
      readonly epoch: number;
      readonly reason: string | null;
    },
  ): Generator<MarketUpdate> {
    const { state, epoch, reason } = told;
    const stretch = { fromMs: null, toMs: null, rows: null, reason: reason ?? 'snapshot' };
    for (const dataset of this.#datasets) {
      yield { kind: 'market', dataset, symbol, state, epoch, ...stretch };
    }
  }

  /** Of the best levels each frame is whole: while frames come, the next one does. */
  #refresh(held: Held, isSilent = false): void {
    if (held.isGivenUp || held.refreshAtMs !== Number.POSITIVE_INFINITY) return;
    if (held.builder instanceof L2Book && !isSilent) return;
    const { retryDelayMs, retryDelayMaxMs } = this.#config;
    const pauseMs = Math.min(retryDelayMaxMs, retryDelayMs * 2 ** Math.min(held.failures, 30));
    held.failures += 1;
    held.refreshAtMs = this.#runtime.clock.nowMs() + pauseMs;
    this.#refreshAtMs = Math.min(this.#refreshAtMs, held.refreshAtMs);
  }
}

function builderOf(
  { bookDepth, bookSnapshotEveryMs }: OxarchiveConfig,
  symbol: string,
  datasets: ReadonlySet<string>,
): L2Book | FullBook | OrderBook {
  if (bookDepth === 'top') return new L2Book({ symbol, datasets, snapshotEveryMs: 0 });
  const options = { symbol, datasets, snapshotEveryMs: bookSnapshotEveryMs };
  return bookDepth === 'full' ? new FullBook(options) : new OrderBook(options);
}

/** Undefined for a frame of a kind that the channel does not have. Throws `DataError`. */
function outcomeOf(
  builder: L2Book | FullBook | OrderBook,
  { kind, data, blockNumber }: RowsFrame,
  { context, receivedAtUs }: { readonly context: RowsContext; readonly receivedAtUs: number },
): BookOutcome | undefined {
  const moment = { eventTimeMs: context.receivedAtMs, receivedAtUs, blockNumber: null };
  if (builder instanceof L2Book) {
    return kind === 'data' ? builder.accept(readBook(data, context), receivedAtUs) : undefined;
  }
  if (builder instanceof FullBook) {
    if (kind === 'l4_batch') return builder.apply(readLevelChanges(data, context), moment);
    const isWhole = kind === 'l4_snapshot';
    return isWhole
      ? builder.accept(readFullBook(data, context, blockNumber), receivedAtUs)
      : undefined;
  }
  if (kind === 'l4_snapshot') {
    return builder.accept(readOrderBook(data, context, blockNumber), receivedAtUs);
  }
  if (kind !== 'l4_batch') return undefined;
  const { messages, refusals } = readOrderDiffs(data, context);
  const [refusal] = refusals;
  // A diff that cannot be read leaves a book that cannot be known.
  if (refusal !== undefined) throw refusal;
  return builder.apply(messages, moment);
}
