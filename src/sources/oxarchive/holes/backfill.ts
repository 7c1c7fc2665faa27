/**
 * Reads stretches of history beside the live socket, a few at a time, and holds what was read until
 * the session takes it: a reader waits while too much lies there.
 */
import type { ErrorCode } from '../../../model/errors.ts';
import type { Bell } from '../../bell.ts';
import type { TimeRange } from '../archive/archive.ts';
import type { Market } from '../markets.ts';
import type { AppendDataset, AppendMessage } from './row-trail.ts';

/** What is to be read of one market. */
export interface Stretch {
  readonly market: Market;
  readonly dataset: AppendDataset;
  readonly range: TimeRange;
}

/** Something that cannot be understood, for the dead letters. */
export interface DeadLetter {
  readonly raw: Uint8Array;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** A stretch that the archive itself has nothing of, as far as it tells. */
export interface Lacking extends TimeRange {
  /** A hole may be repaired, what is before the archive never comes. */
  readonly reason: 'archive_hole' | 'before_the_archive';
}

/** A part of the answer. */
export interface BackfillPage {
  readonly rows: readonly AppendMessage[];
  readonly letters: readonly DeadLetter[];
  readonly lacking: readonly Lacking[];
  readonly receivedAtUs: number;
}

/** A way to history: REST, or a replay. */
export interface BackfillReader {
  /**
   * Rows in the order of time. Returns up to when the archive has rows of it, as it says itself; null
   * where it does not. Throws what REST or the socket throws.
   */
  pages(stretch: Stretch, signal: AbortSignal): AsyncGenerator<BackfillPage, number | null>;
}

/** `job` is the caller's own, to know it again; `P` is a part of an answer, `R` what it ends with. */
export type BackfillEvent<J, P, R> =
  | { readonly kind: 'page'; readonly job: J; readonly page: P }
  | { readonly kind: 'end'; readonly job: J; readonly result: R | null }
  | { readonly kind: 'failed'; readonly job: J; readonly error: unknown };

/** Pages that may lie here unread. */
const pagesMax = 8;

/** One per session; `stop` must follow. */
export class Backfill<J, P, R> {
  readonly #bell: Bell;
  readonly #abort = new AbortController();
  readonly #events: BackfillEvent<J, P, R>[] = [];
  readonly #running = new Set<Promise<void>>();
  #wake: (() => void)[] = [];

  constructor(bell: Bell) {
    this.#bell = bell;
  }

  /** Begins to read; `pages` is given the signal that ends it. */
  start(job: J, pages: (signal: AbortSignal) => AsyncGenerator<P, R | null>): void {
    const reading = this.#read(job, pages).finally(() => {
      this.#running.delete(reading);
      this.#bell.ring();
    });
    this.#running.add(reading);
  }

  take(): BackfillEvent<J, P, R> | undefined {
    const event = this.#events.shift();
    if (event !== undefined) for (const wake of this.#wake.splice(0)) wake();
    return event;
  }

  /** Ends what is under way, and waits for it. */
  async stop(): Promise<void> {
    this.#abort.abort();
    for (const wake of this.#wake.splice(0)) wake();
    await Promise.all(this.#running);
  }

  async #read(job: J, pages: (signal: AbortSignal) => AsyncGenerator<P, R | null>): Promise<void> {
    const { signal } = this.#abort;
    const reading = pages(signal);
    try {
      for (;;) {
        const { done, value } = await reading.next();
        if (signal.aborted) return;
        if (done === true) {
          this.#tell({ kind: 'end', job, result: value });
          return;
        }
        this.#tell({ kind: 'page', job, page: value });
        await this.#room();
      }
    } catch (error) {
      if (!signal.aborted) this.#tell({ kind: 'failed', job, error });
    } finally {
      // A reader that is left in the middle releases what it holds.
      await reading.return(null).catch(() => undefined);
    }
  }

  #tell(event: BackfillEvent<J, P, R>): void {
    this.#events.push(event);
    this.#bell.ring();
  }

  async #room(): Promise<void> {
    while (this.#events.length >= pagesMax && !this.#abort.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
    }
  }
}
