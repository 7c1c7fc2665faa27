/** What a source reports to the pipeline. The union is closed: each kind is a value someone handles. */
import type { BlockHeader, BlockRef } from './block.ts';
import type { Cursor } from './cursor.ts';
import type { ErrorCode } from './errors.ts';

/**
 * One report of a source, in the venue's order. `M` is the source's own checked message type.
 *
 * - `block`: a whole block whose parent is the block reported before it (or the cursor).
 * - `revision`: this block, reported before and canonical still, holds exactly these messages now.
 * - `batch`: messages of a feed without block boundaries; `cursor` is the position after them.
 * - `market`: what is known of one market's stream changed: its book, or a stretch of its rows.
 * - `rollback`: the server announced that everything above `toHeight` is void; hashes unknown.
 * - `fork`: our position is no longer canonical. `canonical` is contiguous and oldest first; its
 *   first block is the common ancestor where the source could find it, its last is the new head.
 *   The blocks after the ancestor follow as `block` updates, and the switch is published as one
 *   step when the last of them has arrived.
 * - `finalized`: this block and all below it will not change any more.
 * - `gap`: something was lost upstream and cannot be had again.
 * - `idle`: alive, nothing new.
 * - `malformed`: a frame that cannot be read; it goes to the dead letters with its bytes.
 */
export type SourceUpdate<M> =
  | BlockUpdate<M>
  | RevisionUpdate<M>
  | BatchUpdate<M>
  | MarketUpdate
  | {
      readonly kind: 'rollback';
      readonly toHeight: number;
      readonly channels?: readonly string[];
    }
  | { readonly kind: 'fork'; readonly canonical: readonly BlockRef[]; readonly reason: string }
  | { readonly kind: 'finalized'; readonly block: BlockRef }
  | {
      readonly kind: 'gap';
      readonly after: Cursor;
      readonly resumedAt: Cursor;
      readonly reason: string;
    }
  | { readonly kind: 'idle'; readonly cursor: Cursor }
  | {
      readonly kind: 'malformed';
      readonly raw: Uint8Array;
      readonly code: ErrorCode;
      readonly reason: string;
    };

/** A whole block of a chain feed. */
export interface BlockUpdate<M> {
  readonly kind: 'block';
  readonly header: BlockHeader;
  readonly messages: readonly M[];
  /** True when the block was already old when it was read: its rows are marked `r`. */
  readonly isBackfill: boolean;
  /** When its first byte was received, microseconds since the epoch. */
  readonly receivedAtUs: number;
}

/**
 * The whole content of a block as the venue has it now, not a difference: what is published already
 * is left alone, so a source may audit a block without knowing what was published of it. Rows that
 * differ or are gone are retracted, newest first; new and changed ones are inserted as the block's
 * next incarnation. Where nothing differs, nothing is published. Where a message makes no row, rows
 * that are not in the content stay: one of them may be its own.
 *
 * A block at or below the finalized head is left as it is, whatever the content says, and goes to the
 * dead letters (`chain.revision_below_finality`); `ommer replay` puts final blocks right. For a block
 * that is not held with this hash the session ends (`chain.not_continuous`): nothing is retracted,
 * and a new one asks again.
 */
export interface RevisionUpdate<M> {
  readonly kind: 'revision';
  /** Identified by height and hash. */
  readonly block: BlockHeader;
  readonly messages: readonly M[];
  /** As of a block; rows that stay keep the mark they were published with. */
  readonly isBackfill: boolean;
  /** When the first byte that told of the change was received, microseconds since the epoch. */
  readonly receivedAtUs: number;
}

/**
 * Messages of a feed that has no blocks. A message that was yielded before may come again, from
 * another channel or a replay: rows of datasets with corrections that are published with the same
 * bytes are left alone, with other bytes they are retracted and inserted anew.
 */
export interface BatchUpdate<M> {
  readonly kind: 'batch';
  /** Up to here the append-only streams are whole. It may stand still, and never names a market. */
  readonly cursor: Cursor;
  readonly messages: readonly M[];
  /** True when the messages were read from history: their rows are marked `r`. */
  readonly isBackfill: boolean;
  /** When the first byte of them was received, microseconds since the epoch. */
  readonly receivedAtUs: number;
}

/**
 * - `unsafe`: the book must not be trusted from now on.
 * - `safe`: epoch `epoch` of the book is trustworthy from its snapshot on.
 * - `gap`: rows between `fromMs` and `toMs` are missing.
 * - `closed`: that gap is settled: `rows` were recovered, `reason` says what stays missing.
 */
export type MarketState = 'unsafe' | 'safe' | 'gap' | 'closed';

/** What changed for one dataset of one market, in the order of the batches around it. */
export interface MarketUpdate {
  readonly kind: 'market';
  /** Name of the dataset, as topics have it. */
  readonly dataset: string;
  readonly symbol: string;
  readonly state: MarketState;
  /** The book's life, as its rows name it; null where the dataset is not a book. */
  readonly epoch: number | null;
  /** Times of a gap, milliseconds since the epoch; null for a book, and where they are not known. */
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** Rows that were recovered; null unless the state is `closed`. */
  readonly rows: number | null;
  /** A short text, from a closed set where it can be: `disconnect`, `crossed_book`. */
  readonly reason: string;
}
