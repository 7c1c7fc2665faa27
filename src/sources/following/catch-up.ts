/**
 * Reads a long range of heights with several fetches at once and gives it out in strict order. What
 * is read ahead is bounded by `concurrency` times `blocksPerFetch` blocks.
 */
import { setMaxListeners } from 'node:events';
import { type BlockMessage, type ChainReader, type Moved, moved } from './chain.ts';

/** A range of heights, both ends included, and how it is cut and overlapped. */
export interface CatchUpRange {
  readonly from: number;
  readonly to: number;
  readonly blocksPerFetch: number;
  readonly concurrency: number;
}

/**
 * Groups of linked blocks in order. Ends early after `moved`. The caller checks that a group links
 * to the one before. An error of a fetch is thrown when its turn comes; leaving the loop aborts the
 * fetches that are under way.
 */
export async function* catchUp<M extends BlockMessage>(
  fetcher: ChainReader<M>,
  range: CatchUpRange,
  signal: AbortSignal,
): AsyncGenerator<readonly M[] | Moved> {
  const own = new AbortController();
  // Each request that is under way listens to it; how many may be is bounded elsewhere.
  setMaxListeners(0, own.signal);
  const abort = () => own.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const pending: Promise<readonly M[] | Moved>[] = [];
  let next = range.from;
  const fill = () => {
    while (pending.length < range.concurrency && next <= range.to) {
      const to = Math.min(range.to, next + range.blocksPerFetch - 1);
      const fetch = fetcher.range(next, to, own.signal);
      // Its error is looked at when its turn comes; until then it must not count as unhandled.
      fetch.catch(() => undefined);
      pending.push(fetch);
      next = to + 1;
    }
  };
  try {
    signal.throwIfAborted();
    fill();
    for (let first = pending.shift(); first !== undefined; first = pending.shift()) {
      const group = await first;
      fill();
      yield group;
      if (group === moved) return;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    own.abort();
  }
}
