/**
 * Finds where a branch of the node's chain meets the chain that was published, by walking back from
 * its blocks by parent hash. Reads only.
 */
import type { BlockRef } from '../../model/block.ts';
import type { SourceRuntime } from '../source.ts';
import { type BlockMessage, type ChainReader, type Moved, moved } from './chain.ts';

/** A branch, oldest first. */
export interface Branch<B> {
  /** The parent of the first block. */
  readonly root: BlockRef;
  /** True when the published chain holds the root; false when the walk had to end before. */
  readonly isRootKnown: boolean;
  readonly blocks: readonly B[];
}

/**
 * The branch that ends in `newest`. The walk ends at a block that was published, at the finalized
 * head, or below all that is still held: then the root is no common ancestor, and it is for the
 * pipeline to refuse it. `moved` when the branch vanished meanwhile.
 */
export async function walkBack<M extends BlockMessage>(
  newest: M['block'],
  scope: { readonly fetcher: ChainReader<M>; readonly runtime: SourceRuntime },
  signal: AbortSignal,
): Promise<Branch<M['block']> | Moved> {
  const { fetcher, runtime } = scope;
  const finalizedHeight = runtime.finalizedHeight() ?? 0;
  const blocks: M['block'][] = [];
  let block = newest;
  for (;;) {
    blocks.unshift(block);
    const root = { height: block.height - 1, hash: block.parentHash };
    const known = runtime.canonicalHash(root.height);
    if (known === root.hash) return { root, isRootKnown: true, blocks };
    if (known === undefined || root.height <= finalizedHeight) {
      return { root, isRootKnown: false, blocks };
    }
    const parent = await fetcher.block(root, signal);
    if (parent === moved) return moved;
    block = parent;
  }
}
