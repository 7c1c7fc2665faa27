/** The real clock, for whoever composes the stages and for a library that nobody hands one. */
import type { Clock } from './runtime.ts';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // Monotonic within the process, and finer than a millisecond.
  nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
  // Not by `node:timers/promises`, which makes an error of its own, with its stack, for every abort.
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', abort, { once: true });
    }),
};
