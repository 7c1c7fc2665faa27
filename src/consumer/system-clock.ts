/** The process's own time, for a library that nobody hands a clock. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock, Logger } from '../model/runtime.ts';

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  nowUs: () => Date.now() * 1000,
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }),
};

/** For users who want no log. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
