/** What a reader is handed: rows that became true or stopped being true, and where they come from. */
import type { Rows } from './rows.ts';

/** A dataset whose rows have a type. */
export type Dataset = keyof Rows;

/** Height of the row's block; 0 for market data, which has no blocks. */
export function heightOf(row: Rows[Dataset]): number {
  return 'height' in row && typeof row.height === 'number' ? row.height : 0;
}

/** Where a row was read, and which row it is. */
export interface ChangeMeta {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** Time of the event, milliseconds: the same for a row and its retraction. */
  readonly timestampMs: number;
  /** With `incarnation` it names the row; a retraction carries both of the row it takes back. */
  readonly eventId: string;
  readonly incarnation: number;
  /** The reorg that takes the row back; null for a row that became true. */
  readonly reorgId: string | null;
  /** When the record was made, milliseconds. */
  readonly madeAtMs: number;
}

/** One record of one dataset. */
export interface ChangeOf<D extends Dataset> {
  readonly dataset: D;
  /** True: exactly this row was handed over before, and is no longer true. */
  readonly isRetraction: boolean;
  readonly row: Rows[D];
  readonly meta: ChangeMeta;
}

/** One record; `dataset` tells the type of `row`. */
export type Change<D extends Dataset = Dataset> = { [K in D]: ChangeOf<K> }[D];

/** A block on the canonical chain at the moment of its step. */
export interface StepBlock {
  readonly height: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly timeMs: number;
  readonly incarnation: number;
}

/** A height and its block. */
export interface BlockPoint {
  readonly height: number;
  readonly hash: string;
}

interface StepBase<D extends Dataset> {
  /** Retractions first, from the newest block to the oldest, then rows, block by block. */
  readonly changes: readonly Change<D>[];
  /** The newest finalized head that is known: nothing at or below it will be retracted. */
  readonly finalized: BlockPoint | null;
  /**
   * Where to go on after this step: kept together with what was made of it, and given back as
   * `from: { after }`, each step counts exactly once.
   */
  readonly position: string;
}

/**
 * One move of the chain, whole: all its rows of all topics and partitions that are read.
 * - `block`: the chain grew by this block.
 * - `reorg`: `reverted` were taken back, newest first, and `blocks` took their place, oldest first.
 * - `revision`: rows of this block, which is not final, were corrected, filled in or taken away: those
 *   above them stay. A later reorg takes back what the block has then.
 * - `replay`: rows of a finalized block were corrected or filled in.
 * - `finalized`: the finalized head moved; no rows.
 * - `gap`: the source lost what lies between two positions; no rows.
 */
export type Step<D extends Dataset = Dataset> = StepBase<D> &
  (
    | { readonly kind: 'block'; readonly block: StepBlock }
    | {
        readonly kind: 'reorg';
        readonly reorgId: string;
        readonly reason: string;
        readonly commonAncestor: BlockPoint;
        readonly reverted: readonly BlockPoint[];
        readonly blocks: readonly StepBlock[];
      }
    | { readonly kind: 'revision' | 'replay'; readonly block: StepBlock }
    | { readonly kind: 'finalized' }
    | {
        readonly kind: 'gap';
        readonly after: string;
        readonly resumedAt: string;
        readonly reason: string;
      }
  );
