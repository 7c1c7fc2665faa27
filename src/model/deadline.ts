/** Time bounds for promises of a client that can wait for ever. */
import { Alarm } from './alarm.ts';
import type { Clock } from './runtime.ts';

/**
 * The promise's outcome, or a rejection with `onTimeout()` once `ms` have passed; the promise then
 * goes on unobserved, so `onTimeout` must see to it that it ends.
 */
export async function withDeadline<T>(
  promise: Promise<T>,
  limit: { readonly clock: Clock; readonly ms: number; readonly onTimeout: () => Error },
): Promise<T> {
  const alarm = new Alarm(limit.clock);
  const timeout = new Promise<never>((_, reject) => {
    alarm.set(limit.ms, () => reject(limit.onTimeout()));
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    alarm.stop();
  }
}

/** Resolves when the promise settles, either way, or after `ms`; says whether it settled. */
export async function settlesWithin(
  promise: Promise<unknown>,
  limit: { readonly clock: Clock; readonly ms: number },
): Promise<boolean> {
  const outcome = promise.then(
    () => true,
    () => true,
  );
  return withDeadline(outcome, { ...limit, onTimeout: () => new Error('timed out') }).catch(
    () => false,
  );
}
