/**
 * Counts the sessions in a row that did not last. A venue that accepts a connection and drops it again
 * is never an error that repeats, so the back-off alone would try for ever.
 */
import { FatalError } from '../model/errors.ts';
import type { SessionLimits } from '../sources/source.ts';

/** One per source task. */
export class SessionBudget {
  readonly #limits: SessionLimits;
  #openedAtMs = 0;
  #isUseful = false;
  #spent = 0;

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  /** A session begins. */
  opened(nowMs: number): void {
    this.#openedAtMs = nowMs;
    this.#isUseful = false;
  }

  /** The session gave an update. */
  used(): void {
    this.#isUseful = true;
  }

  /** The session ended with this error; gives the one that stops the source when it was one too many. */
  lost(source: string, error: unknown, nowMs: number): unknown {
    const { retriesMax, stableMs } = this.#limits;
    const lasted = this.#isUseful && nowMs - this.#openedAtMs >= stableMs;
    this.#spent = lasted ? 0 : this.#spent + 1;
    return this.#spent > retriesMax ? exhausted(source, error, this.#limits) : error;
  }
}

function exhausted(source: string, cause: unknown, { retriesMax, stableMs }: SessionLimits) {
  const last = cause instanceof Error ? cause.message : String(cause);
  return new FatalError('source.retry_budget_exhausted', {
    stage: 'pipeline',
    message: `Source ${source}: ${retriesMax + 1} sessions in a row gave nothing or did not last ${stableMs} ms, so it stopped asking. The last one ended so: ${last} Look at the venue's state, the key and its limits, then start the source again; what was published stays.`,
    cause,
    context: { retriesMax, stableMs },
  });
}
