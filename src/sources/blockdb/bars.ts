/**
 * When a bar is published: once its bucket has closed, with the block that closed it. BlockDB sends a
 * bar again while its bucket fills, without a block number (reference sections 1 and 8.6); a block of
 * its own makes it a row like any other, which falls with the block when the chain leaves it.
 */
import type { BlockdbDataset, WireFields } from './messages.ts';
import { memberValue } from './rows/row.ts';
import { blockdbTables } from './tables/tables.ts';

/** True for a dataset whose rows are of a span of time instead of a block. */
export function isBarDataset(dataset: BlockdbDataset): boolean {
  return blockdbTables[dataset].heightMember === null;
}

/**
 * Where a bar's bucket ends, exclusive, in milliseconds; null where the row does not say where it begins
 * or how wide it is. Throws `row.invalid` for a value that is not of its form.
 */
export function bucketEndMs(dataset: BlockdbDataset, data: WireFields): number | null {
  const startMs = memberValue(dataset, 'bucket_start', data);
  const seconds = memberValue(dataset, 'bucket_seconds', data);
  return typeof startMs === 'number' && typeof seconds === 'number'
    ? startMs + seconds * 1000
    : null;
}

/**
 * The block with which a bar is published: the first canonical one whose time is at or after the end of
 * its bucket. `blocks` are canonical and ascending, and begin at or before it. Undefined while there is
 * none: the bucket is open.
 */
export function barBlock<B extends { readonly timeMs: number }>(
  endMs: number,
  blocks: readonly B[],
): B | undefined {
  return blocks.find(({ timeMs }) => timeMs >= endMs);
}
