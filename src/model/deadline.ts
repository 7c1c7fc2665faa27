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

/**
 * Resolves when the promise settles, either way, after `ms`, or when the signal aborts; says whether it
 * settled. Nothing of the wait is left then, also where the promise never settles.
 */
export function settlesWithin(
  promise: Promise<unknown>,
  limit: { readonly clock: Clock; readonly ms: number; readonly signal?: AbortSignal },
): Promise<boolean> {
  const { clock, ms, signal } = limit;
  const alarm = new Alarm(clock);
  return new Promise((resolve) => {
    const end = (hasSettled: boolean) => {
      alarm.stop();
      signal?.removeEventListener('abort', giveUp);
      resolve(hasSettled);
    };
    const giveUp = () => end(false);
    const settle = () => end(true);
    alarm.set(ms, giveUp);
    signal?.addEventListener('abort', giveUp);
    if (signal?.aborted === true) giveUp();
    promise.then(settle, settle);
  });
}
