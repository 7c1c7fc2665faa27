/** Blocks of 100 ms: the numbers of the venue for times, and back. */

/** How long a block takes. */
export const blockMs = 100;

/** Puts block numbers where the venue has them: 1,170,000,000 in September 2026. */
const numbersBelow = 16_730_000_000;

/** The last block at or before a time. */
export function blockAt(timeMs: number): number {
  return Math.floor(timeMs / blockMs) - numbersBelow;
}

/** The time of a block, and of everything in it. */
export function blockTimeMs(block: number): number {
  return (block + numbersBelow) * blockMs;
}
