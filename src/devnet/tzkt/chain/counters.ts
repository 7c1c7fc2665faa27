/**
 * The indexer's counters. They are set back with a reverted block, so ids come again in its
 * replacement.
 */

/** Operation ids are this far apart; what an operation creates is numbered in between. */
export const operationIdStep = 2 ** 20;

/** What was given out last. */
export interface Counters {
  operation: number;
  bigmapUpdate: number;
  event: number;
  account: number;
}

/** Where a chain starts to count: high enough that ids look like those of a real chain. */
export function createCounters(): Counters {
  return {
    operation: 1_300_000_000,
    bigmapUpdate: 88_120_330,
    event: 5_120_076,
    account: 3_120_944,
  };
}
