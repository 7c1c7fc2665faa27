/** Finality by depth, where the nodes do not tell it. */
import type { BlockRef } from '../../model/block.ts';
import type { SourceRuntime } from '../source.ts';

/** The block `depth` below the head, as the pipeline holds it; null while that is not known. */
export function finalByDepth(
  { headHeight, depth }: { readonly headHeight: number; readonly depth: number },
  tip: BlockRef | null,
  runtime: SourceRuntime,
): BlockRef | null {
  const height = headHeight - depth;
  if (tip === null || height < 0) return null;
  // While catching up our own tip is deep enough itself.
  if (height >= tip.height) return tip;
  const hash = runtime.canonicalHash(height);
  return hash === undefined ? null : { height, hash };
}
