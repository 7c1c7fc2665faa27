/** Time bounds for promises of a client that can wait for ever. */
import type { Clock } from '../model/runtime.ts';

/** To make the error that an abort has by default costs more than the rest of a bound. */
const settled = 'settled';

/**
 * The promise's outcome, or a rejection with `onTimeout()` once `ms` have passed; the promise then
 * goes on unobserved, so `onTimeout` must see to it that it ends.
 */
export async function withDeadline<T>(
  promise: Promise<T>,
  limit: { readonly clock: Clock; readonly ms: number; readonly onTimeout: () => Error },
): Promise<T> {
  const timer = new AbortController();
  const timeout = limit.clock.sleep(limit.ms, timer.signal).then(
    () => {
      throw limit.onTimeout();
    },
    () => new Promise<never>(() => {}),
  );
  promise.catch(() => {});
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    timer.abort(settled);
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
