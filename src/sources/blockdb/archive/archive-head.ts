/** How far REST has come, and what names its chain. Both are found by asking: it says neither. */
import type { BlockHeader } from '../../../model/block.ts';
import { TransientError } from '../../../model/errors.ts';
import { headerOf } from '../assembly/said-row.ts';
import type { BlockdbConfig } from '../config.ts';
import type { Archive } from './archive.ts';

/**
 * The newest block of REST: steps that double from `near` on, up or down, then halves. Throws
 * `source.missing_block` where REST has no block at all, and what the archive throws.
 */
export async function archiveHead(
  archive: Archive,
  { near, lowest }: { readonly near: number; readonly lowest: number },
  signal: AbortSignal,
): Promise<BlockHeader> {
  let found = await blockAt(archive, near, signal);
  let missing = found === undefined ? near : Number.POSITIVE_INFINITY;
  for (let step = 1; found === undefined; step *= 2) {
    if (missing <= lowest) throw noBlock(archive, lowest);
    const height = Math.max(lowest, near - step);
    found = await blockAt(archive, height, signal);
    if (found === undefined) missing = height;
  }
  for (let step = 1; missing === Number.POSITIVE_INFINITY; step *= 2) {
    const above = await blockAt(archive, found.height + step, signal);
    if (above === undefined) missing = found.height + step;
    else found = above;
  }
  while (missing - found.height > 1) {
    const middle = Math.floor((found.height + missing) / 2);
    const block = await blockAt(archive, middle, signal);
    if (block === undefined) missing = middle;
    else found = block;
  }
  return found;
}

/** `<CAIP-2 id>/<hash of the block at identityHeight>`. */
export async function archiveIdentity(
  archive: Archive,
  { chain, identityHeight }: Pick<BlockdbConfig, 'chain' | 'identityHeight'>,
  signal: AbortSignal,
): Promise<string> {
  const block = await blockAt(archive, identityHeight, signal);
  if (block === undefined) throw noBlock(archive, identityHeight);
  return `${chain}/${block.hash}`;
}

async function blockAt(
  archive: Archive,
  height: number,
  signal: AbortSignal,
): Promise<BlockHeader | undefined> {
  const range = { from: height, to: height };
  const query = { dataset: 'blocks', range, params: {}, rowsMax: 1 } as const;
  const { rows } = await archive.rows(query, signal);
  return rows.map(headerOf).find((header) => header.height === height);
}

function noBlock({ origin }: Archive, height: number): TransientError {
  return new TransientError('source.missing_block', {
    stage: 'sources',
    message: `${origin} has no block ${height}, which names the chain. Set identityHeight to the lowest block that it has.`,
    context: { origin, height },
  });
}
