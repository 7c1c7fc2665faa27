/**
 * Finds again what a correction window held, from the records of its ranges: of each event the row
 * that was published last, whatever followed the checkpoint included.
 */
import type { InsertRecord, StoredChange, StoredRecord } from '../encoding/encoded-record.ts';
import type { CorrectionMark, UndoRange } from '../model/checkpoint.ts';
import { FatalError } from '../model/errors.ts';
import type { RestoredSegment, TimedRow } from '../normalization/correction-window.ts';

/** What a restart knows of rows that have no block. */
export interface RestoredWindow {
  /** Oldest first in every partition. */
  readonly segments: readonly RestoredSegment<InsertRecord>[];
  readonly marks: readonly CorrectionMark[];
  /** Published after the checkpoint, and live: the tables beside the topic do not know them yet. */
  readonly later: readonly TimedRow<InsertRecord>[];
}

/** A window that holds nothing. */
export const emptyWindow: RestoredWindow = { segments: [], marks: [], later: [] };

interface Found extends TimedRow<InsertRecord> {
  readonly offset: number;
  readonly isLater: boolean;
}

/** Restored rows leave the window in so many steps. */
const segmentCount = 32;

export class WindowFinder {
  readonly #source: string;
  readonly #marks: readonly CorrectionMark[];
  readonly #topics = new Map<string, Map<string, Found>>();
  /** Live rows by topic, as they were when the checkpoint was written. */
  readonly #counts = new Map<string, number>();

  constructor({
    source,
    corrections,
  }: {
    readonly source: string;
    readonly corrections: readonly CorrectionMark[];
  }) {
    this.#source = source;
    this.#marks = corrections;
  }

  /** Per partition in the order of offsets. A record that was sent twice counts once. */
  add(
    stored: StoredRecord,
    { isRetraction, record, timeMs }: StoredChange,
    isLater: boolean,
  ): void {
    const { topic, eventId, incarnation } = record;
    const events = this.#topics.get(topic) ?? new Map<string, Found>();
    this.#topics.set(topic, events);
    const known = events.get(eventId);
    const age = known === undefined ? 0 : known.row.incarnation;
    const isNews = isRetraction
      ? incarnation > age || (incarnation === age && known?.isLive === true)
      : incarnation > age;
    if (!isNews) return;
    const isLive = !isRetraction;
    events.set(eventId, { row: record, timeMs, isLive, offset: stored.offset, isLater });
    if (isLater) return;
    const change = Number(isLive) - Number(known?.isLive ?? false);
    this.#counts.set(topic, (this.#counts.get(topic) ?? 0) + change);
  }

  /** Throws `checkpoint.undo_window_incomplete` when a topic in `topics` lacks rows that it had. */
  result(topics: ReadonlySet<string>): RestoredWindow {
    const marks = this.#marks.filter(({ topic }) => topics.has(topic));
    for (const { topic, rows } of marks) {
      const found = this.#counts.get(topic) ?? 0;
      if (found !== rows) throw incomplete(this.#source, topic, { rows, found });
    }
    const partitions = [...this.#topics.values()].flatMap(byPartition);
    const segments = Array.from({ length: segmentCount }, (_, index) =>
      segmentOf(partitions.map((rows) => slice(rows, index))),
    );
    const later = partitions.flat().filter((row) => row.isLater && row.isLive);
    return { segments: segments.filter(({ rows }) => rows.length > 0), marks, later };
  }
}

function byPartition(events: ReadonlyMap<string, Found>): Found[][] {
  const partitions = new Map<number, Found[]>();
  for (const found of events.values()) {
    const own = partitions.get(found.row.partition) ?? [];
    own.push(found);
    partitions.set(found.row.partition, own);
  }
  return [...partitions.values()].map((rows) => rows.sort((a, b) => a.offset - b.offset));
}

function slice(rows: readonly Found[], index: number): readonly Found[] {
  const from = Math.floor((rows.length * index) / segmentCount);
  return rows.slice(from, Math.floor((rows.length * (index + 1)) / segmentCount));
}

/** Rows of several partitions, each in order. */
function segmentOf(partitions: readonly (readonly Found[])[]): RestoredSegment<InsertRecord> {
  const ranges = partitions.flatMap((rows): UndoRange[] => {
    const [first, last] = [rows[0], rows.at(-1)];
    if (first === undefined || last === undefined) return [];
    const { topic, partition } = first.row;
    return [{ topic, partition, firstOffset: first.offset, lastOffset: last.offset }];
  });
  return { rows: partitions.flat(), ranges };
}

function incomplete(
  source: string,
  topic: string,
  { rows, found }: { readonly rows: number; readonly found: number },
): FatalError {
  return new FatalError('checkpoint.undo_window_incomplete', {
    stage: 'pipeline',
    message: `Source ${source} holds ${rows} rows of ${topic} that may still be corrected, but ${found} are on it. Repeats could not be told and corrections not be exact, so nothing is published. Check the topic's retention and who else writes to it; to go on, publish to new topics (topics.prefix).`,
    context: { topic, expected: rows, found },
  });
}
