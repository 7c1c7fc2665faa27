/** Publishes a stretch of a feed's history, whatever becomes of the connection to its archive. */
import { parseCursor } from '../model/cursor.ts';
import { FatalError, retryAfterMsOf, TransientError } from '../model/errors.ts';
import type { Clock } from '../model/runtime.ts';
import type { SourceUpdate } from '../model/update.ts';
import { type BackoffLimits, backoffMs } from '../pipeline/backoff.ts';
import type { HistoryOptions, TimeRange } from '../sources/source.ts';

/** What came of it. */
export interface HistoryTally {
  /** Inserted. */
  readonly rows: number;
  readonly corrections: number;
  /** Left alone: they are published with the same bytes. */
  readonly duplicates: number;
  /** Stretches that the archive lacks. */
  readonly gaps: number;
  readonly unreadable: number;
  /** Up to here everything is published; null before the first update. */
  readonly reachedMs: number | null;
}

export interface HistoryTask {
  history(
    range: TimeRange,
    options: HistoryOptions,
    signal: AbortSignal,
  ): AsyncIterable<SourceUpdate<unknown>>;
  readonly options: HistoryOptions;
  /** Takes the update over and resolves when there is room for more. */
  publish(update: SourceUpdate<unknown>): Promise<void>;
  /** False when more rows cannot be told from repeats: the rest is for another run. */
  hasRoom(): boolean;
  /** Resolves when all that was taken over is published. */
  drain(): Promise<void>;
  onLost(error: unknown, delayMs: number): void;
  readonly clock: Clock;
  readonly backoff: BackoffLimits & { readonly retriesMax: number };
  random(): number;
  readonly signal: AbortSignal;
}

/** What the updates themselves tell; the rows are counted where they are published. */
export type HistoryProgress = Pick<HistoryTally, 'gaps' | 'unreadable' | 'reachedMs'>;

/**
 * Resolves when the stretch is read, by `stop`, by abort or for want of room, with everything
 * published. Goes on from the time reached when the connection is lost; throws when that does not help.
 */
export async function runHistory(range: TimeRange, task: HistoryTask): Promise<HistoryProgress> {
  let progress: HistoryProgress = { gaps: 0, unreadable: 0, reachedMs: null };
  let failures = 0;
  for (let isOver = false; !isOver && !task.signal.aborted; ) {
    try {
      for await (const update of unread(range, progress, task)) {
        await task.publish(update);
        progress = progressed(progress, update);
        if (update.kind !== 'idle') failures = 0;
        if (!task.hasRoom()) break;
      }
      isOver = true;
    } catch (error) {
      failures += 1;
      if (!task.signal.aborted) await rest(error, failures, task);
    }
  }
  await task.drain();
  return progress;
}

function unread(range: TimeRange, { reachedMs }: HistoryProgress, task: HistoryTask) {
  const fromMs = Math.max(range.fromMs, reachedMs ?? range.fromMs);
  return task.history({ fromMs, toMs: range.toMs }, task.options, task.signal);
}

function progressed(progress: HistoryProgress, update: SourceUpdate<unknown>): HistoryProgress {
  const { gaps, unreadable, reachedMs } = progress;
  switch (update.kind) {
    case 'batch':
    case 'idle':
      return { gaps, unreadable, reachedMs: timeOf(update.cursor) };
    case 'market':
      return { gaps: gaps + Number(update.state === 'gap'), unreadable, reachedMs };
    case 'malformed':
      return { gaps, unreadable: unreadable + 1, reachedMs };
    default:
      return progress;
  }
}

function timeOf(cursor: string): number {
  const position = parseCursor(cursor);
  const timeMs = position.kind === 'token' ? Number(position.token) : Number.NaN;
  if (Number.isSafeInteger(timeMs)) return timeMs;
  throw new FatalError('cursor.unreadable', {
    stage: 'replay',
    message: `The source's position in its history is "${cursor}", expected a time in milliseconds.`,
    context: { cursor },
  });
}

async function rest(error: unknown, failures: number, task: HistoryTask): Promise<void> {
  const { backoff, clock, signal, random } = task;
  const isExhausted = backoff.retriesMax > 0 && failures > backoff.retriesMax;
  if (!(error instanceof TransientError) || isExhausted) throw error;
  const delayMs = Math.max(backoffMs(failures, backoff, random), retryAfterMsOf(error));
  task.onLost(error, delayMs);
  await clock.sleep(delayMs, signal).catch(() => undefined);
}
