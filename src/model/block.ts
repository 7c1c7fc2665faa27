/** Blocks as every source reports them: a position on a chain, and what links it to its parent. */

/** One block: its height and its hash. Two refs are the same block only when both agree. */
export interface BlockRef {
  readonly height: number;
  /** Lower-case text as the chain writes it (`0x…` on EVM chains). */
  readonly hash: string;
}

/** A block ref with its link to the parent and its own time. */
export interface BlockHeader extends BlockRef {
  readonly parentHash: string;
  /** Block time in milliseconds since the epoch. It may repeat or go back across a reorg. */
  readonly timeMs: number;
}

/** A block ref as log lines and error messages show it. */
export function formatBlock(block: BlockRef): string {
  return `${block.height} (${block.hash})`;
}
