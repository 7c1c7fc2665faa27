/**
 * Waiting for a condition with a deadline. Polls, because what it waits for (a port, a log line of
 * another process) announces itself in no other way.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** How long to wait, how often to look. */
export interface UntilOptions {
  readonly timeoutMs: number;
  readonly pollMs?: number;
}

/**
 * Looks until `look` returns something other than undefined and returns that; undefined when the
 * deadline passes first. An error thrown by `look` ends the wait with that error.
 */
export async function until<T>(
  look: () => Promise<T | undefined> | T | undefined,
  options: UntilOptions,
): Promise<T | undefined> {
  const deadline = performance.now() + options.timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() >= deadline) return undefined;
    await delay(options.pollMs ?? 50);
  }
}
