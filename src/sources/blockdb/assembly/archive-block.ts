/** What REST says of a block, and how far its word goes. */
import type { BlockHeader } from '../../../model/block.ts';
import type { KeyedRow } from './said-row.ts';

/** A block with its rows as REST has them. */
export interface ArchiveBlock {
  readonly header: BlockHeader;
  readonly rows: readonly KeyedRow[];
  /** Time of the block before it; null where bars were not asked for, or REST does not have it. */
  readonly parentTimeMs: number | null;
  readonly receivedAtUs: number;
}

/** A question to REST: which datasets the answer has all rows of, and whether they are all there are. */
export interface Asked {
  readonly atMs: number;
  readonly nowMs: number;
  readonly covers: ReadonlySet<string>;
  readonly isWhole: boolean;
  /** REST showed this height when it was asked, and maybe more. */
  readonly servedTo: number;
}
