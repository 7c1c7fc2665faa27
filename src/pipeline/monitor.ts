/** Whom a source task tells how it is doing: one place turns it into logs, metrics and status. */
import type { BlockRef } from '../model/block.ts';
import type { Checkpoint, KeptTable } from '../model/checkpoint.ts';
import type { Cursor } from '../model/cursor.ts';
import type { SourceState } from '../model/source-state.ts';
import type { LedgerObserver } from './ledger-encoders.ts';

/** How full a ledger is. */
export interface LedgerView {
  /** Blocks that may be reverted. */
  readonly chain: { readonly depth: number };
  readonly undoRows: number;
  /** What is published next. */
  readonly draft: { readonly records: { readonly length: number } };
}

/** Never throws. */
export interface TaskMonitor extends LedgerObserver {
  state(state: SourceState): void;
  restored(checkpoint: Checkpoint | null, undoRows: number): void;
  /** There is no checkpoint, and these changelogs hold records all the same: they may get rows twice. */
  unanswered(topics: readonly string[]): void;
  /** State and final topics, each with where it begins. */
  keeping(tables: readonly KeptTable[]): void;
  /** The venue answered as the one that the checkpoint is about. */
  sessionOpened(after: Cursor | null): void;
  /** The venue's newest position. */
  head(head: Cursor): void;
  progressed(updateKind: string, ledger: LedgerView): void;
  /** Everything up to this block is acknowledged by Kafka. */
  published(tip: BlockRef): void;
  /** A try failed and another follows. */
  retrying(error: unknown, failures: number, delayMs: number): void;
  /** The source stops until an operator acts. */
  stopped(error: unknown): void;
}
