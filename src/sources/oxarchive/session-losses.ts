/** What a session loses: rows that the server dropped, subscriptions that it refuses, markets that end. */
import type { ErrorCode } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { venueOf } from './config.ts';
import type { RowStreams } from './holes/row-streams.ts';
import type { LiveBooks } from './live/live-books.ts';
import { contextOf } from './live/read-rows.ts';
import type { lossOf } from './live/slow-consumer.ts';
import { channelNamed, channelOf } from './markets.ts';
import type { OxarchiveMessage } from './messages.ts';
import { malformed, type SessionReport } from './session-report.ts';
import type { SessionScope } from './session-scope.ts';
import type { ServerFrame } from './stream/frames.ts';
import type { OxarchiveStream } from './stream/stream.ts';
import type { Subscription } from './stream/subscriptions.ts';
import { readSettlement } from './wire/others.ts';

type Update = SourceUpdate<OxarchiveMessage>;

/** The parts of a session that a loss touches. */
export interface LossParts {
  readonly stream: OxarchiveStream;
  readonly rows: RowStreams;
  readonly report: SessionReport;
}

/** One per session. */
export class SessionLosses {
  readonly #scope: SessionScope;
  readonly #stream: OxarchiveStream;
  readonly #rows: RowStreams;
  readonly #report: SessionReport;
  readonly #books: LiveBooks;
  #refused = 0;

  constructor(scope: SessionScope, { stream, rows, report }: LossParts) {
    this.#scope = scope;
    this.#stream = stream;
    this.#rows = rows;
    this.#report = report;
    this.#books = scope.books;
  }

  /** Subscriptions that were given up. */
  get refused(): number {
    return this.#refused;
  }

  /** Rows were lost on the server's side (reference section 5.5). */
  *lose(loss: NonNullable<ReturnType<typeof lossOf>>): Generator<Update> {
    const { logger, clock } = this.#scope.runtime;
    const { channel, symbol, isStopped } = loss;
    logger.warn({ channel, symbol, isStopped }, 'too slow for the server');
    const kind = channelNamed(channel)?.kind;
    if (kind === undefined) return;
    if (this.#books.isOf(kind))
      yield* this.#report.bookUpdates(this.#books.doubt(symbol, 'slow_consumer'));
    const how = { reason: 'slow_consumer', isLiveNow: !isStopped };
    yield* this.#report.rowUpdates(this.#rows.lose({ dataset: kind, symbol }, how));
    if (!isStopped) return;
    const subscription = { channel, symbol };
    this.#stream.socketOf(subscription)?.restore(subscription, clock.nowMs());
  }

  /** A subscription will not be had; what it would have told is looked for in the archive. */
  *giveUp(
    { channel, symbol }: Subscription,
    why: { readonly code: ErrorCode; readonly raw: Uint8Array; readonly what: string },
  ): Generator<Update> {
    const { code, raw, what } = why;
    const { logger, metrics, name: source } = this.#scope.runtime;
    this.#refused += 1;
    logger.error({ channel, symbol, code }, 'subscription given up, others go on');
    metrics.add('errors', { source, stage: 'sources', code });
    yield malformed(raw, code, `The subscription to ${channel} of ${symbol ?? 'all'} ${what}`);
    const kind = channelNamed(channel)?.kind;
    if (kind === undefined || symbol === null) return;
    if (this.#books.isOf(kind)) yield* this.#report.bookUpdates(this.#books.doubt(symbol, code));
    // What the archive has is all there is now.
    this.#rows.flows(kind, symbol);
    if (code === 'market.unknown')
      yield* this.#report.rowUpdates(
        this.#rows.lose({ dataset: kind, symbol }, { reason: code, isLiveNow: true }),
      );
  }

  /** The end of an outcome market: its row, and the end of everything else of it. */
  *settled(
    frame: Extract<ServerFrame, { readonly kind: 'settled' }>,
    raw: Buffer,
    receivedAtUs: number,
  ): Generator<Update> {
    const { config } = this.#scope;
    const receivedAtMs = Math.floor(receivedAtUs / 1000);
    const channel = channelOf(venueOf(config), 'trades');
    if (channel === undefined) return;
    const { symbol, data } = frame;
    const context = contextOf({ symbol, timeMs: null }, channel, { receivedAtMs, config });
    const { messages, refusals } = readSettlement(data, context);
    for (const { code, message } of refusals) yield malformed(raw, code, message);
    if (messages.length > 0)
      yield this.#report.batch(messages, { isBackfill: false, receivedAtUs });
    yield* this.#ended(symbol, 'settled');
  }

  /** Not asked for by us: the market was delisted, or is otherwise over. */
  *unsubscribed(
    { channel, symbol }: Extract<ServerFrame, { readonly kind: 'unsubscribed' }>,
    raw: Buffer,
  ): Generator<Update> {
    const isOurs = this.#stream.socketOf({ channel, symbol })?.isLeaving(channel, symbol) ?? false;
    if (isOurs || symbol === null || this.#scope.ended.has(symbol)) return;
    const reason = `0xArchive ended the subscription to ${channel} of ${symbol} by itself.`;
    yield malformed(raw, 'market.delisted', reason);
    yield* this.#ended(symbol, 'delisted');
  }

  /** A market is over: nothing of it is asked for again. */
  *#ended(symbol: string, reason: string): Generator<Update> {
    this.#scope.ended.add(symbol);
    this.#scope.runtime.logger.warn({ symbol, reason }, 'market ended');
    this.#stream.drop(symbol);
    yield* this.#report.bookUpdates(this.#books.end(symbol, reason));
  }
}
