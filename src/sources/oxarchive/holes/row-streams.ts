/**
 * The append-only streams of a session: trades and liquidations of each market. Knows which rows were
 * yielded, where some may be missing, and up to which time everything is whole: the watermark.
 */
import { FatalError, PipelineError } from '../../../model/errors.ts';
import type { SourceUpdate } from '../../../model/update.ts';
import type { Bell } from '../../bell.ts';
import type { SourceRuntime } from '../../source.ts';
import type { OxarchiveConfig } from '../config.ts';
import type { Market } from '../markets.ts';
import type { OxarchiveMessage } from '../messages.ts';
import { Audit } from './audit.ts';
import {
  Backfill,
  type BackfillEvent,
  type BackfillPage,
  type BackfillReader,
} from './backfill.ts';
import { Hole } from './hole.ts';
import type { Inquiry } from './inquiry.ts';
import type { AppendDataset, AppendMessage, RowTrail } from './row-trail.ts';

/** One append-only stream; `trail` outlives the session. */
export interface RowStream {
  readonly market: Market;
  readonly dataset: AppendDataset;
  readonly trail: RowTrail;
  /** False where the venue has no live channel for it. */
  readonly isLive: boolean;
}

/** What the session makes of rows: the cursor is the watermark after them. */
export type RowUpdate =
  | Extract<SourceUpdate<never>, { readonly kind: 'market' | 'malformed' }>
  | {
      readonly kind: 'rows';
      readonly rows: readonly AppendMessage[];
      readonly receivedAtUs: number;
    };

interface Tracked extends RowStream {
  hole: Hole | null;
  audit: Audit | null;
}

/** One per session; `stop` must follow. */
export class RowStreams {
  readonly #config: OxarchiveConfig;
  readonly #runtime: SourceRuntime;
  readonly #streams = new Map<string, Tracked>();
  readonly #backfill: Backfill<Inquiry, BackfillPage, number>;
  readonly #reader: BackfillReader;
  readonly #asked = new Set<Inquiry>();
  readonly #fromMs: number | null;
  readonly #ended: ReadonlySet<string>;
  #watermarkMs: number;
  #openHoles = 0;
  #isArchiveLost = false;
  /** What is older than the least of them, less the overlap, is compared with the archive. */
  #comparedToMs = Number.POSITIVE_INFINITY;
  /** Newest time that any frame has told. */
  #newestMs = 0;

  /**
   * `fromMs` is where the position before this session is; null to begin with what comes. `ended` has
   * the symbols of markets that are over.
   */
  constructor(
    scope: {
      readonly config: OxarchiveConfig;
      readonly runtime: SourceRuntime;
      readonly bell: Bell;
    },
    streams: readonly RowStream[],
    begin: {
      readonly fromMs: number | null;
      readonly reader: BackfillReader;
      readonly ended: ReadonlySet<string>;
    },
  ) {
    this.#ended = begin.ended;
    this.#config = scope.config;
    this.#runtime = scope.runtime;
    this.#fromMs = begin.fromMs;
    this.#watermarkMs = begin.fromMs ?? scope.runtime.clock.nowMs();
    this.#backfill = new Backfill(scope.bell);
    this.#reader = begin.reader;
    const nowMs = scope.runtime.clock.nowMs();
    for (const stream of streams) {
      const { symbol } = stream.market;
      if (stream.trail.isOver) continue;
      const audited = { ...stream, isOnlyWay: !stream.isLive };
      const isAudited = scope.config.auditIntervalMs > 0 && !begin.ended.has(symbol);
      const audit = isAudited ? new Audit(audited, scope.config) : null;
      if (!stream.isLive) audit?.begin(begin.fromMs ?? nowMs, nowMs);
      this.#streams.set(`${stream.dataset}|${symbol}`, { ...stream, hole: null, audit });
    }
  }

  /** Up to then everything was yielded. It stands still while a hole is open, and never goes back. */
  get watermarkMs(): number {
    return this.#watermarkMs;
  }

  get openHoles(): number {
    return this.#openHoles;
  }

  /** The last question had no answer, for a reason that may pass. */
  get isArchiveLost(): boolean {
    return this.#isArchiveLost;
  }

  /** Rows since the position before are missing in every stream, until they are fetched. */
  *openAll(reason: string): Generator<RowUpdate> {
    const fromMs = this.#fromMs;
    if (fromMs === null) return;
    for (const stream of this.#streams.values()) {
      const lacksFromMs = stream.trail.lacksFromMs ?? fromMs;
      yield* this.#open(stream, Math.min(fromMs, lacksFromMs), reason);
    }
  }

  /** Rows were lost from the last one on; those that come from now on are whole, or will be. */
  *lose(
    { dataset, symbol }: { readonly dataset: string; readonly symbol: string },
    how: { readonly reason: string; readonly isLiveNow: boolean; readonly fromMs?: number },
  ): Generator<RowUpdate> {
    const stream = this.#streams.get(`${dataset}|${symbol}`);
    if (stream === undefined) return;
    const nowMs = this.#runtime.clock.nowMs();
    const lastMs = Math.min(lastWholeMs(stream) ?? nowMs, how.fromMs ?? nowMs);
    yield* this.#open(stream, Math.min(lastMs, this.#watermarkMs), how.reason);
    if (how.isLiveNow) stream.hole?.cut(nowMs);
  }

  /** A market is over: the archive is asked once more for what came last, and then never again. */
  *end(symbol: string, reason: string): Generator<RowUpdate> {
    for (const stream of this.#streams.values()) {
      if (stream.market.symbol !== symbol) continue;
      const nowMs = this.#runtime.clock.nowMs();
      const comparedToMs = stream.audit?.comparedToMs ?? nowMs;
      yield* this.#open(stream, Math.min(comparedToMs, this.#watermarkMs), reason);
      stream.audit = null;
    }
    this.#compared();
  }

  /**
   * The server has acknowledged the stream, or will never: what the live socket gives is whole from
   * now on, and the archive has what came before.
   */
  flows(dataset: string, symbol: string): void {
    const stream = this.#streams.get(`${dataset}|${symbol}`);
    if (stream === undefined) return;
    const nowMs = this.#runtime.clock.nowMs();
    stream.audit?.begin(nowMs, nowMs);
    this.#compared();
    stream.hole?.cut(nowMs);
  }

  /** Notes what a live frame has told, whatever it is about. Call before it is yielded. */
  live(messages: readonly OxarchiveMessage[]): void {
    const nowMs = this.#runtime.clock.nowMs();
    for (const message of messages) {
      this.#newestMs = Math.max(this.#newestMs, Math.min(message.eventTimeMs, nowMs));
      if (message.dataset !== 'trades' && message.dataset !== 'liquidations') continue;
      const stream = this.#streams.get(`${message.dataset}|${message.symbol}`);
      if (stream === undefined) continue;
      stream.hole?.live(message, nowMs);
      stream.trail.add(message);
    }
    this.#advance();
  }

  /** Takes what was fetched, and asks for what is due. */
  *settle(): Generator<RowUpdate> {
    for (let event = this.#backfill.take(); event !== undefined; event = this.#backfill.take()) {
      yield* this.#take(event);
    }
    this.#advance();
    this.#ask();
  }

  /** When `settle` has something to ask for, at the latest. */
  get nextAtMs(): number {
    let nextAtMs = Number.POSITIVE_INFINITY;
    if (this.#asked.size >= this.#config.concurrency) return nextAtMs;
    for (const { hole, audit } of this.#streams.values()) {
      const due = hole ?? audit;
      // One that was overtaken by a loss is due again before it is answered.
      if (due !== null && !this.#asked.has(due)) nextAtMs = Math.min(nextAtMs, due.askAtMs);
    }
    return nextAtMs;
  }

  stop(): Promise<void> {
    return this.#backfill.stop();
  }

  /** A stream has one hole: it becomes wider while it is open. */
  *#open(stream: Tracked, fromMs: number, reason: string): Generator<RowUpdate> {
    const { market, dataset, trail, isLive } = stream;
    let isNews = true;
    if (stream.hole === null) {
      const earliestMs = Math.min(fromMs, stream.audit?.handOver() ?? fromMs);
      const options = { market, dataset, trail, fromMs: earliestMs, limits: this.#config };
      stream.hole = new Hole(options);
      this.#openHoles += 1;
    } else isNews = stream.hole.widen(fromMs);
    const isQuiet = !isLive || this.#ended.has(market.symbol);
    if (isQuiet) stream.hole.cut(this.#runtime.clock.nowMs());
    trail.lacksFromMs = Math.min(fromMs, trail.lacksFromMs ?? fromMs);
    if (!isNews) return;
    yield stream.hole.opened(reason);
    const askedFromMs = this.#watermarkMs - this.#config.overlapMs;
    if (fromMs < askedFromMs) yield stream.hole.begun(askedFromMs, reason);
  }

  *#take(event: BackfillEvent<Inquiry, BackfillPage, number>): Generator<RowUpdate> {
    const { job } = event;
    const nowMs = this.#runtime.clock.nowMs();
    if (event.kind === 'page') {
      const { receivedAtUs, letters } = event.page;
      for (const letter of letters) yield { kind: 'malformed', ...letter };
      const { updates, rows } = job.take(event.page);
      yield* updates;
      const stream = this.#streams.get(`${job.dataset}|${job.market.symbol}`);
      for (const row of rows) stream?.trail.add(row);
      if (rows.length > 0) yield { kind: 'rows', rows, receivedAtUs };
      return;
    }
    this.#asked.delete(job);
    this.#isArchiveLost = event.kind === 'failed' && !(event.error instanceof FatalError);
    if (event.kind === 'end') yield* job.end(event.result, nowMs);
    else yield* this.#failed(job, event.error, nowMs);
    this.#compared();
    const stream = this.#streams.get(`${job.dataset}|${job.market.symbol}`);
    const settled = stream?.hole;
    if (!stream || !settled?.isSettled) return;
    stream.hole = null;
    stream.trail.lacksFromMs = null;
    this.#openHoles -= 1;
    this.#newestMs = Math.max(this.#newestMs, Math.min(settled.rightMs ?? 0, nowMs));
    if (this.#ended.has(job.market.symbol)) stream.trail.isOver = true;
  }

  /** What may pass is asked for again; a refusal is said, and what is missing stays so. */
  #failed(job: Inquiry, error: unknown, nowMs: number): readonly RowUpdate[] {
    if (!(error instanceof PipelineError)) throw error;
    if (error.code === 'source.key_refused' || error.code === 'source.credits_spent') throw error;
    const { logger, metrics, name: source } = this.#runtime;
    const { dataset, market } = job;
    logger.warn({ err: error, dataset, symbol: market.symbol }, 'history not read');
    metrics.add('errors', { source, stage: 'sources', code: error.code });
    if (!(error instanceof FatalError)) {
      job.failed(nowMs);
      return [];
    }
    return job.refused(`archive_refuses: ${error.code}`, nowMs);
  }

  #ask(): void {
    const nowMs = this.#runtime.clock.nowMs();
    for (const { market, dataset, hole, audit } of this.#streams.values()) {
      const due: Inquiry | null = hole ?? audit;
      if (due === null || due.askAtMs > nowMs || this.#asked.has(due)) continue;
      if (this.#asked.size >= this.#config.concurrency) return;
      this.#asked.add(due);
      const stretch = { market, dataset, range: due.ask(nowMs) };
      this.#backfill.start(due, (signal) => this.#reader.pages(stretch, signal));
    }
  }

  #compared(): void {
    this.#comparedToMs = Number.POSITIVE_INFINITY;
    for (const { audit } of this.#streams.values()) {
      if (audit !== null) this.#comparedToMs = Math.min(this.#comparedToMs, audit.comparedToMs);
    }
  }

  /**
   * A session begins so much before the watermark: it must not leave behind what no audit has compared,
   * because the server may have dropped rows of it.
   */
  #advance(): void {
    if (this.#newestMs === 0 || this.#openHoles > 0) return;
    const wholeToMs = Math.min(this.#newestMs, this.#comparedToMs + this.#config.overlapMs);
    this.#watermarkMs = Math.max(this.#watermarkMs, wholeToMs);
  }
}

/** Up to then a stream lacks no row: one came, or the archive was compared. Null where neither is known. */
function lastWholeMs({ trail, audit }: Tracked): number | null {
  const comparedToMs = audit?.comparedToMs ?? Number.POSITIVE_INFINITY;
  if (comparedToMs === Number.POSITIVE_INFINITY) return trail.newestMs;
  return Math.max(trail.newestMs ?? comparedToMs, comparedToMs);
}
