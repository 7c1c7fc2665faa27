/** What a look-up by block asks and answers. Apart, so that readers' types need no Kafka client's. */

/** Which block: by its height, or the first one at or after a time. */
export type BlockPosition = { readonly height: number } | { readonly timeMs: number };

/** A canonical block as the control topic has it. */
export interface IndexedBlock {
  readonly height: number;
  readonly hash: string;
  readonly timeMs: number;
  readonly incarnation: number;
  /** True when nothing at this height will be retracted any more. */
  readonly isFinalized: boolean;
  /** Offset of its record on the control topic. */
  readonly controlOffset: number;
}

/** Where to read on one topic-partition. */
export interface BlockOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** False when the block has no row here: the offset is then the next later row's, or the end. */
  readonly hasRows: boolean;
}

/** Where a block begins. */
export interface BlockOffsets {
  readonly block: IndexedBlock;
  /** In the order of the topics asked for, by partition. */
  readonly partitions: readonly BlockOffset[];
}

/** The ends of what the control topic tells. */
export interface BlockRange {
  /** Lowest height that can be found. */
  readonly first: IndexedBlock;
  readonly newest: IndexedBlock;
  readonly finalizedHeight: number | null;
}
