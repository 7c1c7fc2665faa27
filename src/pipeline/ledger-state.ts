/** What a ledger is made of, and what it goes on from after a restart. */
import { CanonicalChain } from '../continuity/canonical-chain.ts';
import type { InsertRecord, RowRecord } from '../encoding/encoded-record.ts';
import { type BlockRef, formatBlock } from '../model/block.ts';
import type { Checkpoint, KeptTable, UndoRange } from '../model/checkpoint.ts';
import { parseCursor } from '../model/cursor.ts';
import { DataError } from '../model/errors.ts';
import type { Origin, Reorg } from '../model/event.ts';
import type { Clock } from '../model/runtime.ts';
import type { BatchUpdate, BlockUpdate, RevisionUpdate } from '../model/update.ts';
import type { Normalize } from '../normalization/normalizer.ts';
import type { UndoBlock } from '../normalization/undo-window.ts';
import type { DataErrorPolicy, LedgerEncoders, LedgerObserver } from './ledger-encoders.ts';
import type { TableSpec } from './table-spec.ts';
import { emptyWindow, type RestoredWindow } from './window-finder.ts';

export interface LedgerOptions<M> {
  readonly chain: string;
  readonly source: string;
  /** Kind of the source. */
  readonly kind: string;
  readonly identity: string;
  readonly generation: number;
  readonly undoBlocksMax: number;
  readonly undoRowsMax: number;
  /** How long a row of market data can be corrected after it was published. */
  readonly correctionsMs: number;
  /** Rows that one publication writes to final topics, but for those of the last block. */
  readonly finalRowsMax: number;
  readonly tables: readonly TableSpec[];
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
  /** Rows of the checkpoint's blocks that were taken back after it. */
  readonly withdrawn: readonly InsertRecord[];
  /** Rows without a block that may still be corrected. */
  readonly window: RestoredWindow;
  /** The tables that this instance keeps, each from where on. */
  readonly tables: readonly KeptTable[];
  /** By changelog, the rows of the topic of covered rows or of market state; of one key the last counts. */
  readonly covered: ReadonlyMap<string, readonly RowRecord[]>;
  /** Changelogs that hold records although there is no checkpoint: another source's, or from before a reset. */
  readonly unanswered: readonly string[];
  /** Ends of all changelog partitions; null where restore need not read past the checkpoint. */
  readonly ends: readonly UndoRange[] | null;
}

/** What is known before anything was published. */
export const nothingRestored: RestoredState = {
  checkpoint: null,
  undo: [],
  orphans: [],
  withdrawn: [],
  window: emptyWindow,
  tables: [],
  covered: new Map(),
  unanswered: [],
  ends: null,
};

/** Where the rows of a block come from. */
export function blockOrigin(
  update: BlockUpdate<unknown> | RevisionUpdate<unknown>,
  { chain, source }: Pick<LedgerOptions<never>, 'chain' | 'source'>,
): Origin {
  const { isBackfill, receivedAtUs } = update;
  const header = update.kind === 'block' ? update.header : update.block;
  const { height, hash: blockHash, timeMs: blockTimeMs } = header;
  return { chain, source, height, blockHash, blockTimeMs, isBackfill, receivedAtUs };
}

/** Where the rows of a feed without blocks come from: a row has the same event id whichever way it came. */
export function batchOrigin(
  { isBackfill, receivedAtUs }: BatchUpdate<unknown>,
  options: Pick<LedgerOptions<never>, 'chain' | 'source' | 'kind' | 'clock'>,
): Origin {
  const { chain, source, kind, clock } = options;
  const blockTimeMs = clock.nowMs();
  return { chain, source, height: 0, blockHash: kind, blockTimeMs, isBackfill, receivedAtUs };
}

/** The reorg that takes back what an instance without transactions published after its last checkpoint. */
export function recoveryReorg(
  { chain, generation }: Pick<LedgerOptions<never>, 'chain' | 'generation'>,
  tip: BlockRef | null,
): Reorg {
  return {
    id: `${chain}/recovery/${generation}`,
    depth: 0,
    commonAncestorHeight: tip?.height ?? 0,
    commonAncestorHash: tip?.hash ?? '',
    reason: 'recovery',
  };
}

/** What a source says anew of a block that is final; the bytes are the block it names. */
export function revisionBelowFinality(
  block: BlockRef,
  messages: number,
  finalized: BlockRef | null,
): DataError {
  return new DataError('chain.revision_below_finality', {
    stage: 'continuity',
    message: `The source revised the content of block ${formatBlock(block)} (${messages} messages), which is not above the finalized head ${finalized === null ? '(none)' : formatBlock(finalized)}. Nothing was changed. Compare and correct it with \`ommer replay --from ${block.height} --to ${block.height}\`.`,
    context: { height: block.height, hash: block.hash, finalizedHeight: finalized?.height ?? null },
    raw: Buffer.from(JSON.stringify(block)),
  });
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
