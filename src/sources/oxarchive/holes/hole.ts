/**
 * One stretch of a market's rows that may lack some, from the moment it opened until it is filled or
 * left open for good (reference section 7.5). Pure: time is passed in.
 */
import type { MarketUpdate } from '../../../model/update.ts';
import type { TimeRange } from '../archive/archive.ts';
import type { Market } from '../markets.ts';
import type { BackfillPage, Lacking } from './backfill.ts';
import type { Inquiry, Taken } from './inquiry.ts';
import { Questions } from './questions.ts';
import type { AppendDataset, AppendMessage, RowTrail } from './row-trail.ts';

/** How a hole is filled, as the options are called. */
export interface HoleLimits {
  readonly overlapMs: number;
  readonly firstRowWaitMs: number;
  readonly archiveLagMs: number;
  readonly archiveWaitMaxMs: number;
}

/** Where a hole is. */
export interface HoleOptions {
  readonly market: Market;
  readonly dataset: AppendDataset;
  readonly fromMs: number;
  readonly trail: RowTrail;
  readonly limits: HoleLimits;
}

/** Taken through by `RowStreams`, as an `Inquiry`. A stream has one at a time: what is lost meanwhile widens it. */
export class Hole implements Inquiry {
  readonly market: Market;
  readonly dataset: AppendDataset;
  readonly #trail: RowTrail;
  readonly #limits: HoleLimits;
  #fromMs: number;
  /** Rows that come live from then on are whole; infinite until that is known. */
  #wholeFromMs = Number.POSITIVE_INFINITY;
  /** Time of the first live row after the cut, or of the cut where none had come when it was asked. */
  #rightMs: number | null = null;
  /** The first live row after the cut; an archive that has it has what came before. */
  #anchor: AppendMessage | null = null;
  readonly #questions: Questions;
  /**
   * Times of trades that are known at the left edge and within, and that the archive has not given yet, by
   * their names; null until it is asked.
   */
  #unseen: Map<number, number> | null = null;
  /** The archive gave the anchor. */
  #hasRight = false;
  /** Time of the newest row from before the right edge in the answer to the last question. */
  #readMs: number;
  /** Time of the newest row that the archive gave. */
  #newestMs = 0;
  /** How far the archive is, in its own words. */
  #saidMs = 0;
  readonly #lacking = new Map<number, Lacking>();
  /** All that is still to be asked for, where the rest is whole. */
  #rest: TimeRange | null = null;
  #rows = 0;
  isSettled = false;

  constructor(options: HoleOptions) {
    const { market, dataset, fromMs, trail, limits } = options;
    this.market = market;
    this.dataset = dataset;
    this.#fromMs = fromMs;
    this.#trail = trail;
    this.#limits = limits;
    this.#questions = new Questions(limits);
    this.#readMs = fromMs;
  }

  /** Rows from then on came live; null while that is not known. */
  get rightMs(): number | null {
    return this.#rightMs;
  }

  /** Infinite while it waits for the live rows or an answer. */
  get askAtMs(): number {
    return this.#questions.atMs;
  }

  /** Live rows are whole from now on. A second time changes nothing. */
  cut(nowMs: number): void {
    if (this.#wholeFromMs !== Number.POSITIVE_INFINITY) return;
    this.#wholeFromMs = nowMs;
    this.#questions.atMs = nowMs + this.#limits.firstRowWaitMs;
  }

  /** Rows from `fromMs` on were lost, again. True where more is missing now than was told. */
  widen(fromMs: number): boolean {
    const isNews = this.#rightMs !== null || fromMs < this.#fromMs;
    this.#fromMs = Math.min(this.#fromMs, fromMs);
    this.#wholeFromMs = Number.POSITIVE_INFINITY;
    this.#rightMs = null;
    this.#anchor = null;
    this.#hasRight = false;
    this.#unseen = null;
    this.#questions.overtake();
    this.#rest = null;
    return isNews;
  }

  /** A live row came: the first one after the cut is the right edge, and must be in the archive too. */
  live(row: AppendMessage, nowMs: number): void {
    const isWithin = row.eventTimeMs >= this.#fromMs && row.eventTimeMs < (this.#rightMs ?? 0);
    if (isWithin && this.#trail.compare(row) === 'no') {
      this.#unseen?.set(row.tradeId, row.eventTimeMs);
    }
    if (this.#wholeFromMs === Number.POSITIVE_INFINITY || this.#anchor !== null) return;
    // One that was late is no edge of this hole, and says nothing of one chosen for want of a row.
    if (row.eventTimeMs < (this.#rightMs ?? this.#fromMs)) return;
    this.#anchor = row;
    if (this.#rightMs === null) {
      this.#rightMs = row.eventTimeMs;
      this.#questions.atMs = nowMs;
    } else {
      this.#rest = null;
      this.#questions.soon(nowMs);
    }
  }

  /** The archive has a hole that it does not tell: it is beyond a row that it lacks. */
  get #lacksKnown(): boolean {
    const beyondMs = Math.max(this.#newestMs, this.#saidMs);
    return [...(this.#unseen?.values() ?? [])].some((timeMs) => timeMs < beyondMs);
  }

  ask(nowMs: number): TimeRange {
    const { overlapMs } = this.#limits;
    this.#rightMs ??= this.#wholeFromMs;
    this.#questions.ask(nowMs);
    for (const [at, { reason }] of this.#lacking) {
      if (reason === 'archive_hole') this.#lacking.delete(at);
    }
    if (this.#rest !== null) return this.#rest;
    this.#readMs = this.#fromMs;
    const earliestMs = Math.max(0, this.#fromMs - overlapMs);
    const inside = { earliestMs, fromMs: this.#fromMs, toMs: this.#rightMs };
    this.#unseen ??= this.#trail.touching(inside);
    const edgeMs = Math.max(this.#rightMs, this.#anchor?.eventTimeMs ?? 0);
    const toMs = Math.max(this.#fromMs, Math.min(nowMs, edgeMs + overlapMs));
    return { fromMs: earliestMs, toMs };
  }

  take({ rows, lacking }: BackfillPage): Taken {
    for (const part of lacking) this.#lack(part);
    const rightMs = this.#rightMs ?? Number.POSITIVE_INFINITY;
    const missed = rows.filter((row) => {
      const known = this.#trail.compare(row);
      this.#unseen?.delete(row.tradeId);
      // By its name: what was fetched meanwhile may have pushed it out of the trail.
      if (row.tradeId === this.#anchor?.tradeId) this.#hasRight = true;
      this.#newestMs = Math.max(this.#newestMs, row.eventTimeMs);
      if (row.eventTimeMs < rightMs) this.#readMs = Math.max(this.#readMs, row.eventTimeMs);
      if (known === 'no') this.#rows += 1;
      return known !== 'same';
    });
    return { updates: [], rows: missed };
  }

  /** That known rows are not in there says nothing new. */
  #lack(part: Lacking): void {
    this.#lacking.set(part.fromMs, part);
    for (const [id, timeMs] of this.#unseen ?? []) {
      if (timeMs >= part.fromMs && timeMs <= part.toMs) this.#unseen?.delete(id);
    }
  }

  end(reachedMs: number | null, nowMs: number): readonly MarketUpdate[] {
    if (!this.#questions.close()) return [];
    this.#saidMs = Math.max(this.#saidMs, reachedMs ?? 0);
    const isRead = this.#isReached() && !this.#lacksKnown;
    const holes = this.#missingParts().filter(({ reason }) => reason === 'archive_hole');
    const isWhole = isRead && holes.length === 0;
    if (isWhole || this.#questions.isTooLong(nowMs)) return this.#settled();
    if (isRead) {
      const fromMs = Math.min(...holes.map((range) => range.fromMs));
      this.#rest = { fromMs, toMs: Math.max(...holes.map((range) => range.toMs)) };
    }
    this.#questions.later(nowMs);
    return [];
  }

  /** It is asked for until it comes; how long the archive takes is counted from then on. */
  failed(nowMs: number): void {
    if (!this.#questions.close()) return;
    this.#questions.forgive();
    this.#questions.later(nowMs);
  }

  refused(reason: string): readonly MarketUpdate[] {
    return this.#questions.close() ? this.#settled(reason) : [];
  }

  opened(reason: string): MarketUpdate {
    return this.#update('gap', { toMs: null, rows: null, reason });
  }

  /** What of it only this process knows to be missing: one that begins at the position asks from `toMs` on. */
  begun(toMs: number, reason: string): MarketUpdate {
    return this.#update('gap', { toMs, rows: null, reason });
  }

  /** That it is settled, and what stays missing. */
  #settled(refusal?: string): readonly MarketUpdate[] {
    this.isSettled = true;
    const missing = this.#missing(refusal);
    const reason = missing.length === 0 ? 'filled' : 'partial';
    const closed = this.#update('closed', { toMs: this.#rightMs, rows: this.#rows, reason });
    return [closed, ...missing];
  }

  #missing(refusal: string | undefined): readonly MarketUpdate[] {
    const gap = (
      range: { readonly fromMs: number; readonly toMs: number | null },
      why: string,
    ) => ({
      ...this.#update('gap', { toMs: range.toMs, rows: null, reason: why }),
      fromMs: range.fromMs,
    });
    const whole = { fromMs: this.#fromMs, toMs: this.#rightMs };
    if (refusal !== undefined) return [gap(whole, refusal)];
    const holes = this.#missingParts().map((part) => gap(part, part.reason));
    if (this.#lacksKnown) return [...holes, gap(whole, 'archive_lacks_known_rows')];
    return this.#isReached() ? holes : [...holes, gap(...this.#unread())];
  }

  /** What comes after the last row that the archive gave, and why it is not known to be there. */
  #unread(): readonly [{ readonly fromMs: number; readonly toMs: number | null }, string] {
    const toMs = this.#rightMs;
    // Where no row came since, it may be behind as well as have nothing more.
    if (this.#anchor === null) {
      return [{ fromMs: Math.max(this.#readMs, this.#saidMs), toMs }, 'archive_silent'];
    }
    const isPast = Math.max(this.#newestMs, this.#saidMs) > this.#anchor.eventTimeMs;
    return [{ fromMs: this.#readMs, toMs }, isPast ? 'archive_lacks_known_rows' : 'archive_behind'];
  }

  /** What the archive told to lack, within the hole. */
  #missingParts(): readonly Lacking[] {
    const toMs = this.#rightMs ?? Number.POSITIVE_INFINITY;
    return [...this.#lacking.values()].filter(
      (part) => part.toMs > this.#fromMs && part.fromMs < toMs,
    );
  }

  /**
   * True when the archive has shown that it is beyond the hole: by a row, because it is taken to be in the
   * order of time, or by its word, which may be of some rows of that very millisecond only. It must have the
   * live row that is known there as well: it may have a hole at the edge, which a replay tells with the row
   * that follows and REST not at all. That row alone is not enough: it may have come live with a later time.
   */
  #isReached(): boolean {
    if (this.#anchor !== null && !this.#hasRight) return false;
    const rightMs = this.#rightMs ?? Number.POSITIVE_INFINITY;
    return this.#newestMs >= rightMs || this.#saidMs > rightMs;
  }

  #update(
    state: 'gap' | 'closed',
    told: { readonly toMs: number | null; readonly rows: number | null; readonly reason: string },
  ): MarketUpdate {
    const { dataset } = this;
    const { symbol } = this.market;
    const fromMs = this.#fromMs;
    return { kind: 'market', dataset, symbol, state, epoch: null, fromMs, ...told };
  }
}
