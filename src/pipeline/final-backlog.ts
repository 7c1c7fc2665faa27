/**
 * Blocks that are final and whose rows are still to be written to `.final`: a jump of finality is
 * published in parts, and a restart in between finds the rest in the checkpoint as not final yet.
 */
import type { InsertRecord } from '../encoding/encoded-record.ts';
import type { UndoBlock } from '../normalization/undo-window.ts';

/** Oldest first. */
export class FinalBacklog {
  #blocks: UndoBlock<InsertRecord>[] = [];
  #rows = 0;

  get blocks(): readonly UndoBlock<InsertRecord>[] {
    return this.#blocks;
  }

  /** Rows of all blocks that wait. */
  get rows(): number {
    return this.#rows;
  }

  push(blocks: readonly UndoBlock<InsertRecord>[]): void {
    for (const block of blocks) {
      this.#blocks.push(block);
      this.#rows += block.records.length;
    }
  }

  /** Takes whole blocks out, as many as it needs to reach `rowsMax` rows. */
  take(rowsMax: number): readonly UndoBlock<InsertRecord>[] {
    let rows = 0;
    let count = 0;
    for (const block of this.#blocks) {
      if (rows >= rowsMax) break;
      rows += block.records.length;
      count += 1;
    }
    this.#rows -= rows;
    return this.#blocks.splice(0, count);
  }
}
