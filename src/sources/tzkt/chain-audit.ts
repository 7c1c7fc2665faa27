/**
 * Compares what was published with the indexer's branch. The stream proves no link between blocks, so
 * this is what does: hashes over REST, level by level. Reads only.
 */
import type { BlockRef } from '../../model/block.ts';
import type { SourceRuntime } from '../source.ts';
import type { BlockReader, Hashes } from './block-reader.ts';

/**
 * - `sound`: every level compared has the block that was published.
 * - `behind`: REST ends at `level`, below our position, on our chain: it lags, or blocks are void.
 * - `forked`: above `ancestor` REST has other blocks.
 */
export type Verdict =
  | { readonly kind: 'sound'; readonly serverLevel: number | null }
  | { readonly kind: 'behind'; readonly block: BlockRef | null }
  | { readonly kind: 'forked'; readonly fork: Fork; readonly serverLevel: number | null };

export interface Fork {
  /** The highest block in common; the lowest one looked at where there is none. */
  readonly ancestor: BlockRef;
  readonly isAncestorKnown: boolean;
  /** Hash of the first block of the other branch. */
  readonly firstHash: string;
  /** The newest level of REST that was looked at, at most our own. */
  readonly restLevel: number;
  /** Hashes of REST above the ancestor. */
  readonly hashes: ReadonlyMap<number, string>;
}

/** Without a finalized head so many levels are compared at first. */
const levelsAtFirst = 32;
const levelsMax = 5_000;

/** Looks at every unfinalized level, and at the finalized head. */
export async function auditChain(
  reader: BlockReader,
  scope: { readonly tip: BlockRef; readonly runtime: SourceRuntime },
  signal: AbortSignal,
): Promise<Verdict> {
  const { tip, runtime } = scope;
  const lowest = runtime.finalizedHeight() ?? tip.height - levelsAtFirst;
  const from = Math.max(0, lowest, tip.height - levelsMax);
  // One level more: a server that does not say where it is shows so that it went on.
  const to = tip.height + 1;
  const { hashes, level } = await reader.hashes({ from, to }, signal);
  const serverLevel = level ?? (hashes.has(to) ? to : null);
  return judge({ hashes, level: serverLevel }, { from, tip, runtime });
}

function judge(
  { hashes, level: serverLevel }: Hashes,
  scope: { readonly from: number; readonly tip: BlockRef; readonly runtime: SourceRuntime },
): Verdict {
  const { from, tip, runtime } = scope;
  let common: BlockRef | null = null;
  for (let level = from; level <= tip.height; level += 1) {
    const ours = level === tip.height ? tip.hash : runtime.canonicalHash(level);
    const theirs = hashes.get(level);
    // Levels that neither side has, as below an indexer's first block, say nothing.
    if (theirs === undefined && ours === undefined && common === null) continue;
    if (theirs === undefined) return { kind: 'behind', block: common };
    // Below what is still held nothing can be compared.
    if (ours === undefined || ours === theirs) {
      common = { height: level, hash: theirs };
      continue;
    }
    return { kind: 'forked', fork: forkAt({ level, common, hashes, tip, runtime }), serverLevel };
  }
  return { kind: 'sound', serverLevel };
}

function forkAt(found: {
  readonly level: number;
  readonly common: BlockRef | null;
  readonly hashes: ReadonlyMap<number, string>;
  readonly tip: BlockRef;
  readonly runtime: SourceRuntime;
}): Fork {
  const { level, common, hashes, tip, runtime } = found;
  const theirs = { height: level, hash: hashes.get(level) ?? '' };
  const isAncestorKnown = common !== null && runtime.canonicalHash(common.height) === common.hash;
  return {
    ancestor: common ?? theirs,
    isAncestorKnown,
    firstHash: theirs.hash,
    restLevel: Math.min(tip.height, Math.max(...hashes.keys())),
    hashes,
  };
}
