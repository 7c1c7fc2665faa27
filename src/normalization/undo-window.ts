/**
 * What was published for each block that can still be reverted, so that a retraction repeats the
 * exact record it cancels. Generic over the record: it neither encodes nor publishes.
 */
import type { BlockHeader, BlockRef } from '../model/block.ts';
import type { UndoRange } from '../model/checkpoint.ts';

/** A block whose rows were published, and how often it became canonical. */
export interface UndoHeader extends BlockHeader {
  readonly incarnation: number;
}

/** The rows of one unfinalized block, in publication order, and where they were published. */
export class UndoBlock<R> {
  #ref: UndoHeader;
  #records: readonly R[];
  #ranges: readonly UndoRange[] = [];

  constructor(ref: UndoHeader, records: readonly R[], ranges: readonly UndoRange[] = []) {
    this.#ref = ref;
    this.#records = records;
    this.#ranges = ranges;
  }

  get ref(): UndoHeader {
    return this.#ref;
  }

  /** What was not taken back. The array does not change: a revision gives another one. */
  get records(): readonly R[] {
    return this.#records;
  }

  /** Per topic-partition, the offsets of its first and last record. Empty until published. */
  get ranges(): readonly UndoRange[] {
    return this.#ranges;
  }

  /** Called when the records have offsets; again when their transaction had to be repeated. */
  place(ranges: readonly UndoRange[]): void {
    this.#ranges = ranges;
  }

  /** From now on the block is without some rows, and with others that were published last. */
  revise(ref: UndoHeader, { gone, added }: RevisedRows<R>): void {
    const without = new Set(gone);
    this.#ref = ref;
    this.#records = [...this.#records.filter((record) => !without.has(record)), ...added];
  }
}

/** What a revision changes of a block's rows. */
export interface RevisedRows<R> {
  /** The very records that the block holds, newest first. */
  readonly gone: readonly R[];
  /** Oldest first. */
  readonly added: readonly R[];
}

/** Bounded by finality: what passes it leaves. Blocks are kept oldest first. */
export class UndoWindow<R> {
  readonly #blocks: UndoBlock<R>[] = [];
  #rows = 0;

  /** Number of rows that could still be retracted. */
  get rows(): number {
    return this.#rows;
  }

  /** Oldest first. The array is a copy, the blocks are not. */
  get blocks(): UndoBlock<R>[] {
    return [...this.#blocks];
  }

  /** Remembers the newest block. */
  push(block: UndoBlock<R>): void {
    this.#blocks.push(block);
    this.#rows += block.records.length;
  }

  /** The held block with this hash. Throws when there is none. */
  block(hash: string): UndoBlock<R> {
    const found = this.#blocks.find(({ ref }) => ref.hash === hash);
    if (found === undefined) throw new Error(`Invariant: the undo window has no block ${hash}.`);
    return found;
  }

  /** Puts the rows of a held block right. Throws when it is not held. */
  revise(ref: UndoHeader, rows: RevisedRows<R>): UndoBlock<R> {
    const block = this.block(ref.hash);
    block.revise(ref, rows);
    this.#rows += rows.added.length - rows.gone.length;
    return block;
  }

  /**
   * Takes the newest block out and returns its records, newest first. Throws when `block` is not the
   * newest, because a retraction out of order would break every consumer's state.
   */
  revert(block: BlockRef): R[] {
    const newest = this.#blocks.pop();
    if (newest === undefined || newest.ref.hash !== block.hash) {
      throw new Error(
        `Invariant: the undo window's newest block is ${newest?.ref.hash ?? 'none'}, asked to revert ${block.hash}.`,
      );
    }
    this.#rows -= newest.records.length;
    return newest.records.toReversed();
  }

  /** Takes everything at or below a finalized height out; oldest first. */
  finalize(height: number): UndoBlock<R>[] {
    const keep = this.#blocks.findIndex((block) => block.ref.height > height);
    const dropped = this.#blocks.splice(0, keep === -1 ? this.#blocks.length : keep);
    for (const block of dropped) this.#rows -= block.records.length;
    return dropped;
  }

  /** Height up to which blocks must be given up so that at most `rowsMax` rows are held. */
  heightOver(rowsMax: number): number | undefined {
    let rows = this.#rows;
    let height: number | undefined;
    // The newest block always stays: its rows are held for the publication anyway.
    for (const block of this.#blocks.slice(0, -1)) {
      if (rows <= rowsMax) break;
      rows -= block.records.length;
      height = block.ref.height;
    }
    return height;
  }
}
