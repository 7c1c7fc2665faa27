/** A clock that a test moves by hand: who sleeps wakes when it is moved far enough. */
import type { Clock } from '../../../src/model/runtime.ts';

const deadlineMs = 20_000;

interface Sleeper {
  readonly untilMs: number;
  wake(): void;
}

/** Stands still until it is moved. */
export class HandClock implements Clock {
  #nowMs: number;
  readonly #sleepers = new Set<Sleeper>();
  #asleep: () => void = () => undefined;

  constructor(startMs = 1_000_000) {
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  nowUs(): number {
    return this.#nowMs * 1000;
  }

  /** How many sleep. */
  get sleepers(): number {
    return this.#sleepers.size;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const stop = () => {
        this.#sleepers.delete(sleeper);
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      const sleeper = { untilMs: this.#nowMs + ms, wake };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', stop, { once: true });
      this.#asleep();
    });
  }

  /** Resolves with the milliseconds until the next one wakes, when somebody sleeps; throws after a deadline. */
  async untilAsleep(): Promise<number> {
    const deadline = AbortSignal.timeout(deadlineMs);
    while (this.#sleepers.size === 0) {
      await new Promise<void>((resolve, reject) => {
        this.#asleep = resolve;
        deadline.onabort = () => reject(new Error(`Nobody slept in ${deadlineMs} ms.`));
      });
    }
    return Math.min(...[...this.#sleepers].map(({ untilMs }) => untilMs)) - this.#nowMs;
  }

  /** Moves it; wakes who is due. */
  move(ms: number): void {
    this.#nowMs += ms;
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.untilMs > this.#nowMs) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
