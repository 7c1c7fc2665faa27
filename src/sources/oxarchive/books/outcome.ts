/** What a builder makes of what it is told: rows, whether the book is trustworthy, and what is wrong. */
import { DataError } from '../../../model/errors.ts';
import type { BookMoment, BookRow, BookRows } from './book-rows.ts';

/** In the order in which they are to be published. */
export interface BookOutcome {
  readonly rows: readonly BookRow[];
  /** The last change of trust among these rows; null where it stayed as it was. */
  readonly became: 'safe' | 'unsafe' | null;
  /** The trustworthy epoch, else the one that ended last. */
  readonly epoch: number;
  /** Why the book became unsafe, or stays so; a word of the rows' `reason`. */
  readonly reason: string | null;
  /** For the dead letters; null where nothing is wrong with what was told. */
  readonly problem: DataError | null;
  /** Changes and books that were not used because they are known, older, or of nothing held. */
  readonly ignored: number;
}

/** Nothing to publish. */
export function nothingNew(rows: BookRows, ignored: number): BookOutcome {
  const { lastEpoch: epoch } = rows;
  return { rows: [], became: null, epoch, reason: null, problem: null, ignored };
}

/** The book is not to be trusted any more; rows only where it was. */
export function lost(
  rows: BookRows,
  moment: BookMoment,
  { reason, problem }: { readonly reason: string; readonly problem: DataError | null },
): BookOutcome {
  const wasSafe = rows.epoch !== null;
  const made = wasSafe ? rows.unsafe(reason, moment) : [];
  const became = wasSafe ? 'unsafe' : null;
  return { rows: made, became, epoch: rows.lastEpoch, reason, problem, ignored: 0 };
}

/** The error of a book that cannot be. */
export function impossible(symbol: string, problem: string): DataError {
  return new DataError('market.book_impossible', {
    stage: 'sources',
    message: `The book of ${symbol} ${problem}. It is unsafe until its next snapshot. Report it to the venue when it repeats.`,
    context: { symbol, problem },
  });
}
