/**
 * Compares a block's rows as its source has them now with those that are published of it. Pure; what
 * becomes of the differences is its caller's.
 */
import type { InsertRecord } from '../encoding/encoded-record.ts';
import type { LiveRow } from './published-rows.ts';

/** A row as the source has it now. */
export interface FreshRow {
  readonly record: InsertRecord;
}

/** What is published of the block. */
export interface ComparedWith {
  /** Rows of the record's event on its topic; more than one of them is a mistake. */
  live(record: InsertRecord): readonly LiveRow[];
  /** Rows that belong to none of these records' events. */
  others(records: readonly InsertRecord[]): readonly LiveRow[];
  /** True when a stored row says what the fresh one says. */
  isSameRow(stored: InsertRecord, fresh: InsertRecord): boolean;
}

export interface Comparison<F extends FreshRow> {
  /** Published as they should be. */
  readonly right: readonly { readonly fresh: F; readonly live: LiveRow }[];
  /** To be inserted, in the order of the fresh rows; `live` are the copies to be taken back. */
  readonly wrong: readonly { readonly fresh: F; readonly live: readonly LiveRow[] }[];
  /** Published, and not there any more. */
  readonly superfluous: readonly LiveRow[];
}

/**
 * A row is right when exactly one copy of it is published and says the same. `mustFollow` names rows
 * that readers tell apart by order alone: of those with the same text all after a wrong one are wrong
 * too, so that they are published after it.
 */
export function compareRows<F extends FreshRow>(
  fresh: readonly F[],
  published: ComparedWith,
  mustFollow: (record: InsertRecord) => string | null = () => null,
): Comparison<F> {
  const right: { fresh: F; live: LiveRow }[] = [];
  const wrong: { fresh: F; live: readonly LiveRow[] }[] = [];
  const moved = new Set<string>();
  for (const row of fresh) {
    const live = published.live(row.record);
    const order = mustFollow(row.record);
    const [only, ...more] = live;
    const isRight =
      only !== undefined &&
      more.length === 0 &&
      only.copies === 1 &&
      (order === null || !moved.has(order)) &&
      published.isSameRow(only.record, row.record);
    if (isRight) right.push({ fresh: row, live: only });
    else {
      wrong.push({ fresh: row, live });
      if (order !== null) moved.add(order);
    }
  }
  return { right, wrong, superfluous: published.others(fresh.map(({ record }) => record)) };
}

/** Offsets tell the order within a partition; between partitions there is none. */
export function newestFirst(rows: readonly LiveRow[]): LiveRow[] {
  return [...rows].sort((a, b) => b.offset - a.offset);
}
