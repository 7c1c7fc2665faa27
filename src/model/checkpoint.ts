/** The position of one source task, published in the same transaction as the data it describes. */
import type { BlockHeader, BlockRef } from './block.ts';
import type { Cursor } from './cursor.ts';

/** An unfinalized block of the canonical chain, with what it published. */
export interface PublishedBlock extends BlockHeader {
  /** 1 at first, one more each time this block came back or was revised; rows have it or a lower one. */
  readonly incarnation: number;
  /** Rows of it that were not taken back: restore checks that it finds exactly as many. */
  readonly rows: number;
}

/** A block that is not canonical now but could come back; its next incarnation continues from here. */
export interface RevertedBlock extends BlockRef {
  readonly incarnation: number;
}

/**
 * The part of one topic-partition that holds the undo window, to our last record there: so a row in
 * it that was taken back has its retraction in it too.
 */
export interface UndoRange {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** Blocks from `fromHeight` on are spread over `partitions`; blocks below keep the earlier count. */
export interface PartitionCount {
  readonly topic: string;
  readonly fromHeight: number;
  readonly partitions: number;
}

/** A state or final topic that every publication so far has kept up. */
export interface KeptTable {
  readonly topic: string;
  /** It lacks the rows of blocks below this height; null: it lacks none. */
  readonly fromHeight: number | null;
}

/** Rows of market data on one topic that may still be corrected. */
export interface CorrectionMark {
  readonly topic: string;
  /** Rows of it that were not taken back: restore checks that it finds exactly as many. */
  readonly rows: number;
  /** Greatest event time of a row that cannot be corrected any more; null: there is none. */
  readonly leftToMs: number | null;
}

/**
 * All that is needed to go on after any crash. Contract: it is true exactly when the transaction
 * that carries it is committed.
 */
export interface Checkpoint {
  readonly version: 1;
  /** Name of the source in the configuration: the record's key. */
  readonly source: string;
  /** What must not change between sessions (chain id and genesis hash). */
  readonly identity: string;
  /** Of one instance of this source alone; a greater one means that somebody else took over. */
  readonly generation: number;
  /** Counts publications: tells whether a doubtful commit took place. */
  readonly sequence: number;
  /** Null before the first update. */
  readonly cursor: Cursor | null;
  readonly finalized: BlockRef | null;
  /** Canonical and not final, oldest first, contiguous. */
  readonly blocks: readonly PublishedBlock[];
  readonly reverted: readonly RevertedBlock[];
  readonly undo: readonly UndoRange[];
  readonly partitionCounts: readonly PartitionCount[];
  readonly tables: readonly KeptTable[];
  /** By topic of a dataset with corrections; where the rows lie, `undo` says. */
  readonly corrections: readonly CorrectionMark[];
  readonly writtenAtMs: number;
}
