/**
 * How the server turns what the indexer did since the last time into one batch. A rollback and the
 * blocks after it become one or several batches, depending on when the server looks.
 */

/** A block that became the head of the indexer, by being applied or by a revert above it. */
export interface Change {
  readonly level: number;
  readonly hash: string;
}

/** What all channels report from. */
export interface Batch {
  /** The last level of what was reported before that still holds. */
  readonly valid: number;
  readonly isReorg: boolean;
  /** The new head. */
  readonly level: number;
}

/** The batch of these changes to a head at `current`; undefined when there are none. */
export function batchOf(current: number, changes: readonly Change[]): Batch | undefined {
  const last = changes.at(-1);
  if (last === undefined) return undefined;
  const valid = Math.min(current, ...changes.map((change) => change.level));
  return { valid, isReorg: valid !== current, level: last.level };
}
