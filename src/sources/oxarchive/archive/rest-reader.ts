/**
 * Missed rows over REST (reference section 8). Lighter's archive has a trade a day and a half later,
 * when it is final; until then only its list of recent ones has it.
 */
import { DataError, FatalError } from '../../../model/errors.ts';
import type { Clock } from '../../../model/runtime.ts';
import { isObject } from '../../wire-object.ts';
import type { OxarchiveConfig } from '../config.ts';
import type { BackfillPage, BackfillReader, Lacking, Stretch } from '../holes/backfill.ts';
import type { AppendMessage } from '../holes/row-trail.ts';
import { channelOf, restPath } from '../markets.ts';
import { timeMsOf } from '../wire/fields.ts';
import type { Reading, RowsContext } from '../wire/reading.ts';
import { readLiquidations, readTrades } from '../wire/trades.ts';
import type { Archive, ArchivePage, TimeRange } from './archive.ts';

/** A plan may show so much at once (reference section 1.5). */
const windowMs = 29 * 86_400_000;
/** Words for a range that begins before what the archive, or the plan, has. */
const tooEarly = new Set(['range_before_coverage', 'historical_depth_exceeded']);

/** See `BackfillReader`. */
export class RestReader implements BackfillReader {
  readonly #archive: Archive;
  readonly #config: OxarchiveConfig;
  readonly #clock: Clock;

  constructor(archive: Archive, config: OxarchiveConfig, clock: Clock) {
    this.#archive = archive;
    this.#config = config;
    this.#clock = clock;
  }

  async *pages(stretch: Stretch, signal: AbortSignal): AsyncGenerator<BackfillPage, number | null> {
    // Asked first: what it says of later may not have been there yet when the pages were read.
    const reachedMs = await this.reachedMs(stretch, signal);
    let finalMs: number | null = null;
    let servedMs: number | null = null;
    for (const range of windowsOf(stretch.range)) {
      for await (const page of this.#window({ ...stretch, range }, signal)) {
        finalMs = Math.max(finalMs ?? 0, page.finalMs ?? 0);
        servedMs = page.servedMs ?? servedMs;
        yield page;
      }
    }
    if (isPreliminaryFirst(stretch)) yield* this.#recent(stretch, finalMs, signal);
    // An answer that was cut short has not what the archive has beyond.
    else if (servedMs !== null) return Math.min(reachedMs ?? servedMs, servedMs);
    return reachedMs;
  }

  /** By the archive's own word; a form that is not known is no word (reference section 8). */
  async reachedMs({ market, dataset }: Stretch, signal: AbortSignal): Promise<number | null> {
    try {
      const path = restPath(market, 'freshness');
      return freshnessIn(await this.#archive.answer(path, signal), dataset);
    } catch (error) {
      // It only spares a wait: without it the rows themselves tell.
      if (error instanceof FatalError || error instanceof DataError) return null;
      throw error;
    }
  }

  async *#window(stretch: Stretch, signal: AbortSignal): AsyncGenerator<ReadPage> {
    try {
      yield* this.#read(stretch, signal);
    } catch (error) {
      const fromMs = this.#coverageOf(error, stretch);
      if (fromMs === null) throw error;
      const { range } = stretch;
      const lacking = [beforeArchive(range, fromMs)];
      const receivedAtUs = this.#clock.nowUs();
      yield { rows: [], letters: [], lacking, receivedAtUs, finalMs: null, servedMs: null };
      if (fromMs > range.toMs) return;
      yield* this.#read({ ...stretch, range: { ...range, fromMs } }, signal);
    }
  }

  async *#read(stretch: Stretch, signal: AbortSignal): AsyncGenerator<ReadPage> {
    const { market, dataset, range } = stretch;
    for await (const page of this.#archive.pages(market, { resource: dataset, range }, signal)) {
      const finalMs = timeIn(page.meta['finalized_through']);
      const servedMs = timeIn(page.meta['clamped_to']);
      const coveredFromMs = timeIn(page.meta['coverage_from']) ?? range.fromMs;
      const lacking = coveredFromMs > range.fromMs ? [beforeArchive(range, coveredFromMs)] : [];
      yield { ...this.#pageOf(page, stretch, 'rest'), lacking, finalMs, servedMs };
    }
  }

  /** The newest rows, back to what is final: what lies between is lost to us. */
  async *#recent(
    stretch: Stretch,
    finalMs: number | null,
    signal: AbortSignal,
  ): AsyncGenerator<BackfillPage> {
    const { market, dataset, range } = stretch;
    const neededFromMs = Math.max(range.fromMs, finalMs ?? 0);
    let oldestMs = Number.POSITIVE_INFINITY;
    const query = { resource: dataset, isRecent: true };
    for await (const page of this.#archive.pages(market, query, signal)) {
      const read = this.#pageOf(page, stretch, 'recent');
      for (const { eventTimeMs } of read.rows) oldestMs = Math.min(oldestMs, eventTimeMs);
      // A row that is final already would become preliminary again.
      const isNews = ({ eventTimeMs }: AppendMessage) =>
        eventTimeMs >= range.fromMs && eventTimeMs > (finalMs ?? 0);
      yield { ...read, rows: read.rows.filter(isNews) };
      if (oldestMs < neededFromMs) return;
    }
    const isWhole = oldestMs <= neededFromMs || oldestMs === Number.POSITIVE_INFINITY;
    if (isWhole) return;
    const lacking = [{ fromMs: neededFromMs, toMs: oldestMs, reason: 'archive_hole' }] as const;
    yield { rows: [], letters: [], lacking, receivedAtUs: this.#clock.nowUs() };
  }

  #pageOf(
    { rows, receivedAtUs }: ArchivePage,
    { market, dataset }: Stretch,
    origin: RowsContext['origin'],
  ): BackfillPage {
    const context: RowsContext = {
      venue: market.venue,
      channel: dataset,
      symbol: market.symbol,
      origin,
      receivedAtMs: Math.floor(receivedAtUs / 1000),
      aheadMsMax: this.#config.clockSkewMaxMs,
      envelopeTimeMs: null,
    };
    const { messages, refusals }: Reading<AppendMessage> =
      dataset === 'trades' ? readTrades(rows, context) : readLiquidations(rows, context);
    const letters = refusals.map(({ code, message, raw }) => ({
      raw: raw ?? Buffer.from(message),
      code,
      reason: message,
    }));
    const inOrder = [...messages].sort((a, b) => a.eventTimeMs - b.eventTimeMs);
    return { rows: inOrder, letters, lacking: [], receivedAtUs };
  }

  /** Where what is asked for begins to exist; null for any other error. */
  #coverageOf(error: unknown, { market, dataset, range }: Stretch): number | null {
    if (!(error instanceof FatalError)) return null;
    const { refusal, coverageFromMs } = error.context;
    if (typeof refusal !== 'string' || !tooEarly.has(refusal)) return null;
    const startMs = channelOf(market.venue, dataset)?.archiveStartMs ?? null;
    const told = typeof coverageFromMs === 'number' ? coverageFromMs : startMs;
    const planMs = this.#clock.nowMs() - windowMs;
    const fromMs = refusal === 'range_before_coverage' ? told : planMs;
    return fromMs !== null && fromMs > range.fromMs ? fromMs : null;
  }
}

interface ReadPage extends BackfillPage {
  /** Up to when rows are final, where the venue says so. */
  readonly finalMs: number | null;
  /** Where the answer was cut short, where it was. */
  readonly servedMs: number | null;
}

function beforeArchive({ fromMs, toMs }: TimeRange, beginsMs: number): Lacking {
  return { fromMs, toMs: Math.min(beginsMs, toMs), reason: 'before_the_archive' };
}

/** Lighter: the archive proper, and with it a replay, has a trade a day and a half late. */
export function isPreliminaryFirst({ market, dataset }: Stretch): boolean {
  return dataset === 'trades' && (market.venue === 'lighter' || market.venue === 'rh_lighter');
}

function* windowsOf({ fromMs, toMs }: TimeRange): Generator<TimeRange> {
  for (let startMs = fromMs; startMs <= toMs; startMs += windowMs) {
    yield { fromMs: startMs, toMs: Math.min(toMs, startMs + windowMs - 1) };
  }
}

/**
 * When this dataset was last archived: the member that is called so, or the entry of a list that says
 * it is of it; within `datasets` or `freshness` too.
 */
function freshnessIn(value: unknown, dataset: string): number | null {
  if (Array.isArray(value)) {
    const entry = value.find(
      (each) => isObject(each) && datasetNames.some((name) => each[name] === dataset),
    );
    return isObject(entry) ? timeIn(entry) : null;
  }
  if (!isObject(value)) return null;
  if (value[dataset] !== undefined) return timeIn(value[dataset]);
  const inner = value['datasets'] ?? value['freshness'];
  return inner === undefined ? null : freshnessIn(inner, dataset);
}

const datasetNames = ['dataset', 'data_type', 'datatype', 'type', 'channel', 'name'];

/** A time, or an object that has one under a name that says so. */
function timeIn(value: unknown): number | null {
  if (!isObject(value)) return timeMsOf(value) ?? null;
  for (const name of freshNames) {
    const timeMs = timeMsOf(value[name]);
    if (timeMs !== undefined) return timeMs;
  }
  return null;
}

const freshNames = [
  ...['last_updated_ms', 'last_updated', 'last_update', 'lastUpdated', 'last_timestamp'],
  ...['latest_ms', 'latest', 'latest_timestamp', 'timestamp_ms', 'timestamp'],
];
