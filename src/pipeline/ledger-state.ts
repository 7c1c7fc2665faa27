/** What a ledger is made of, and what it goes on from after a restart. */
import { CanonicalChain } from '../continuity/canonical-chain.ts';
import type { InsertRecord } from '../encoding/encoded-record.ts';
import type { Checkpoint, UndoRange } from '../model/checkpoint.ts';
import { parseCursor } from '../model/cursor.ts';
import type { Clock } from '../model/runtime.ts';
import type { Normalize } from '../normalization/normalizer.ts';
import type { UndoBlock } from '../normalization/undo-window.ts';
import type { DataErrorPolicy, LedgerEncoders, LedgerObserver } from './ledger-encoders.ts';

export interface LedgerOptions<M> {
  readonly chain: string;
  readonly source: string;
  readonly identity: string;
  readonly generation: number;
  readonly undoBlocksMax: number;
  readonly undoRowsMax: number;
  readonly dataErrors: DataErrorPolicy;
  readonly encoders: LedgerEncoders;
  readonly normalize: Normalize<M>;
  readonly clock: Clock;
  readonly observer: LedgerObserver;
}

/** Where a restart goes on from. */
export interface RestoredState {
  /** As committed; without the blocks whose retraction had begun when the instance died. */
  readonly checkpoint: Checkpoint | null;
  /** The checkpoint's blocks with their rows, oldest first. */
  readonly undo: readonly UndoBlock<InsertRecord>[];
  /** Published after the checkpoint by an instance that died: to be taken back, newest first. */
  readonly orphans: readonly InsertRecord[];
  /** Ends of all changelog partitions; null where restore need not read past the checkpoint. */
  readonly ends: readonly UndoRange[] | null;
}

/** The chain as the checkpoint describes it; empty without one. */
export function restoredChain(chain: string, checkpoint: Checkpoint | null): CanonicalChain {
  if (checkpoint === null) return new CanonicalChain(chain);
  const { finalized, reverted, cursor } = checkpoint;
  const blocks = checkpoint.blocks.map(({ rows: _, ...block }) => block);
  const position = cursor === null ? null : parseCursor(cursor);
  const anchor = position?.kind === 'block' ? position.block : null;
  return new CanonicalChain(chain, { finalized, blocks, reverted, anchor });
}
