/**
 * Which state and final topics an instance keeps, and from where on: one that was not kept by every
 * publication so far would silently lack rows, so it begins only where nothing was published yet, or
 * where the operator says that it may.
 */
import type { RowRecord } from '../encoding/encoded-record.ts';
import type { Checkpoint, KeptTable } from '../model/checkpoint.ts';
import { parseCursor } from '../model/cursor.ts';
import { FatalError } from '../model/errors.ts';
import type { TableSpec } from './table-spec.ts';

/** What the tables need of Kafka. */
export interface TableReader {
  /** All committed records with key and value of a compacted topic; per partition in offset order. */
  readTable(topic: string, signal: AbortSignal): AsyncIterable<RowRecord[]>;
  /** True when the topic holds any committed record. */
  hasRecords(topic: string, signal: AbortSignal): Promise<boolean>;
}

interface Wanted {
  readonly topic: string;
  readonly isPartial: boolean;
  /** First height whose rows it would hold if it began now; null when nothing was published. */
  readonly fromHeight: number | null;
}

interface Kept {
  readonly checkpoint: Checkpoint | null;
  readonly reader: Pick<TableReader, 'hasRecords'>;
  readonly signal: AbortSignal;
}

/**
 * The tables of these routes. Throws `checkpoint.table_incomplete` for one that cannot begin: rows
 * were published without it, or it holds records of an earlier time.
 */
export async function keptTables(specs: readonly TableSpec[], kept: Kept): Promise<KeptTable[]> {
  const { checkpoint, reader, signal } = kept;
  const tables: KeptTable[] = [];
  for (const { topic, isPartial, fromHeight } of wantedTables(specs, checkpoint)) {
    const known = checkpoint?.tables.find((table) => table.topic === topic);
    if (known === undefined) {
      if (fromHeight !== null && !isPartial) throw begunLate(topic, fromHeight);
      if (await reader.hasRecords(topic, signal)) throw notEmpty(topic);
    }
    tables.push(known ?? { topic, fromHeight });
  }
  return tables;
}

/** By changelog, what its topic of covered rows holds; of market data, its state topic. */
export async function readCovered(
  specs: readonly TableSpec[],
  reader: Pick<TableReader, 'readTable'>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly RowRecord[]>> {
  const covered = new Map<string, readonly RowRecord[]>();
  for (const { changelog, state } of specs) {
    if (state === null || state.superseding === null) continue;
    const rows = new Map<string, RowRecord>();
    const table = state.superseding.covered ?? state.topic;
    for await (const records of reader.readTable(table, signal)) {
      for (const record of records) rows.set(record.key.toString('latin1'), record);
    }
    covered.set(changelog, [...rows.values()]);
  }
  return covered;
}

function wantedTables(specs: readonly TableSpec[], checkpoint: Checkpoint | null): Wanted[] {
  const published = publishedHeight(checkpoint);
  const next = published === null ? null : published + 1;
  const firstUnfinalized = checkpoint?.blocks[0]?.height ?? next;
  return specs.flatMap(({ state, final }) => {
    const topics = state === null ? [] : [state.topic, state.superseding?.covered ?? []].flat();
    const states = topics.map((topic) => ({
      topic,
      isPartial: state?.isPartial === true,
      fromHeight: next,
    }));
    return final === null ? states : [...states, { ...final, fromHeight: firstUnfinalized }];
  });
}

/** Null before the first row. */
function publishedHeight(checkpoint: Checkpoint | null): number | null {
  if (checkpoint === null || checkpoint.cursor === null) return null;
  const position = parseCursor(checkpoint.cursor);
  return position.kind === 'block' ? position.block.height : 0;
}

function begunLate(topic: string, fromHeight: number): FatalError {
  return new FatalError('checkpoint.table_incomplete', {
    stage: 'pipeline',
    message: `Topic ${topic} is new, but its source has published blocks below ${fromHeight} without it: those rows would be missing from it. Nothing was published. Publish to new topics from the start (topics.prefix), switch the table off, or accept one that begins at ${fromHeight} with \`partial: true\` of the route's state or final.`,
    context: { topic, height: fromHeight },
  });
}

function notEmpty(topic: string): FatalError {
  return new FatalError('checkpoint.table_incomplete', {
    stage: 'pipeline',
    message: `Topic ${topic} holds records, but the checkpoint does not say that it was kept up: what was retracted since would stay in it. Nothing was published. Delete the topic (it is created again), or publish to new topics (topics.prefix).`,
    context: { topic },
  });
}
