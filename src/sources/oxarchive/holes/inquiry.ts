/** A question to the archive about the rows of one market, asked until it is settled. */
import type { MarketUpdate } from '../../../model/update.ts';
import type { TimeRange } from '../archive/archive.ts';
import type { Market } from '../markets.ts';
import type { BackfillPage } from './backfill.ts';
import type { AppendDataset, AppendMessage } from './row-trail.ts';

/** What follows from a page: updates come first, then the rows. */
export interface Taken {
  readonly updates: readonly MarketUpdate[];
  /** Rows that were missed, and corrections. */
  readonly rows: readonly AppendMessage[];
}

/** A hole that is to be filled, or an audit. One answer is under way at a time. */
export interface Inquiry {
  readonly market: Market;
  readonly dataset: AppendDataset;
  /** When it is to be asked; infinite while it is not. */
  readonly askAtMs: number;
  /** Never to be asked again. */
  readonly isSettled: boolean;
  /** The range to read now. */
  ask(nowMs: number): TimeRange;
  take(page: BackfillPage): Taken;
  /** The answer is complete. `reachedMs` is what the archive says of how far it has come. */
  end(reachedMs: number | null, nowMs: number): readonly MarketUpdate[];
  /** There was no answer, for the moment. */
  failed(nowMs: number): void;
  /** There is none to be had. */
  refused(reason: string, nowMs: number): readonly MarketUpdate[];
}
