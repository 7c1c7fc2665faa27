/**
 * Candles, which have no live feed: each is asked for over REST once, when its interval is over. What
 * the archive does not have yet is asked for again.
 */
import { PipelineError, TransientError } from '../../../model/errors.ts';
import type { Bell } from '../../bell.ts';
import type { SourceRuntime } from '../../source.ts';
import type { Archive } from '../archive/archive.ts';
import type { OxarchiveConfig } from '../config.ts';
import { Backfill, type DeadLetter } from '../holes/backfill.ts';
import type { Market } from '../markets.ts';
import type { CandleMessage } from '../messages.ts';
import { readCandles } from '../wire/candles.ts';

/** Candles of an answer, oldest first. */
export interface CandlePage {
  readonly candles: readonly CandleMessage[];
  readonly letters: readonly DeadLetter[];
  readonly receivedAtUs: number;
}

interface Series {
  readonly market: Market;
  readonly interval: string;
  readonly lengthMs: number;
  /** Beginning of the oldest candle that is not yielded. */
  nextMs: number;
  askAtMs: number;
}

const minuteMs = 60_000;
/** Weeks begin on a Monday, 1970 began on a Thursday. */
const lengths: Readonly<Record<string, number>> = {
  '1m': minuteMs,
  '5m': 5 * minuteMs,
  '15m': 15 * minuteMs,
  '30m': 30 * minuteMs,
  '1h': 60 * minuteMs,
  '4h': 240 * minuteMs,
  '1d': 1_440 * minuteMs,
  '1w': 10_080 * minuteMs,
};
const mondayMs = 4 * 1_440 * minuteMs;

/** One per session; `stop` must follow. */
export class Candles {
  readonly #config: OxarchiveConfig;
  readonly #runtime: SourceRuntime;
  readonly #archive: Archive;
  readonly #backfill: Backfill<Series, CandlePage, null>;
  readonly #series: readonly Series[];

  /** `fromMs` is the position before this session: those that were over since then are fetched. */
  constructor(
    scope: {
      readonly config: OxarchiveConfig;
      readonly runtime: SourceRuntime;
      readonly bell: Bell;
    },
    archive: Archive,
    begin: { readonly markets: readonly Market[]; readonly fromMs: number | null },
  ) {
    this.#config = scope.config;
    this.#runtime = scope.runtime;
    this.#archive = archive;
    this.#backfill = new Backfill(scope.bell);
    const nowMs = scope.runtime.clock.nowMs();
    this.#series = begin.markets.flatMap((market) =>
      scope.config.candleIntervals.map((interval) => {
        const lengthMs = lengths[interval] ?? minuteMs;
        // The candle before the position may not have been asked for yet.
        const sinceMs = begin.fromMs === null ? nowMs : begin.fromMs - 2 * lengthMs;
        const series = { market, interval, lengthMs, nextMs: beginOf(sinceMs, lengthMs) };
        return { ...series, askAtMs: series.nextMs + lengthMs + scope.config.archiveLagMs };
      }),
    );
  }

  get nextAtMs(): number {
    return Math.min(...this.#series.map(({ askAtMs }) => askAtMs));
  }

  /** Takes what was fetched, and asks for what is due. */
  *settle(): Generator<CandlePage> {
    for (let event = this.#backfill.take(); event !== undefined; event = this.#backfill.take()) {
      const { job: series } = event;
      if (event.kind === 'page') yield this.#closed(series, event.page);
      else if (event.kind === 'end') this.#later(series);
      else this.#failed(series, event.error);
    }
    const nowMs = this.#runtime.clock.nowMs();
    for (const series of this.#series) {
      if (series.askAtMs > nowMs) continue;
      series.askAtMs = Number.POSITIVE_INFINITY;
      this.#backfill.start(series, (signal) => this.#read(series, nowMs, signal));
    }
  }

  stop(): Promise<void> {
    return this.#backfill.stop();
  }

  async *#read(
    { market, interval, nextMs }: Series,
    nowMs: number,
    signal: AbortSignal,
  ): AsyncGenerator<CandlePage, null> {
    const range = { fromMs: nextMs, toMs: nowMs };
    const query = { resource: 'candles', range, params: { interval } };
    for await (const { rows, receivedAtUs } of this.#archive.pages(market, query, signal)) {
      const context = {
        ...{ venue: market.venue, symbol: market.symbol, channel: 'candles' },
        origin: 'rest',
        receivedAtMs: Math.floor(receivedAtUs / 1000),
        aheadMsMax: this.#config.clockSkewMaxMs,
        envelopeTimeMs: null,
      } as const;
      const { messages, refusals } = readCandles(rows, context, interval);
      const letters = refusals.map(({ code, message, raw }) => ({
        raw: raw ?? Buffer.from(message),
        code,
        reason: message,
      }));
      yield { candles: messages, letters, receivedAtUs };
    }
    return null;
  }

  /** The last candle of an answer may still be growing, or lack what the archive does not have yet. */
  #closed(series: Series, page: CandlePage): CandlePage {
    const wholeToMs = this.#runtime.clock.nowMs() - this.#config.archiveLagMs;
    const candles = page.candles
      .filter(({ eventTimeMs }) => eventTimeMs + series.lengthMs <= wholeToMs)
      .sort((a, b) => a.eventTimeMs - b.eventTimeMs);
    const last = candles.at(-1);
    if (last !== undefined) {
      series.nextMs = Math.max(series.nextMs, last.eventTimeMs + series.lengthMs);
    }
    return { ...page, candles };
  }

  /** An interval without a trade may have no candle: it is asked for until a later one is there. */
  #later(series: Series): void {
    const { archiveLagMs } = this.#config;
    const nowMs = this.#runtime.clock.nowMs();
    series.askAtMs = Math.max(series.nextMs + series.lengthMs + archiveLagMs, nowMs + archiveLagMs);
  }

  #failed(series: Series, error: unknown): void {
    if (!(error instanceof PipelineError)) throw error;
    const { logger, metrics, name: source } = this.#runtime;
    const { symbol } = series.market;
    logger.warn({ err: error, dataset: 'candles', symbol }, 'history not read');
    metrics.add('errors', { source, stage: 'sources', code: error.code });
    // What the venue refuses it refuses again.
    if (error instanceof TransientError) this.#later(series);
  }
}

function beginOf(timeMs: number, lengthMs: number): number {
  const offsetMs = lengthMs === lengths['1w'] ? mondayMs : 0;
  return Math.floor((timeMs - offsetMs) / lengthMs) * lengthMs + offsetMs;
}
