/** What a source can be doing: the words of the status page, the metrics and the log. */

/**
 * - `starting`: not connected to Kafka yet. `restoring`: reads checkpoint and undo window.
 * - `catching_up`: publishes old blocks. `live`: publishes the head.
 * - `degraded`: session lost, a new one follows. `paused`: refuses to go on until someone decides.
 * - `stopped`: ended, by signal or error.
 */
export const sourceStates = [
  'starting',
  'restoring',
  'catching_up',
  'live',
  'degraded',
  'paused',
  'stopped',
] as const;

/** One of `sourceStates`. */
export type SourceState = (typeof sourceStates)[number];
