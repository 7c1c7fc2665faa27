/**
 * Decides whether blocks are lost for good, and where the chain can be had again. Nothing is given up
 * while one endpoint cannot be asked: it may be the one that has them.
 */
import type { BlockRef } from '../../model/block.ts';
import { FatalError } from '../../model/errors.ts';
import type { Gap, Hole } from '../following/session.ts';
import type { BasaltBlock } from './messages.ts';
import type { BasaltNode } from './node.ts';
import type { SessionScope } from './session-scope.ts';

/** Null while it is not certain that no endpoint has the block. */
export async function findGap(
  { config, runtime, nodes }: Pick<SessionScope, 'config' | 'runtime' | 'nodes'>,
  { height }: Hole,
  signal: AbortSignal,
): Promise<Gap | null> {
  try {
    for (const node of nodes.all) await nodes.admit(node, signal);
    const first = await lowestAbove(nodes.all, height, signal);
    if (first === null) return null;
    await runtime.clock.sleep(config.gapConfirmMs, signal);
    const again = await Promise.all(nodes.all.map((node) => node.hashAt(height, signal)));
    if (again.some((hash) => hash !== null)) return null;
    const resumedAt: BlockRef = { height: first.height - 1, hash: first.parentHash };
    return { resumedAt, reason: reasonOf(height, resumedAt.height) };
  } catch (error) {
    signal.throwIfAborted();
    // An endpoint that does not answer decides nothing.
    if (error instanceof FatalError) throw error;
    return null;
  }
}

/** The lowest block above a height that any of them has; null when one of them has that height. */
async function lowestAbove(
  nodes: readonly BasaltNode[],
  height: number,
  signal: AbortSignal,
): Promise<BasaltBlock | null> {
  let lowest: BasaltBlock | null = null;
  for (const node of nodes) {
    if ((await node.hashAt(height, signal)) !== null) return null;
    const { head } = await node.tips(signal);
    if (head.height <= height) continue;
    const block = await lowestOf(node, { missing: height, present: head.height }, signal);
    if (block !== null && (lowest === null || block.height < lowest.height)) lowest = block;
  }
  return lowest;
}

/** What a node has is everything from some height on, in memory or on disk: that height is searched. */
async function lowestOf(
  node: BasaltNode,
  { missing, present }: { readonly missing: number; readonly present: number },
  signal: AbortSignal,
): Promise<BasaltBlock | null> {
  let found = await node.blockAt(present, signal);
  let below = missing;
  while (found !== null && found.height - below > 1) {
    const middle = Math.floor((below + found.height) / 2);
    const block = await node.blockAt(middle, signal);
    if (block === null) below = middle;
    else found = block;
  }
  return found;
}

function reasonOf(from: number, to: number): string {
  return `No endpoint has the blocks ${from} to ${to} any more: a node keeps the last 10,000 in memory, and older ones only on disk. Their rows are missing in the topics. What was published before them counts as final. An endpoint with a data directory that has them, and a new topic prefix, would bring them.`;
}
