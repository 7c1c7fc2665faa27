/**
 * What is published of a stretch of time of feeds without blocks: the rows that a replay would publish
 * again, or correct. Found by the records' times, so it is exact where routes have event time.
 */
import type { StoredChange, StoredRecord } from '../encoding/encoded-record.ts';
import type { UndoRange } from '../model/checkpoint.ts';
import { FatalError } from '../model/errors.ts';
import { type RestoredWindow, WindowFinder } from '../pipeline/window-finder.ts';
import type { TimeRange } from '../sources/source.ts';

/** What is needed of Kafka. */
export interface HistoryReader {
  partitionsOf(topic: string): Promise<readonly number[]>;
  offsets(at: { topic: string; partition: number }): Promise<{ readonly latest: number }>;
  offsetSince(
    at: { topic: string; partition: number },
    timestampMs: number,
  ): Promise<number | undefined>;
  readRange(request: {
    readonly ranges: readonly UndoRange[];
    readonly isolation: 'read_committed';
    readonly signal: AbortSignal;
  }): AsyncIterable<StoredRecord[]>;
}

export interface PublishedHistoryOptions {
  readonly source: string;
  /** Changelogs whose rows may come again. */
  readonly topics: readonly string[];
  readonly reader: HistoryReader;
  readChange(record: StoredRecord): StoredChange | Promise<StoredChange>;
  /** Rows that may be held. */
  readonly rowsMax: number;
  readonly signal: AbortSignal;
}

/** The rows of a stretch of time, and how many they are. */
export interface PublishedHistory {
  readonly window: RestoredWindow;
  readonly rows: number;
}

/** Throws `replay.range_too_long` when more rows are published there than may be held. */
export async function publishedHistory(
  range: TimeRange,
  options: PublishedHistoryOptions,
): Promise<PublishedHistory> {
  const { source, topics, reader, readChange, rowsMax, signal } = options;
  const finder = new WindowFinder({ source, corrections: [] });
  const ranges = await stretches(range, { topics, reader });
  let rows = 0;
  for await (const records of reader.readRange({ ranges, isolation: 'read_committed', signal })) {
    for (const stored of records) {
      if (stored.timestampMs > range.toMs) continue;
      const change = await readChange(stored);
      if (change.timeMs < range.fromMs || change.timeMs > range.toMs) continue;
      finder.add(stored, change, false);
      rows += 1;
      if (rows > rowsMax) throw tooLong(range, rowsMax);
    }
  }
  return { window: finder.result(new Set(topics)), rows };
}

/** Rows of the stretch may lie anywhere behind its first: what was missed was published later. */
async function stretches(
  { fromMs }: TimeRange,
  { topics, reader }: Pick<PublishedHistoryOptions, 'topics' | 'reader'>,
): Promise<UndoRange[]> {
  const ranges: UndoRange[] = [];
  for (const topic of topics) {
    for (const partition of await reader.partitionsOf(topic)) {
      const at = { topic, partition };
      const firstOffset = await reader.offsetSince(at, fromMs);
      if (firstOffset === undefined) continue;
      const { latest } = await reader.offsets(at);
      ranges.push({ ...at, firstOffset, lastOffset: latest - 1 });
    }
  }
  return ranges;
}

function tooLong({ fromMs, toMs }: TimeRange, rowsMax: number): FatalError {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  return new FatalError('replay.range_too_long', {
    stage: 'replay',
    message: `More than ${rowsMax} rows are published between ${from} and ${to}, which is what a replay may hold to tell repeats (undo.rowsMax). Nothing was published. Replay a shorter stretch, or fewer datasets, or raise undo.rowsMax.`,
    context: { fromMs, toMs, rowsMax },
  });
}
