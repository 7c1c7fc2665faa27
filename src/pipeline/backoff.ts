/** How long to wait before the next try: doubling, capped, with jitter. Pure. */

export interface BackoffLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/**
 * Delay before try number `failures` + 1, in milliseconds: between half and the whole of
 * `minMs · 2^(failures − 1)`, at most `maxMs`. `random` is in [0, 1).
 */
export function backoffMs(failures: number, limits: BackoffLimits, random: () => number): number {
  const ceiling = Math.min(limits.maxMs, limits.minMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
