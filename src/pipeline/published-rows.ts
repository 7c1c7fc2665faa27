/**
 * What the changelogs say of a few blocks: which rows live there now, and how often each was
 * inserted. Pure: it is told every record once, in the order of its partition.
 */
import type { InsertRecord, StoredChange } from '../encoding/encoded-record.ts';

/** A row that counts: as many inserts more than retractions as `copies`. */
export interface LiveRow {
  readonly record: InsertRecord;
  readonly offset: number;
  readonly copies: number;
}

interface Incarnation {
  /** The first insert; a retraction repeats its bytes. */
  first: { readonly record: InsertRecord; readonly offset: number } | null;
  copies: number;
}

/** By topic and event, by incarnation. */
type Events = Map<string, Map<number, Incarnation>>;

/** One for a few blocks. */
export class PublishedRows {
  readonly #heights = new Map<number, Events>();

  /** `offset` is the record's own. */
  add(
    { height, isRetraction, record }: Omit<StoredChange, 'blockHash' | 'timeMs'>,
    offset: number,
  ): void {
    const events = entry(this.#heights, height, (): Events => new Map());
    const own = entry(events, eventKey(record), () => new Map<number, Incarnation>());
    const seen = entry(own, record.incarnation, () => ({ first: null, copies: 0 }));
    seen.copies += isRetraction ? -1 : 1;
    if (!isRetraction) seen.first ??= { record, offset };
  }

  /** Rows of an event that live on the record's topic; more than one of them is a mistake. */
  live(height: number, record: InsertRecord): readonly LiveRow[] {
    return liveOf(this.#heights.get(height)?.get(eventKey(record)));
  }

  /** What the next insert of the event on the record's topic is: 1 when it never was there. */
  nextIncarnation(height: number, record: InsertRecord): number {
    const own = this.#heights.get(height)?.get(eventKey(record));
    return own === undefined ? 1 : Math.max(...own.keys()) + 1;
  }

  /** Rows of a height that live, but belong to none of these records' events. */
  others(height: number, records: readonly InsertRecord[]): readonly LiveRow[] {
    const known = new Set(records.map(eventKey));
    const events = [...(this.#heights.get(height) ?? [])];
    return events.flatMap(([key, own]) => (known.has(key) ? [] : liveOf(own)));
  }
}

function liveOf(own: ReadonlyMap<number, Incarnation> | undefined): LiveRow[] {
  return [...(own?.values() ?? [])].flatMap(({ first, copies }) =>
    first === null || copies <= 0 ? [] : [{ ...first, copies }],
  );
}

function eventKey({ topic, eventId }: InsertRecord): string {
  return `${topic} ${eventId}`;
}

function entry<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const created = create();
  map.set(key, created);
  return created;
}
