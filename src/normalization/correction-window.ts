/**
 * What was published of feeds without blocks and may come again: a repeat is recognised, a correction
 * takes back the exact record. Generic over the record: it neither encodes nor publishes.
 */
import type { CorrectionMark, UndoRange } from '../model/checkpoint.ts';

/** What the window needs to know of a record. */
export interface WindowRow {
  readonly topic: string;
  readonly partition: number;
  readonly eventId: string;
  readonly incarnation: number;
}

/** An event of one topic as it was published last. */
export interface HeldRow<R> {
  readonly row: R;
  /** False: it was taken back, and what should have taken its place was not published. */
  readonly isLive: boolean;
}

/** A held row, and the event's own time. */
export interface TimedRow<R> extends HeldRow<R> {
  readonly timeMs: number;
}

/** Rows that were published one after the other: they leave together. */
export interface RestoredSegment<R> {
  readonly rows: readonly TimedRow<R>[];
  /** Where they lie. */
  readonly ranges: readonly UndoRange[];
}

export interface WindowLimits {
  readonly rowsMax: number;
  /** How long a row is held after it was published. */
  readonly ageMaxMs: number;
}

/** What one publication has to do with the window. */
export interface ClosedWindow<R> {
  /** Rows that left: nothing will take them back any more. Oldest first. */
  readonly left: readonly R[];
  readonly marks: readonly CorrectionMark[];
  /** Tells where the publication's records lie; gives where the window does. May be called again. */
  place(written: readonly UndoRange[]): readonly UndoRange[];
}

/** Rows leave in so many steps: a checkpoint then says where they lie without a look at each. */
const segmentsMax = 32;

interface Segment<R> {
  readonly rows: TimedRow<R>[];
  /** By topic-partition, where its first record lies. */
  readonly starts: Map<string, UndoRange>;
  readonly openedAtMs: number;
  /** When it took its last row; null while it takes more. */
  closedAtMs: number | null;
}

interface Topic<R> {
  readonly rows: Map<string, TimedRow<R>>;
  live: number;
  leftToMs: number | null;
}

/** Bounded by rows and by age; rows are kept in the order of their publication. */
export class CorrectionWindow<R extends WindowRow> {
  readonly #limits: WindowLimits;
  readonly #topics = new Map<string, Topic<R>>();
  /** Oldest first; the last one takes what is published next. */
  #segments: Segment<R>[];
  #current: Segment<R>;
  /** By topic-partition, where the window begins. */
  #starts = new Map<string, UndoRange>();
  #rows = 0;

  constructor(limits: WindowLimits, nowMs: number) {
    this.#limits = limits;
    this.#current = segment<R>(nowMs);
    this.#segments = [this.#current];
  }

  /** Rows that are held, corrected ones included. */
  get rows(): number {
    return this.#rows;
  }

  /** Takes over what a restart found, oldest first, before anything else. */
  restore(
    segments: readonly RestoredSegment<R>[],
    marks: readonly CorrectionMark[],
    nowMs: number,
  ): void {
    for (const { topic, leftToMs } of marks) this.#topic(topic).leftToMs = leftToMs;
    for (const { rows, ranges } of segments) {
      for (const row of rows) this.#add(row);
      this.#place(this.#current, ranges);
      this.#roll(nowMs);
    }
  }

  held({ topic, eventId }: Pick<WindowRow, 'topic' | 'eventId'>): HeldRow<R> | undefined {
    return this.#topics.get(topic)?.rows.get(eventId);
  }

  /** True when a row of this time, which is not held, may have been and left. */
  mayHaveLeft(topic: string, timeMs: number): boolean {
    const leftToMs = this.#topics.get(topic)?.leftToMs ?? null;
    return leftToMs !== null && timeMs <= leftToMs;
  }

  /** The row is published next, in the place of what is held of its event. */
  hold(row: R, timeMs: number): void {
    this.#add({ row, timeMs, isLive: true });
  }

  /** What was held so far becomes one publication; old rows leave with it. */
  close(nowMs: number): ClosedWindow<R> {
    const left: R[] = [];
    while (this.#isOver(nowMs)) for (const row of this.#dropOldest()) left.push(row);
    const closed = this.#current;
    const isOld = nowMs - closed.openedAtMs >= this.#limits.ageMaxMs / segmentsMax;
    const isFull = closed.rows.length >= this.#limits.rowsMax / segmentsMax;
    if (closed.rows.length > 0 && (isOld || isFull)) this.#roll(nowMs);
    const marks = [...this.#topics].map(([topic, { live: rows, leftToMs }]) => {
      return { topic, rows, leftToMs };
    });
    return {
      left,
      marks,
      place: (written) => {
        this.#place(closed, written);
        return [...this.#starts.values()];
      },
    };
  }

  #add(entry: TimedRow<R>): void {
    const { row, isLive } = entry;
    const topic = this.#topic(row.topic);
    const before = topic.rows.get(row.eventId);
    if (before?.isLive === true) topic.live -= 1;
    if (isLive) topic.live += 1;
    topic.rows.set(row.eventId, entry);
    this.#current.rows.push(entry);
    this.#rows += 1;
  }

  #topic(name: string): Topic<R> {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const topic: Topic<R> = { rows: new Map(), live: 0, leftToMs: null };
    this.#topics.set(name, topic);
    return topic;
  }

  #isOver(nowMs: number): boolean {
    const closedAtMs = this.#segments[0]?.closedAtMs ?? null;
    if (closedAtMs === null) return false;
    return this.#rows > this.#limits.rowsMax || nowMs - closedAtMs > this.#limits.ageMaxMs;
  }

  #dropOldest(): R[] {
    const [oldest, ...others] = this.#segments;
    if (oldest === undefined) return [];
    this.#segments = others;
    this.#rows -= oldest.rows.length;
    // Of one partition the oldest start counts, so it is set last.
    this.#starts = new Map(others.toReversed().flatMap(({ starts }) => [...starts]));
    return oldest.rows.filter((entry) => this.#leave(entry)).map(({ row }) => row);
  }

  /** False when another row took its place before. */
  #leave(entry: TimedRow<R>): boolean {
    const { row, timeMs, isLive } = entry;
    const topic = this.#topic(row.topic);
    if (topic.rows.get(row.eventId) !== entry) return false;
    topic.rows.delete(row.eventId);
    topic.leftToMs = Math.max(topic.leftToMs ?? timeMs, timeMs);
    if (isLive) topic.live -= 1;
    return isLive;
  }

  #roll(nowMs: number): void {
    this.#current.closedAtMs = nowMs;
    this.#current = segment(nowMs);
    this.#segments.push(this.#current);
  }

  /** The first place counts: a transaction that is repeated lies behind it. */
  #place(placed: Segment<R>, written: readonly UndoRange[]): void {
    for (const range of written) {
      if (!this.#topics.has(range.topic)) continue;
      const id = `${range.topic}/${range.partition}`;
      if (!placed.starts.has(id)) placed.starts.set(id, range);
      if (!this.#starts.has(id)) this.#starts.set(id, range);
    }
  }
}

function segment<R>(openedAtMs: number): Segment<R> {
  return { rows: [], starts: new Map(), openedAtMs, closedAtMs: null };
}
