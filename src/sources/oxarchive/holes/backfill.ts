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

/** A part of the answer. */
export interface BackfillPage {
  readonly rows: readonly AppendMessage[];
  readonly letters: readonly DeadLetter[];
  /** Holes of the archive itself, as far as it tells of them. */
  readonly lacking: readonly TimeRange[];
  readonly receivedAtUs: number;
}

/** A way to history: REST, or a replay. */
export interface BackfillReader {
  /** Rows in the order of time. Throws what REST or the socket throws. */
  pages(stretch: Stretch, signal: AbortSignal): AsyncIterable<BackfillPage>;
  /** Up to when the archive has rows of it, as it says itself; null where it does not. */
  reachedMs(stretch: Stretch, signal: AbortSignal): Promise<number | null>;
}

/** `job` is the caller's own, to know it again. */
export type BackfillEvent<J> =
  | { readonly kind: 'page'; readonly job: J; readonly page: BackfillPage }
  | { readonly kind: 'end'; readonly job: J; readonly reachedMs: number | null }
  | { readonly kind: 'failed'; readonly job: J; readonly error: unknown };

/** Pages that may lie here unread. */
const pagesMax = 8;

/** One per session; `stop` must follow. */
export class Backfill<J> {
  readonly #reader: BackfillReader;
  readonly #bell: Bell;
  readonly #abort = new AbortController();
  readonly #events: BackfillEvent<J>[] = [];
  readonly #running = new Set<Promise<void>>();
  #wake: (() => void)[] = [];

  constructor(reader: BackfillReader, bell: Bell) {
    this.#reader = reader;
    this.#bell = bell;
  }

  /** How many stretches are being read. */
  get running(): number {
    return this.#running.size;
  }

  start(job: J, stretch: Stretch): void {
    const reading = this.#read(job, stretch).finally(() => {
      this.#running.delete(reading);
      this.#bell.ring();
    });
    this.#running.add(reading);
  }

  take(): BackfillEvent<J> | undefined {
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

  async #read(job: J, stretch: Stretch): Promise<void> {
    const { signal } = this.#abort;
    try {
      for await (const page of this.#reader.pages(stretch, signal)) {
        if (signal.aborted) return;
        this.#tell({ kind: 'page', job, page });
        await this.#room();
      }
      const reachedMs = await this.#reader.reachedMs(stretch, signal);
      this.#tell({ kind: 'end', job, reachedMs });
    } catch (error) {
      if (!signal.aborted) this.#tell({ kind: 'failed', job, error });
    }
  }

  #tell(event: BackfillEvent<J>): void {
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
