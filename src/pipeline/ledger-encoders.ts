/** What a ledger needs of encoding, and whom it tells what happened. */
import type { HeldBlock } from '../continuity/chain-update.ts';
import type { DeadLetter } from '../encoding/dead-letter-encoder.ts';
import type { EncodedRecord, InsertRecord, RowRecord } from '../encoding/encoded-record.ts';
import type { BlockRef } from '../model/block.ts';
import type { Checkpoint, PartitionCount } from '../model/checkpoint.ts';
import type { ControlEvent } from '../model/control.ts';
import type { DataError } from '../model/errors.ts';
import type { Event, Origin, Reorg } from '../model/event.ts';

/** How rows, control events and checkpoints become records. */
export interface LedgerEncoders {
  /**
   * One record per route of the event's dataset. Throws `DataError` (`row.invalid`) for a row that
   * its schema does not take.
   */
  insert(
    event: Event,
    origin: Origin,
    context: { readonly incarnation: number; readonly publishedAtUs: number },
  ): readonly InsertRecord[];
  retract(
    record: InsertRecord,
    reorg: Reorg,
    context: { readonly publishedAtUs: number; readonly receivedAtUs: number },
  ): EncodedRecord;
  /** True when a published row says what a fresh one of the same event says. */
  isSameRow(stored: InsertRecord, fresh: InsertRecord): boolean;
  /** True when a published row is the venue's final word on its event, and a fresh one is not. */
  isOutdated(stored: InsertRecord, fresh: InsertRecord): boolean;
  /** A fresh event with what a published row of it knows beyond it; the same object where that is nothing. */
  completed(stored: InsertRecord, fresh: Event): Event;
  /** True for a dataset of market data whose rows may come again and be corrected. */
  isCorrectable(dataset: string): boolean;
  /** True when rows of this topic may be taken back, so that a restart has to find them. */
  isReadBack(topic: string): boolean;
  /** The primary key of a row that takes the place of earlier ones; null where none does. */
  orderOf(event: Event): string | null;
  control(event: ControlEvent, timeMs: number): EncodedRecord;
  /** May ask for it as late as when the record's bytes are asked for. */
  checkpoint(of: () => Checkpoint): EncodedRecord;
  deadLetter(letter: DeadLetter): EncodedRecord;
  readonly tables: TableEncoders;
  /** Partition counts in force, for the checkpoint. */
  partitionCounts(): readonly PartitionCount[];
  /** Blocks at or below this height will not come back: older partition counts may be forgotten. */
  forgetPartitionCounts(finalizedHeight: number): void;
}

/** How a published row becomes a record of its changelog's tables; null where there is no such table. */
export interface TableEncoders {
  state(record: InsertRecord, madeAtMs: number): RowRecord | null;
  tombstone(record: InsertRecord): EncodedRecord | null;
  final(record: InsertRecord, madeAtMs: number): EncodedRecord | null;
}

/** What became of the rows of one batch. */
export interface BatchTally {
  /** Inserted, those of corrections included. */
  readonly rows: number;
  readonly corrections: number;
  /** Dropped: they are published with the same bytes, or in their final form. */
  readonly duplicates: number;
  readonly isBackfill: boolean;
}

/** Told what happened, for logs, metrics and the status page. Never throws. */
export interface LedgerObserver {
  applied(block: HeldBlock, rows: number): void;
  reverted(reorg: Reorg, blocks: readonly BlockRef[], rows: number): void;
  /** Of a block's rows so many were taken back and inserted. */
  revised(block: HeldBlock, rows: { readonly gone: number; readonly added: number }): void;
  finalized(block: BlockRef): void;
  /** Rows of a feed without blocks were taken over. */
  batched(batch: BatchTally): void;
  quarantined(code: string, stage: string, reason: string): void;
}

/** What to do with a message that has no rows in its form: keep its bytes and go on, or stop. */
export type DataErrorPolicy = 'quarantine' | 'stop';

/** The bytes of a dead letter: the frame's own, or the row or message as JSON text. */
export function rawOf(error: DataError, fallback: unknown): Uint8Array {
  if (error.raw !== undefined) return error.raw;
  const text = JSON.stringify(fallback, (_, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  return Buffer.from(text ?? 'null');
}
