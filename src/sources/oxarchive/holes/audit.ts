/**
 * Compares the rows of one stream with the archive now and then: what the server dropped without a
 * word is found nowhere else. Where a venue has no live channel for a dataset, it is what reads it.
 * Pure: time is passed in.
 */
import type { MarketUpdate } from '../../../model/update.ts';
import type { TimeRange } from '../archive/archive.ts';
import type { Market } from '../markets.ts';
import type { BackfillPage } from './backfill.ts';
import type { Inquiry, Taken } from './inquiry.ts';
import type { AppendDataset, RowTrail } from './row-trail.ts';

/** When to look, as the options are called. */
export interface AuditLimits {
  readonly auditIntervalMs: number;
  readonly archiveLagMs: number;
  readonly archiveWaitMaxMs: number;
  readonly overlapMs: number;
}

/** Goes on for as long as the session does. */
export class Audit implements Inquiry {
  readonly market: Market;
  readonly dataset: AppendDataset;
  readonly #trail: RowTrail;
  readonly #limits: AuditLimits;
  /** There is no live channel: that rows are read here is how it is meant, and no news. */
  readonly #isOnlyWay: boolean;
  #fromMs = Number.POSITIVE_INFINITY;
  #toMs = 0;
  #newestMs = 0;
  /** What was told as a gap, until the archive has shown that it is beyond it. */
  #told: (TimeRange & { readonly atMs: number }) | null = null;
  /** Trades in the answer, by their names. */
  readonly #given = new Set<number>();
  /** Trades that are known within what was told, and that the archive has not given. */
  readonly #unseen = new Set<number>();
  #rows = 0;
  /** A hole is open: it tells of what is missing. */
  #isMute = false;
  askAtMs = Number.POSITIVE_INFINITY;
  readonly isSettled = false;

  constructor(
    stream: {
      readonly market: Market;
      readonly dataset: AppendDataset;
      readonly trail: RowTrail;
      readonly isOnlyWay: boolean;
    },
    limits: AuditLimits,
  ) {
    this.market = stream.market;
    this.dataset = stream.dataset;
    this.#trail = stream.trail;
    this.#isOnlyWay = stream.isOnlyWay;
    this.#limits = limits;
  }

  /** Rows before are compared; infinite while it has not begun. */
  get comparedToMs(): number {
    return this.#fromMs;
  }

  /** Rows are yielded from then on. A second time changes nothing. */
  begin(fromMs: number, nowMs: number): void {
    if (this.#fromMs !== Number.POSITIVE_INFINITY) return;
    this.#fromMs = fromMs;
    this.#again(nowMs);
  }

  /** A hole was opened from here on, and takes over what this has told; it is to begin with that. */
  handOver(): number {
    this.#isMute = true;
    const { fromMs } = this.#told ?? { fromMs: Number.POSITIVE_INFINITY };
    this.#forget();
    return fromMs;
  }

  /** Rows that are younger than the archive's lag may not be there yet. */
  ask(nowMs: number): TimeRange {
    this.askAtMs = Number.POSITIVE_INFINITY;
    this.#isMute = false;
    this.#toMs = Math.max(this.#fromMs, nowMs - this.#limits.archiveLagMs);
    return { fromMs: this.#fromMs, toMs: this.#toMs };
  }

  take({ rows, receivedAtUs }: BackfillPage): Taken {
    // What the trail has forgotten cannot be called missed.
    const isTold = !this.#isOnlyWay && !this.#trail.isFull && !this.#isMute;
    const news = rows.filter((row) => {
      this.#newestMs = Math.max(this.#newestMs, row.eventTimeMs);
      this.#given.add(row.tradeId);
      return this.#trail.compare(row) !== 'same';
    });
    // What is there with another content is corrected; it was not missing.
    const missed = news.filter((row) => this.#trail.compare(row) === 'no');
    const [first] = missed;
    if (first === undefined || !isTold) return { updates: [], rows: news };
    if (this.#told === null) this.#rows = 0;
    this.#rows += missed.length;
    if (this.#told !== null && this.#told.toMs >= this.#toMs) return { updates: [], rows: news };
    const atMs = Math.floor(receivedAtUs / 1000);
    const fromMs = this.#told?.fromMs ?? first.eventTimeMs;
    this.#told = { fromMs, toMs: this.#toMs, atMs: this.#told?.atMs ?? atMs };
    const opened = this.#update('gap', {
      ...{ fromMs, toMs: this.#toMs, rows: null },
      reason: 'dropped_silently',
    });
    return { updates: [opened], rows: news };
  }

  end(reachedMs: number | null, nowMs: number): readonly MarketUpdate[] {
    const saidMs = reachedMs ?? 0;
    this.#compare(Math.max(this.#newestMs, saidMs));
    const closed = this.#closed(saidMs, nowMs);
    this.#again(nowMs);
    // A row may still be on its way into the archive when a younger one is there.
    this.#fromMs = Math.max(
      this.#fromMs,
      this.#newestMs - this.#limits.archiveLagMs,
      this.#toMs - this.#limits.overlapMs,
    );
    return closed;
  }

  failed(nowMs: number): void {
    this.#given.clear();
    this.#again(nowMs);
  }

  refused(reason: string, nowMs: number): readonly MarketUpdate[] {
    this.failed(nowMs);
    return this.#told === null ? [] : this.#left(this.#told, this.#told.fromMs, reason);
  }

  /** Notes which known rows the answer lacks of what was told, as far as the archive has come. */
  #compare(beyondMs: number): void {
    if (this.#told !== null) {
      const earliestMs = Math.max(this.#told.fromMs, this.#fromMs);
      const toMs = Math.min(this.#toMs, beyondMs);
      for (const id of this.#trail.touching({ earliestMs, fromMs: earliestMs, toMs }).keys()) {
        this.#unseen.add(id);
      }
    }
    for (const id of this.#given) this.#unseen.delete(id);
    this.#given.clear();
  }

  /** As a hole is: by a row that lies beyond, or by the archive's word, and by the known rows; else with what is left. */
  #closed(saidMs: number, nowMs: number): readonly MarketUpdate[] {
    const told = this.#told;
    if (told === null) return [];
    const isReached = this.#newestMs >= told.toMs || saidMs > told.toMs;
    if (isReached && this.#unseen.size === 0) return this.#left(told, told.toMs, '');
    if (nowMs - told.atMs < this.#limits.archiveWaitMaxMs) return [];
    if (this.#unseen.size > 0) return this.#left(told, told.fromMs, 'archive_lacks_known_rows');
    return this.#left(told, Math.max(this.#newestMs, saidMs), 'archive_behind');
  }

  #left({ fromMs, toMs }: TimeRange, wholeToMs: number, why: string): readonly MarketUpdate[] {
    const isWhole = wholeToMs >= toMs;
    const reason = isWhole ? 'filled' : 'partial';
    const closed = this.#update('closed', { fromMs, toMs, rows: this.#rows, reason });
    const rest = { fromMs: Math.max(fromMs, wholeToMs), toMs, rows: null, reason: why };
    this.#forget();
    return isWhole ? [closed] : [closed, this.#update('gap', rest)];
  }

  #forget(): void {
    this.#told = null;
    this.#unseen.clear();
  }

  #again(nowMs: number): void {
    this.askAtMs = nowMs + this.#limits.auditIntervalMs;
  }

  #update(
    state: 'gap' | 'closed',
    told: TimeRange & { readonly rows: number | null; readonly reason: string },
  ): MarketUpdate {
    const { dataset } = this;
    const { symbol } = this.market;
    return { kind: 'market', dataset, symbol, state, epoch: null, ...told };
  }
}
