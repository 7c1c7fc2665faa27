/** A clock for sources whose pauses are constants: ten seconds of it pass in one. */
import type { Clock } from '../../../src/model/runtime.ts';
import { WallClock } from '../sources/wall-clock.ts';

/** So many times as fast as real time. */
export const clockSpeed = 10;

export class QuickClock implements Clock {
  readonly #wall = new WallClock();
  readonly #startUs = this.#wall.nowUs();

  nowMs(): number {
    return Math.floor(this.nowUs() / 1_000);
  }

  nowUs(): number {
    return this.#startUs + (this.#wall.nowUs() - this.#startUs) * clockSpeed;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return this.#wall.sleep(ms / clockSpeed, signal);
  }
}
