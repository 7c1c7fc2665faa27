/** What the state topics of datasets that do not supersede get of a block that is put right. Pure. */
import type { EncodedRecord, InsertRecord } from '../encoding/encoded-record.ts';
import { keyText } from '../pipeline/current-rows.ts';

/** The state topics beside the changelogs of a source. */
export interface StateTopics {
  /** The row as its state topic takes it; null where its changelog has none. */
  state(record: InsertRecord, madeAtMs: number): EncodedRecord | null;
  /** What takes the row out of its state topic. */
  tombstone(record: InsertRecord): EncodedRecord | null;
  /** True when nothing of this block is to be written to the state topic beside the changelog. */
  hasBlock(changelog: string, height: number): boolean;
}

/** One record per key: what is true now, or a tombstone where nothing takes a row's place. */
export function stateRecords(
  {
    gone,
    rows,
  }: { readonly gone: readonly InsertRecord[]; readonly rows: readonly InsertRecord[] },
  topics: StateTopics,
  madeAtMs: number,
): EncodedRecord[] {
  const records = new Map<string, EncodedRecord>();
  const tombstones = gone.map((record) => topics.tombstone(record));
  for (const record of [...tombstones, ...rows.map((row) => topics.state(row, madeAtMs))]) {
    if (record !== null) records.set(`${record.topic} ${keyText(record.key)}`, record);
  }
  return [...records.values()];
}
