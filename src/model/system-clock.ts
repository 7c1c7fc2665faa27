/** The real clock, for whoever composes the stages and for a library that nobody hands one. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from './runtime.ts';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  // Monotonic within the process, and finer than a millisecond.
  nowUs: () => Math.round((performance.timeOrigin + performance.now()) * 1000),
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};
