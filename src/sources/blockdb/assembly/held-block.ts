/** One block with its rows, as far as this session knows them. */
import type { BlockHeader } from '../../../model/block.ts';
import { HeldRows } from './held-rows.ts';
import type { SaidRow } from './said-row.ts';

/** Moved only by the assembler and the reporter. */
export class HeldBlock {
  readonly header: BlockHeader;
  readonly receivedAtUs: number;
  /** It was announced in the place of another block, or with the flag that says so. */
  isCorrection: boolean;
  /** With the flag. */
  isFlagged: boolean;
  /**
   * All its rows as far as they are known; null when another session published the block, or when
   * they were let go after REST had confirmed them. Then only REST can say what the block holds.
   */
  rows: HeldRows | null;
  /** REST had this block, with these rows. */
  isAudited = false;
  lastRowAtMs: number;
  /** Counts what changed; `reported` is the one that the pipeline has, -1 for none. */
  version = 0;
  reported = -1;

  constructor(
    header: BlockHeader,
    said: {
      readonly receivedAtUs: number;
      readonly nowMs: number;
      readonly isFlagged: boolean;
      readonly isCorrection: boolean;
      readonly isPublished: boolean;
    },
  ) {
    this.header = header;
    this.receivedAtUs = said.receivedAtUs;
    this.isFlagged = said.isFlagged;
    this.isCorrection = said.isCorrection;
    this.lastRowAtMs = said.nowMs;
    this.rows = said.isPublished ? null : new HeldRows();
    if (said.isPublished) this.reported = 0;
  }

  get isChanged(): boolean {
    return this.version !== this.reported;
  }
}

/** What is known of one height: its blocks of all branches, and rows that have no block yet. */
export class HeldHeight {
  readonly blocks = new Map<string, HeldBlock>();
  readonly early = new Map<string, EarlyRow>();
  /** The block that was announced last; undefined where only the published one is known. */
  current: HeldBlock | undefined;
  /** When the stream last said anything new of this height. */
  heardAtMs = Number.NEGATIVE_INFINITY;

  get rowCount(): number {
    let count = this.early.size;
    for (const { rows } of this.blocks.values()) count += rows?.size ?? 0;
    return count;
  }
}

/** A row that came before its block. */
export interface EarlyRow {
  readonly row: SaidRow;
  readonly atMs: number;
}
