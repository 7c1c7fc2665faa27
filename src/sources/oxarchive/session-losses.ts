/** What a session loses: rows that the server dropped, subscriptions that it refuses, markets that end. */
import type { ErrorCode } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { venueOf } from './config.ts';
import type { RowStreams } from './holes/row-streams.ts';
import type { LiveBooks } from './live/live-books.ts';
import { contextOf } from './live/read-rows.ts';
import type { Loss } from './live/slow-consumer.ts';
import { channelNamed, channelOf } from './markets.ts';
import type { OxarchiveMessage } from './messages.ts';
import { malformed, type SessionReport } from './session-report.ts';
import type { SessionScope } from './session-scope.ts';
import type { ServerFrame } from './stream/frames.ts';
import type { OxarchiveStream } from './stream/stream.ts';
import type { Subscription } from './stream/subscriptions.ts';
import { readSettlement } from './wire/others.ts';

type Update = SourceUpdate<OxarchiveMessage>;
type FrameOf<K extends ServerFrame['kind']> = Extract<ServerFrame, { readonly kind: K }>;

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

  /** Rows of all subscriptions that match were lost on the way, for this reason. */
  *lose(
    { channel, symbol, isStopped }: Loss,
    { reason, fromMs }: { readonly reason: string; readonly fromMs?: number },
  ): Generator<Update> {
    const { logger, clock } = this.#scope.runtime;
    logger.warn({ channel, symbol, isStopped, reason }, 'rows were lost on the way');
    const how = { reason, isLiveNow: !isStopped, ...(fromMs === undefined ? {} : { fromMs }) };
    for (const subscription of this.#stream.matching(channel, symbol)) {
      yield* this.#loseOne(subscription, how);
      if (isStopped) this.#stream.socketOf(subscription)?.restore(subscription, clock.nowMs());
    }
  }

  /** What the frame was to tell is lost, and may be of anything that it does not rule out. */
  *unreadable({ channel, symbol, reason }: FrameOf<'unreadable'>, raw: Buffer): Generator<Update> {
    yield malformed(raw, 'source.malformed_frame', `A frame of the socket ${reason}.`);
    yield* this.lose({ channel, symbol, isStopped: false }, { reason: 'unreadable' });
  }

  /** The server's own word that rows are missing; the reference has it in replays only. */
  gap({ channel, symbol, fromMs }: FrameOf<'gap_detected'>): Generator<Update> {
    return this.lose({ channel, symbol, isStopped: false }, { reason: 'gap', fromMs });
  }

  *#loseOne(
    { channel, symbol }: Subscription,
    how: { readonly reason: string; readonly isLiveNow: boolean; readonly fromMs?: number },
  ): Generator<Update> {
    const kind = channelNamed(channel)?.kind;
    if (kind === undefined || symbol === null) return;
    if (this.#books.isOf(kind))
      yield* this.#report.bookUpdates(this.#books.doubt(symbol, how.reason));
    this.#scope.unfilled.cutOne(kind, symbol);
    yield* this.#report.rowUpdates(this.#rows.lose({ dataset: kind, symbol }, how));
  }

  /** A subscription will not be had; what it would have told is looked for in the archive. */
  *giveUp(
    { channel, symbol }: Subscription,
    why: {
      readonly code: ErrorCode;
      readonly raw: Uint8Array;
      readonly what: string;
      readonly requestId: string | null;
    },
  ): Generator<Update> {
    const { code, raw, what, requestId } = why;
    const { logger, metrics, name: source } = this.#scope.runtime;
    this.#refused += 1;
    logger.error({ channel, symbol, code, requestId }, 'subscription given up, others go on');
    metrics.add('errors', { source, stage: 'sources', code });
    yield malformed(raw, code, `The subscription to ${channel} of ${symbol ?? 'all'} ${what}`);
    const kind = channelNamed(channel)?.kind;
    if (kind === undefined || symbol === null) return;
    if (this.#books.isOf(kind)) yield* this.#report.bookUpdates(this.#books.giveUp(symbol, code));
    // What the archive has is all there is now.
    this.#rows.flows(kind, symbol);
    if (code === 'market.unknown')
      yield* this.#report.rowUpdates(
        this.#rows.lose({ dataset: kind, symbol }, { reason: code, isLiveNow: true }),
      );
  }

  /** The end of an outcome market: its row, and the end of everything else of it. */
  *settled(frame: FrameOf<'settled'>, raw: Buffer, receivedAtUs: number): Generator<Update> {
    const { config } = this.#scope;
    const receivedAtMs = Math.floor(receivedAtUs / 1000);
    const channel = channelOf(venueOf(config), 'trades');
    if (channel === undefined) return;
    const { symbols, data } = frame;
    const [symbol = ''] = symbols;
    const context = contextOf({ symbol, timeMs: null }, channel, { receivedAtMs, config });
    const { messages, refusals } = readSettlement(data, context);
    for (const { code, message } of refusals) yield malformed(raw, code, message);
    if (messages.length > 0)
      yield this.#report.batch(messages, { isBackfill: false, receivedAtUs });
    for (const each of symbols) yield* this.#ended(each, 'settled');
  }

  /** Not asked for by us: the market was delisted, or is otherwise over. */
  *unsubscribed({ channel, symbol }: FrameOf<'unsubscribed'>, raw: Buffer): Generator<Update> {
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
    yield* this.#report.rowUpdates(this.#rows.end(symbol, reason));
  }
}
