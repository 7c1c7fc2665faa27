/** Real time; counts the sleeps under way, so that a test can see a leaked timer. */
import type { Clock } from '../../../src/model/runtime.ts';

export class WallClock implements Clock {
  sleeping = 0;

  nowMs(): number {
    return Date.now();
  }

  nowUs(): number {
    return Math.round((performance.timeOrigin + performance.now()) * 1000);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeping += 1;
    try {
      await new Promise<void>((resolve, reject) => {
        const abort = () => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', abort);
          resolve();
        }, ms);
        signal?.addEventListener('abort', abort, { once: true });
      });
    } finally {
      this.sleeping -= 1;
    }
  }
}
