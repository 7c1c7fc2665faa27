/** What the revision of an unfinalized block takes back and inserts. Pure. */

import type { HeldBlock } from '../continuity/chain-update.ts';
import type { InsertRecord } from '../encoding/encoded-record.ts';
import type { Reorg } from '../model/event.ts';
import type { RevisedRows, UndoBlock } from '../normalization/undo-window.ts';
import { compareRows, newestFirst } from './compare-rows.ts';
import { PublishedRows } from './published-rows.ts';

export interface RevisionOptions {
  /** False where some row of the content could not be made: it may be one that is published. */
  readonly isWhole: boolean;
  isSameRow(stored: InsertRecord, fresh: InsertRecord): boolean;
  /** The primary key of a row that takes the place of earlier ones; null for the others. */
  orderOf(record: InsertRecord): string | null;
}

/** `fresh` is the block's content now, oldest first, encoded as its next incarnation. */
export function revisedRows(
  block: UndoBlock<InsertRecord>,
  fresh: readonly InsertRecord[],
  { isWhole, isSameRow, orderOf }: RevisionOptions,
): RevisedRows<InsertRecord> {
  const { height } = block.ref;
  const rows = new PublishedRows();
  for (const [index, record] of block.records.entries()) {
    rows.add({ isRetraction: false, height, record }, index);
  }
  const published = {
    live: (record: InsertRecord) => rows.live(height, record),
    others: (records: readonly InsertRecord[]) => rows.others(height, records),
    isSameRow,
  };
  const content = fresh.map((record) => ({ record }));
  const { wrong, superfluous } = compareRows(content, published, orderOf);
  const gone = [...wrong.flatMap(({ live }) => live), ...(isWhole ? superfluous : [])];
  return {
    gone: newestFirst(gone).map(({ record }) => record),
    added: wrong.map((row) => row.fresh.record),
  };
}

/** What the retractions of a revision carry. No block is taken back, so its depth is 0. */
export function revisionReorg(chain: string, block: HeldBlock): Reorg {
  return {
    id: `${chain}/revision/${block.hash}/${block.incarnation}`,
    depth: 0,
    commonAncestorHeight: block.height - 1,
    commonAncestorHash: block.parentHash,
    reason: 'revision',
  };
}
