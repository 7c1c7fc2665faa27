/** Runs fetches of consecutive ranges at the same time and gives their results in order. */
import { setMaxListeners } from 'node:events';
import type { LevelRange } from './queries.ts';

/** Consecutive ranges of at most `levelsMax` levels. */
export function* rangesOf({ from, to }: LevelRange, levelsMax: number): Generator<LevelRange> {
  for (let first = from; first <= to; first += levelsMax) {
    yield { from: first, to: Math.min(to, first + levelsMax - 1) };
  }
}

/**
 * At most `concurrency` results are under way or waiting. A fetch's error is thrown in its turn;
 * leaving the loop aborts the others.
 */
export async function* readAhead<T>(
  ranges: Iterator<LevelRange>,
  options: {
    readonly concurrency: number;
    readonly fetch: (range: LevelRange, signal: AbortSignal) => Promise<T>;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<{ readonly range: LevelRange; readonly result: T }> {
  const own = new AbortController();
  // Each request that is under way listens to it; how many may be is bounded elsewhere.
  setMaxListeners(0, own.signal);
  const abort = () => own.abort(options.signal.reason);
  options.signal.addEventListener('abort', abort, { once: true });
  const pending: { range: LevelRange; result: Promise<T> }[] = [];
  const fill = () => {
    while (pending.length < options.concurrency) {
      const next = ranges.next();
      if (next.done) return;
      const result = options.fetch(next.value, own.signal);
      // Its error is looked at in its turn; until then it must not count as unhandled.
      result.catch(() => undefined);
      pending.push({ range: next.value, result });
    }
  };
  try {
    options.signal.throwIfAborted();
    fill();
    for (let first = pending.shift(); first !== undefined; first = pending.shift()) {
      const result = await first.result;
      fill();
      yield { range: first.range, result };
    }
  } finally {
    options.signal.removeEventListener('abort', abort);
    own.abort();
  }
}
