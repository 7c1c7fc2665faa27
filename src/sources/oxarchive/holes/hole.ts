/**
 * One stretch of a market's rows that may lack some, from the moment it opened until it is filled or
 * left open for good (reference section 7.5). Pure: time is passed in.
 */
import type { MarketUpdate } from '../../../model/update.ts';
import type { TimeRange } from '../archive/archive.ts';
import type { Market } from '../markets.ts';
import type { BackfillPage } from './backfill.ts';
import type { Inquiry, Taken } from './inquiry.ts';
import type { AppendDataset, AppendMessage, RowTrail } from './row-trail.ts';

/** How a hole is filled, as the options are called. */
export interface HoleLimits {
  readonly overlapMs: number;
  readonly firstRowWaitMs: number;
  readonly archiveLagMs: number;
  readonly archiveWaitMaxMs: number;
}

/** Where a hole is, and why. */
export interface HoleOptions {
  readonly market: Market;
  readonly dataset: AppendDataset;
  readonly fromMs: number;
  readonly reason: string;
  readonly trail: RowTrail;
  readonly limits: HoleLimits;
}

/** Each wait for the archive is so many times the one before. */
const waitGrowth = 3;

/** Taken through by `RowStreams`, as an `Inquiry`. */
export class Hole implements Inquiry {
  readonly market: Market;
  readonly dataset: AppendDataset;
  readonly fromMs: number;
  readonly reason: string;
  readonly #trail: RowTrail;
  readonly #limits: HoleLimits;
  readonly #expectsLeft: boolean;
  /** Rows that come live from then on are whole; infinite until that is known. */
  #wholeFromMs = Number.POSITIVE_INFINITY;
  /** Time of the first live row after the cut, or of the cut where none came. */
  #rightMs: number | null = null;
  #isQuiet = false;
  #askAtMs = Number.POSITIVE_INFINITY;
  #firstAskedMs: number | null = null;
  #asked = 0;
  #hasLeft = false;
  #reachedMs: number;
  readonly #lacking = new Map<number, TimeRange>();
  #rows = 0;
  isSettled = false;

  constructor(options: HoleOptions) {
    const { market, dataset, fromMs, reason, trail, limits } = options;
    this.market = market;
    this.dataset = dataset;
    this.fromMs = fromMs;
    this.reason = reason;
    this.#trail = trail;
    this.#limits = limits;
    this.#reachedMs = fromMs;
    const { newestMs } = trail;
    this.#expectsLeft =
      newestMs !== null && newestMs <= fromMs && newestMs >= fromMs - limits.overlapMs;
  }

  /** Rows from then on came live; null while that is not known. */
  get rightMs(): number | null {
    return this.#rightMs;
  }

  /** Infinite while it waits for the live rows or an answer. */
  get askAtMs(): number {
    return this.#askAtMs;
  }

  /** Live rows are whole from now on. A second time changes nothing. */
  cut(nowMs: number): void {
    if (this.#wholeFromMs !== Number.POSITIVE_INFINITY) return;
    this.#wholeFromMs = nowMs;
    this.#askAtMs = nowMs + this.#limits.firstRowWaitMs;
  }

  /** Rows were lost again before one came: true where this hole takes them in. */
  isCutAgain(nowMs: number): boolean {
    if (this.#rightMs !== null) return false;
    if (this.#wholeFromMs === Number.POSITIVE_INFINITY) return true;
    this.#wholeFromMs = nowMs;
    this.#askAtMs = nowMs + this.#limits.firstRowWaitMs;
    return true;
  }

  /** A live row came: the first one after the cut is the right edge. */
  live(row: AppendMessage, nowMs: number): void {
    if (this.#wholeFromMs === Number.POSITIVE_INFINITY) return;
    this.#isQuiet = false;
    if (this.#rightMs !== null) return;
    this.#rightMs = row.eventTimeMs;
    this.#askAtMs = nowMs;
  }

  ask(nowMs: number): TimeRange {
    const { overlapMs } = this.#limits;
    if (this.#rightMs === null) {
      this.#rightMs = this.#wholeFromMs;
      this.#isQuiet = true;
    }
    this.#asked += 1;
    this.#firstAskedMs ??= nowMs;
    this.#askAtMs = Number.POSITIVE_INFINITY;
    const toMs = Math.max(this.fromMs, Math.min(nowMs, this.#rightMs + overlapMs));
    return { fromMs: Math.max(0, this.fromMs - overlapMs), toMs };
  }

  take({ rows, lacking }: BackfillPage): Taken {
    for (const range of lacking) this.#lacking.set(range.fromMs, range);
    const missed = rows.filter((row) => {
      const known = this.#trail.compare(row);
      if (row.eventTimeMs <= this.fromMs && known !== 'no') this.#hasLeft = true;
      this.#reachedMs = Math.max(this.#reachedMs, row.eventTimeMs);
      if (known === 'no') this.#rows += 1;
      return known !== 'same';
    });
    return { updates: [], rows: missed };
  }

  end(reachedMs: number | null, nowMs: number): readonly MarketUpdate[] {
    this.#reachedMs = Math.max(this.#reachedMs, reachedMs ?? 0);
    const isWhole = this.#isReached(nowMs) && (!this.#expectsLeft || this.#hasLeft);
    const waitedMs = nowMs - (this.#firstAskedMs ?? nowMs);
    if (isWhole || waitedMs >= this.#limits.archiveWaitMaxMs) return this.#settled(nowMs);
    this.#later(nowMs);
    return [];
  }

  /** It is asked for until it comes. */
  failed(nowMs: number): void {
    this.#later(nowMs);
  }

  refused(reason: string, nowMs: number): readonly MarketUpdate[] {
    return this.#settled(nowMs, reason);
  }

  opened(): MarketUpdate {
    return this.#update('gap', { toMs: null, rows: null, reason: this.reason });
  }

  /** That it is settled, and what stays missing. */
  #settled(nowMs: number, refusal?: string): readonly MarketUpdate[] {
    this.isSettled = true;
    const missing = this.#missing(nowMs, refusal);
    const reason = missing.length === 0 ? 'filled' : 'partial';
    const closed = this.#update('closed', { toMs: this.#rightMs, rows: this.#rows, reason });
    return [closed, ...missing];
  }

  #missing(nowMs: number, refusal: string | undefined): readonly MarketUpdate[] {
    const toMs = this.#rightMs;
    const gap = (fromMs: number, until: number | null, reason: string) => ({
      ...this.#update('gap', { toMs: until, rows: null, reason }),
      fromMs,
    });
    if (refusal !== undefined) return [gap(this.fromMs, toMs, refusal)];
    const inside = [...this.#lacking.values()].filter(
      (range) => range.toMs > this.fromMs && range.fromMs < (toMs ?? Number.POSITIVE_INFINITY),
    );
    const holes = inside.map((range) => gap(range.fromMs, range.toMs, 'archive_hole'));
    if (this.#expectsLeft && !this.#hasLeft)
      return [...holes, gap(this.fromMs, toMs, 'archive_lacks_known_rows')];
    if (this.#isReached(nowMs)) return holes;
    return [...holes, gap(this.#reachedMs, toMs, 'archive_behind')];
  }

  /**
   * The archive is taken to be in the order of time. Of a market without a trade since, it cannot be
   * told whether the archive is behind: then the overlap is waited for.
   */
  #isReached(nowMs: number): boolean {
    const rightMs = this.#rightMs ?? Number.POSITIVE_INFINITY;
    if (this.#reachedMs >= rightMs) return true;
    return this.#isQuiet && nowMs >= rightMs + this.#limits.overlapMs;
  }

  #later(nowMs: number): void {
    const { archiveLagMs, archiveWaitMaxMs } = this.#limits;
    const waitMs = archiveLagMs * waitGrowth ** Math.min(this.#asked - 1, 10);
    this.#askAtMs = nowMs + Math.max(1, Math.min(waitMs, archiveWaitMaxMs));
  }

  #update(
    state: 'gap' | 'closed',
    told: { readonly toMs: number | null; readonly rows: number | null; readonly reason: string },
  ): MarketUpdate {
    const { dataset, fromMs } = this;
    const { symbol } = this.market;
    return { kind: 'market', dataset, symbol, state, epoch: null, fromMs, ...told };
  }
}
