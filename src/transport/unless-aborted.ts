/** Waiting for what a library cannot end, or not at once, when its caller gives up. */

/**
 * The promise's outcome, or a rejection with the signal's reason as soon as it aborts; what the promise
 * does then goes unobserved.
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    const settled = promise.then(resolve, reject);
    void settled.finally(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
  });
}
