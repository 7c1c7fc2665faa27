/** What the control topic says about a chain, one record per event, in publication order. */
import type { BlockHeader, BlockRef } from './block.ts';
import type { Cursor } from './cursor.ts';
import type { Reorg } from './event.ts';
import type { MarketUpdate } from './update.ts';

/** How many records of one step lie on a topic-partition, and where the first one is. */
export interface PartitionTally {
  readonly topic: string;
  readonly partition: number;
  readonly inserts: number;
  readonly retractions: number;
  readonly firstOffset: number;
}

/**
 * - `block`: all rows of this block are published (in the same transaction, at these offsets).
 * - `revision`: rows of this block, which is not final, were put right: its tallies count what was
 *   taken back and what was inserted, newly and only now.
 * - `replay`: rows of a final block were put right long after it was published: its tallies count
 *   what was taken back and what was inserted, newly and only now.
 * - `reorg`: these blocks' rows were retracted; the rows of the new branch follow as `block`.
 * - `finalized`: nothing at or below this block will be retracted.
 * - `gap`: the source lost what lies between the two positions.
 * - `market`: a book may be trusted or not, rows of a market are missing or were filled in.
 * - `session`: a session of the source opened or was lost.
 * - `heartbeat`: alive, and this is the newest published block.
 */
export type ControlEvent =
  | {
      readonly kind: 'block' | 'revision';
      readonly block: BlockHeader;
      /** Of a revision: that of the rows it inserted, and of the block from now on. */
      readonly incarnation: number;
      readonly isBackfill: boolean;
      readonly tallies: readonly PartitionTally[];
    }
  | {
      readonly kind: 'replay';
      readonly block: BlockHeader;
      readonly tallies: readonly PartitionTally[];
    }
  | {
      readonly kind: 'reorg';
      readonly reorg: Reorg;
      /** Newest first. */
      readonly reverted: readonly BlockRef[];
      readonly tallies: readonly PartitionTally[];
    }
  | { readonly kind: 'finalized'; readonly block: BlockRef }
  | {
      readonly kind: 'gap';
      readonly after: Cursor;
      readonly resumedAt: Cursor;
      readonly reason: string;
    }
  | MarketUpdate
  | {
      readonly kind: 'session';
      readonly state: 'opened' | 'lost';
      readonly generation: number;
      readonly reason: string;
    }
  | { readonly kind: 'heartbeat'; readonly block: BlockRef | null };
