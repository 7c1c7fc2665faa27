/**
 * One session: frames become batches as they come, what is missing is fetched beside them, and every
 * doubt about a book or a stretch of rows is said before anything else of that market.
 */
import { FatalError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { Bell } from '../bell.ts';
import { ReplayReader } from './archive/replay-reader.ts';
import { RestReader } from './archive/rest-reader.ts';
import { RowStreams } from './holes/row-streams.ts';
import { Candles } from './live/candles.ts';
import type { LiveBooks } from './live/live-books.ts';
import { readRows } from './live/read-rows.ts';
import { lossOf } from './live/slow-consumer.ts';
import { together } from './live/together.ts';
import { type ChannelKind, channelNamed } from './markets.ts';
import type { OxarchiveMessage } from './messages.ts';
import { refusalOf } from './refusal.ts';
import { SessionLosses } from './session-losses.ts';
import { malformed, SessionReport } from './session-report.ts';
import type { SessionScope } from './session-scope.ts';
import { type ErrorNotice, type RowsFrame, type ServerFrame, wordsOf } from './stream/frames.ts';
import { socketPlan } from './stream/plan.ts';
import type { SocketEvent } from './stream/socket.ts';
import { OxarchiveStream } from './stream/stream.ts';

type Update = SourceUpdate<OxarchiveMessage>;

const idleIntervalMs = 1_000;
const pauseMinMs = 1;
const unknownTypesMax = 100;

/** Runs until aborted or until something is thrown. `fromMs` is the position before it. */
export async function* runSession(
  scope: SessionScope,
  fromMs: number | null,
  signal: AbortSignal,
): AsyncGenerator<Update> {
  const { config, runtime, datasets, state } = scope;
  const { clock } = runtime;
  const bell = new Bell();
  state.connecting();
  const plan = socketPlan(config, datasets, (each) => scope.isLeftOut(each));
  const stream = await state.attempt(
    OxarchiveStream.open(plan, { config, runtime, bell, signal }),
    signal,
  );
  const rest = new RestReader(scope.archive, config, runtime.clock);
  const reader = config.backfill === 'rest' ? rest : new ReplayReader(rest, config, runtime);
  const rows = new RowStreams({ config, runtime, bell }, scope.rowStreams, {
    ...{ fromMs, reader },
    ended: scope.ended,
  });
  const hasCandles = datasets.includes('candles');
  const begin = { markets: scope.markets, fromMs };
  const candles = hasCandles ? new Candles({ config, runtime, bell }, scope.archive, begin) : null;
  scope.unfilled.cut(fromMs);
  for (const { trail } of scope.rowStreams) trail.beginSession();
  const session = new OxarchiveSession(scope, { stream, rows, candles });
  try {
    yield* session.begin();
    for (;;) {
      yield* session.settle();
      const waitMs = Math.max(pauseMinMs, session.nextAtMs - clock.nowMs());
      await bell.wait(waitMs, { clock, signal });
    }
  } catch (error) {
    if (signal.aborted) throw error;
    state.lost(error, session.view);
    // Whoever reads the books alone must not go on with them.
    yield* session.lost();
    throw error;
  } finally {
    stream.close();
    bell.close();
    await Promise.all([rows.stop(), candles?.stop()]);
  }
}

class OxarchiveSession {
  readonly #scope: SessionScope;
  readonly #stream: OxarchiveStream;
  readonly #rows: RowStreams;
  readonly #books: LiveBooks;
  readonly #report: SessionReport;
  readonly #losses: SessionLosses;
  readonly #candles: Candles | null;
  readonly #openedAtMs: number;
  #heardAtMs = 0;
  #idleAtMs = 0;
  readonly #unknownTypes = new Set<string>();

  constructor(
    scope: SessionScope,
    parts: {
      readonly stream: OxarchiveStream;
      readonly rows: RowStreams;
      readonly candles: Candles | null;
    },
  ) {
    this.#scope = scope;
    this.#stream = parts.stream;
    this.#rows = parts.rows;
    this.#candles = parts.candles;
    this.#books = scope.books;
    this.#report = new SessionReport(parts.rows, scope.runtime.clock);
    this.#losses = new SessionLosses(scope, { ...parts, report: this.#report });
    this.#openedAtMs = scope.runtime.clock.nowMs();
  }

  get view() {
    return {
      isSettled: this.#stream.isSettled,
      subscriptions: this.#stream.active,
      refused: this.#losses.refused,
      openGaps: this.#rows.openHoles,
      isArchiveLost: this.#rows.isArchiveLost,
      unsafeBooks: this.#books.unsafe,
      awaitedBooks: this.#books.awaited,
    };
  }

  /** When there is something to do without news, at the latest. */
  get nextAtMs(): number {
    const nowMs = this.#scope.runtime.clock.nowMs();
    return Math.min(
      nowMs + idleIntervalMs,
      this.#stream.nextAtMs(nowMs),
      this.#rows.nextAtMs,
      this.#books.nextAtMs,
      this.#candles?.nextAtMs ?? Number.POSITIVE_INFINITY,
    );
  }

  /** What is not known since the last session. */
  *begin(): Generator<Update> {
    yield* this.#report.rowUpdates(this.#rows.openAll('session_lost'));
    yield* this.#report.bookUpdates(this.#books.beginSession());
  }

  /** Does all that can be done now. */
  *settle(): Generator<Update> {
    const { clock } = this.#scope.runtime;
    const nowMs = clock.nowMs();
    yield* together(this.#heard(nowMs));
    yield* this.#report.rowUpdates(this.#rows.settle());
    if (this.#candles !== null) yield* this.#report.candleUpdates(this.#candles.settle());
    yield* this.#report.bookUpdates(this.#books.watch(clock.nowMs()));
    for (const subscription of this.#books.due(clock.nowMs())) {
      const { channel, symbol } = subscription;
      const kind = channelNamed(channel)?.kind;
      if (kind !== undefined && symbol !== null) this.#scope.unfilled.cutOne(kind, symbol);
      this.#stream.socketOf(subscription)?.resubscribe(subscription, clock.nowMs());
    }
    this.#look(nowMs);
    yield* this.#idle(nowMs);
  }

  /** The connection is gone. */
  *lost(): Generator<Update> {
    yield* this.#report.bookUpdates(this.#books.loseAll('disconnect'));
  }

  *#heard(nowMs: number): Generator<Update> {
    for (let event = this.#stream.take(nowMs); event; event = this.#stream.take(nowMs)) {
      yield* this.#hear(event);
    }
  }

  *#hear(event: SocketEvent): Generator<Update> {
    if (event.kind === 'frame') {
      this.#heardAtMs = this.#scope.runtime.clock.nowMs();
      yield* this.#frame(event.frame, event.raw, event.receivedAtUs);
    } else if (event.kind === 'flows') {
      const { channel, symbol } = event.subscription;
      const kind = channelNamed(channel)?.kind;
      if (kind !== undefined && symbol !== null) this.#rows.flows(kind, symbol);
    } else if (event.kind === 'refused') {
      const { code, advice } = refusalOf(event.word);
      yield* this.#losses.giveUp(event.subscription, {
        code,
        raw: event.raw,
        what: `was refused (${wordsOf(event)}). ${advice}`,
        requestId: event.requestId,
      });
    } else {
      const { ackTimeoutMs } = this.#scope.config;
      yield* this.#losses.giveUp(event.subscription, {
        code: 'source.subscription_unanswered',
        raw: Buffer.from(JSON.stringify(event.subscription)),
        what: `was not answered within ${ackTimeoutMs} ms, twice. The next session tries again.`,
        requestId: null,
      });
    }
  }

  *#frame(frame: ServerFrame, raw: Buffer, receivedAtUs: number): Generator<Update> {
    switch (frame.kind) {
      case 'data':
      case 'l4_snapshot':
      case 'l4_batch':
        yield* this.#data(frame, raw, receivedAtUs);
        break;
      case 'error':
        yield* this.#error(frame, raw);
        break;
      case 'settled':
        yield* this.#losses.settled(frame, raw, receivedAtUs);
        break;
      case 'unsubscribed':
        yield* this.#losses.unsubscribed(frame, raw);
        break;
      case 'unreadable':
        yield* this.#losses.unreadable(frame, raw);
        break;
      case 'gap_detected':
        yield* this.#losses.gap(frame);
        break;
      default:
        yield* this.#unexpected(frame.kind === 'unknown' ? frame.type : frame.kind, raw);
    }
  }

  *#data(frame: RowsFrame, raw: Buffer, receivedAtUs: number): Generator<Update> {
    const channel = channelNamed(frame.channel);
    if (channel === undefined) {
      const reason = `A frame came of the channel ${frame.channel}, which is not known.`;
      yield malformed(raw, 'source.unknown_channel', reason);
      return;
    }
    if (!this.#isWanted(frame, channel.kind, raw)) return;
    if (this.#books.isOf(channel.kind)) {
      yield* this.#report.bookUpdates(this.#books.take(frame, { raw, receivedAtUs }), receivedAtUs);
    }
    const { config, datasets } = this.#scope;
    const receivedAtMs = Math.floor(receivedAtUs / 1000);
    const { messages, refusals } = readRows(frame, channel, { receivedAtMs, config, datasets });
    for (const { code, message, raw: bytes } of refusals) {
      yield malformed(bytes ?? raw, code, message);
    }
    yield* this.#scope.unfilled.before(messages);
    if (messages.length > 0)
      yield this.#report.batch(messages, { isBackfill: false, receivedAtUs });
  }

  /** Frames of what was unsubscribed or dropped may still be on their way: they say nothing new. */
  #isWanted({ channel, symbol }: RowsFrame, kind: ChannelKind, raw: Buffer): boolean {
    const { subscriptions } = this.#stream.socketOf({ channel, symbol }) ?? {};
    const isOurs = subscriptions?.has(channel, symbol) ?? false;
    if (isOurs && !this.#scope.unfilled.isRepeat(kind, symbol, raw)) return true;
    const { metrics, name: source } = this.#scope.runtime;
    metrics.add('dropped', { source, reason: isOurs ? 'unchanged' : 'not_subscribed' });
    return false;
  }

  *#error(notice: ErrorNotice, raw: Buffer): Generator<Update> {
    const loss = lossOf(notice);
    if (loss !== undefined) {
      yield* this.#losses.lose(loss, { reason: 'slow_consumer' });
      return;
    }
    const { response, code, advice } = refusalOf(notice.word);
    const words = wordsOf(notice);
    if (response === 'end') {
      throw new FatalError(code, {
        stage: 'sources',
        message: `0xArchive ends the session (${words}). ${advice}`,
        context: { refusal: notice.word },
      });
    }
    yield malformed(
      raw,
      code,
      `0xArchive reported an error that is about no subscription (${words}).`,
    );
  }

  *#unexpected(type: string, raw: Buffer): Generator<Update> {
    const { logger, metrics, name: source } = this.#scope.runtime;
    metrics.add('dropped', { source, reason: 'unknown_type' });
    if (!this.#unknownTypes.has(type) && this.#unknownTypes.size < unknownTypesMax) {
      this.#unknownTypes.add(type);
      logger.warn({ type }, 'frame of a type that is not expected');
    }
    yield malformed(
      raw,
      'source.unknown_kind',
      `A frame of the type ${type} is not expected here.`,
    );
  }

  #look(nowMs: number): void {
    const { state, config } = this.#scope;
    state.look(this.view);
    const isStable = nowMs - this.#openedAtMs >= config.stableMs && this.#heardAtMs > 0;
    if (isStable) state.stable();
  }

  *#idle(nowMs: number): Generator<Update> {
    if (nowMs - this.#idleAtMs < idleIntervalMs) return;
    this.#idleAtMs = nowMs;
    yield { kind: 'idle', cursor: this.#report.cursor() };
  }
}
