/** One block with its rows, as far as this session knows them. */
import type { BlockHeader } from '../../../model/block.ts';
import type { Span } from '../bars.ts';
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
  /** Its bars were compared while they could still be corrected: once more before it is final. */
  isRecheckDue = false;
  lastRowAtMs: number;
  /** Time of the block before it, as soon as that is known: what ended since is of this one. */
  parentTimeMs: number | null = null;
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

  /** The bars of what ends in it are of this block; undefined while its beginning is not known. */
  get span(): Span | undefined {
    const { parentTimeMs: afterMs } = this;
    return afterMs === null ? undefined : { afterMs, toMs: this.header.timeMs };
  }

  /** True for what ends at this time, where the block's own beginning is known. */
  closes(endMs: number): boolean {
    const { span } = this;
    return span !== undefined && endMs > span.afterMs && endMs <= span.toMs;
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

/**
 * A correction that the block cannot have: it was announced as no correction itself, or it has the
 * row with another content already. So the correction is of a block that is still to come, or the
 * server means no reorg at all: it waits for the one, and REST decides on the other.
 */
export function isAhead(block: HeldBlock, said: SaidRow): boolean {
  if (!said.isCorrection) return false;
  if (!block.isCorrection || block.rows === null) return true;
  return block.rows.has(said.key) && !block.rows.holds(said);
}

/**
 * A row without a flag that a fallen block had comes again, if the block has another in its place, or
 * if the server flags corrections.
 */
export function isOfFallen(height: HeldHeight, block: HeldBlock, said: SaidRow): boolean {
  if (said.isCorrection) return false;
  const isOld = block.rows?.has(said.key) ? !block.rows.holds(said) : block.isFlagged;
  if (!isOld) return false;
  return [...height.blocks.values()].some((other) => other !== block && other.rows?.holds(said));
}
