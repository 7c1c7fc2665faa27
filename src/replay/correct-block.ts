/** What is wrong with a published block, and the records that put it right. Pure. */

import type { EncodedRecord, InsertRecord } from '../encoding/encoded-record.ts';
import type { BlockHeader } from '../model/block.ts';
import type { Event, Origin, Reorg } from '../model/event.ts';
import { compareRows, newestFirst } from '../pipeline/compare-rows.ts';
import type { LiveRow, PublishedRows } from '../pipeline/published-rows.ts';
import { type StateTopics, stateRecords } from './state-records.ts';

/** Makes records and compares them; the changelog encoder does. */
export interface RowEncoding {
  /** Null where the event has no row in its form. */
  insert(
    event: Event,
    origin: Origin,
    context: { readonly incarnation: number; readonly publishedAtUs: number },
  ): readonly InsertRecord[] | null;
  retract(
    record: InsertRecord,
    reorg: Reorg,
    context: { readonly publishedAtUs: number; readonly receivedAtUs: number },
  ): EncodedRecord;
  /** True when a stored row says what the fresh one says. */
  isSameRow(stored: InsertRecord, fresh: InsertRecord): boolean;
}

/** A block as the source gives it now. */
export interface FreshBlock {
  readonly header: BlockHeader;
  readonly origin: Origin;
  readonly events: readonly Event[];
  /** False where some message made no event: a published row may be its own. */
  readonly isWhole: boolean;
}

/** One row that is not as it should be. */
export interface Difference {
  readonly height: number;
  /** `not_in_state`: the row is right, but its state topic does not have the block. */
  readonly what: 'missing' | 'different' | 'superfluous' | 'not_in_state';
  readonly topic: string;
  readonly partition: number;
  readonly eventId: string;
}

/** A block and what it takes to put it right; both lists are empty where nothing is wrong. */
export interface Correction {
  readonly header: BlockHeader;
  /** Newest first. */
  readonly retractions: readonly EncodedRecord[];
  /** Oldest first. */
  readonly inserts: readonly InsertRecord[];
  /** What the state topics get; no tally counts it. */
  readonly states: readonly EncodedRecord[];
  readonly differences: readonly Difference[];
}

/**
 * Compares a block with what is published of its height. A row that differs, or lives more than
 * once, is taken back in every copy and inserted anew as its next incarnation: so both readers that
 * sum signs and readers that know each incarnation once end with one right row. Where something of the
 * block cannot be read, rows that are not in the rest stay: one of them may be its own.
 */
export function correctBlock(
  block: FreshBlock,
  published: PublishedRows,
  options: {
    readonly encoding: RowEncoding;
    readonly states: StateTopics;
    readonly publishedAtUs: number;
  },
): Correction {
  const { encoding, states, publishedAtUs } = options;
  const { header, origin, events } = block;
  const { height } = header;
  const encoded = events.map((event) => {
    const records = encoding.insert(event, origin, { incarnation: 1, publishedAtUs });
    return records?.map((record) => ({ event, record })) ?? null;
  });
  const isWhole = block.isWhole && encoded.every((rows) => rows !== null);
  const fresh = encoded.flatMap((rows) => rows ?? []);
  const {
    right,
    wrong,
    superfluous: others,
  } = compareRows(fresh, {
    live: (record) => published.live(height, record),
    others: (records) => published.others(height, records),
    isSameRow: (stored, record) => encoding.isSameRow(stored, record),
  });
  const superfluous = isWhole ? others : [];
  const unlisted = right
    .filter(({ fresh: { record } }) => !states.hasBlock(record.topic, height))
    .map(({ live }) => live);
  const inserts = wrong.map(({ fresh: { event, record } }) => {
    const incarnation = published.nextIncarnation(height, record);
    return anew(record, event, { origin, incarnation, encoding, publishedAtUs });
  });
  const gone = [...wrong.flatMap(({ live }) => live), ...superfluous];
  const reorg = reorgOf(block, publishedAtUs);
  const context = { publishedAtUs, receivedAtUs: publishedAtUs };
  const retractions = newestFirst(gone).flatMap(({ record, copies }) =>
    Array.from({ length: copies }, () => encoding.retract(record, reorg, context)),
  );
  const differences = [
    ...wrong.map(({ fresh: { record }, live }) =>
      difference(live.length === 0 ? 'missing' : 'different', height, record),
    ),
    ...superfluous.map(({ record }) => difference('superfluous', height, record)),
    ...unlisted.map(({ record }) => difference('not_in_state', height, record)),
  ];
  const rows = [...recordsOf(unlisted), ...inserts];
  const changed = { gone: recordsOf(gone), rows };
  const written = stateRecords(changed, states, Math.floor(publishedAtUs / 1000));
  return { header, retractions, inserts, states: written, differences };
}

function recordsOf(rows: readonly LiveRow[]): InsertRecord[] {
  return rows.map(({ record }) => record);
}

/** Encoded again only where it is not the event's first incarnation. */
function anew(
  record: InsertRecord,
  event: Event,
  as: {
    readonly origin: Origin;
    readonly incarnation: number;
    readonly encoding: RowEncoding;
    readonly publishedAtUs: number;
  },
): InsertRecord {
  const { origin, incarnation, encoding, publishedAtUs } = as;
  if (incarnation === 1) return record;
  const again = encoding.insert(event, origin, { incarnation, publishedAtUs });
  return again?.find(({ topic }) => topic === record.topic) ?? record;
}

function difference(what: Difference['what'], height: number, record: InsertRecord): Difference {
  const { topic, partition, eventId } = record;
  return { height, what, topic, partition, eventId };
}

/** No block is taken back, so its depth is 0. */
function reorgOf({ header, origin }: FreshBlock, publishedAtUs: number): Reorg {
  return {
    id: `${origin.chain}/replay/${header.hash}/${publishedAtUs}`,
    depth: 0,
    commonAncestorHeight: header.height - 1,
    commonAncestorHash: header.parentHash,
    reason: 'replay',
  };
}
