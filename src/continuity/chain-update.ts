/** What continuity says happened to the canonical chain. Everything after it builds on these three. */
import type { BlockHeader, BlockRef } from '../model/block.ts';
import type { Reorg } from '../model/event.ts';

/** A block of the canonical chain above the finalized head. */
export interface HeldBlock extends BlockHeader {
  /** 1 at first, one more each time this very block came back or its content was revised. */
  readonly incarnation: number;
}

/**
 * - `applied`: the block is the new tip; its parent was the tip before.
 * - `reverted`: these blocks, newest first, are not canonical any more.
 * - `finalized`: nothing at or below this block will be reverted.
 */
export type ChainUpdate =
  | { readonly kind: 'applied'; readonly block: HeldBlock }
  | { readonly kind: 'reverted'; readonly blocks: readonly HeldBlock[]; readonly reorg: Reorg }
  | { readonly kind: 'finalized'; readonly block: BlockRef };
