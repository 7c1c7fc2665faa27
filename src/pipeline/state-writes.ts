/**
 * What the next publication writes to the state topics: the latest row of each primary key that a
 * step touched, or a tombstone. Pure but for the rows it remembers of superseding datasets.
 */
import type { EncodedRecord, InsertRecord, RowRecord } from '../encoding/encoded-record.ts';
import type { UndoBlock } from '../normalization/undo-window.ts';
import { CurrentRows, keyText } from './current-rows.ts';
import { LatestTimes } from './latest-times.ts';
import type { TableEncoders } from './ledger-encoders.ts';
import { isCovering, type TableSpec } from './table-spec.ts';

/** One per ledger. */
export class StateWrites {
  readonly #encoders: TableEncoders;
  readonly #nowMs: () => number;
  /** By changelog; null where a primary key has one row. */
  readonly #current: ReadonlyMap<string, CurrentRows | null>;
  /** By changelog, where rows of market data take the place of earlier ones. */
  readonly #latest = new Map<string, LatestTimes>();
  #writes: EncodedRecord[] = [];
  /** A key may have been written more than once since the last `take`. */
  #hasRepeats = false;

  constructor(
    specs: readonly TableSpec[],
    { tables, nowMs }: { readonly tables: TableEncoders; readonly nowMs: () => number },
  ) {
    this.#encoders = tables;
    this.#nowMs = nowMs;
    this.#current = new Map(
      specs.flatMap(({ changelog, state }) => {
        if (state === null) return [];
        const { topic, superseding } = state;
        if (superseding !== null && !isCovering(superseding)) {
          this.#latest.set(changelog, new LatestTimes(topic, superseding.keysMax));
        }
        const current = isCovering(superseding) ? new CurrentRows(topic, superseding) : null;
        return [[changelog, current] as const];
      }),
    );
  }

  /** Rows as the topics of covered rows have them, and blocks above them, oldest first. */
  restore(
    covered: ReadonlyMap<string, readonly RowRecord[]>,
    blocks: readonly UndoBlock<InsertRecord>[],
  ): void {
    this.#restoreLatest(covered);
    for (const [changelog, current] of this.#current) {
      if (current === null) continue;
      for (const row of covered.get(changelog) ?? []) current.restore(row);
      for (const block of blocks) {
        for (const record of block.records) {
          if (record.topic !== changelog) continue;
          current.insert({ row: this.#row(record), id: idOf(record), height: block.ref.height });
        }
      }
    }
  }

  /** In publication order, of one block, whatever its height. Throws `state.too_many_keys`. */
  insert(records: readonly InsertRecord[], height: number): void {
    for (const record of records) {
      const current = this.#current.get(record.topic);
      if (current === undefined) continue;
      const row = this.#row(record);
      this.#writes.push(current?.insert({ row, id: idOf(record), height }) ?? row);
    }
  }

  /** A row without a block. Throws `state.too_many_keys`. */
  insertMarket(record: InsertRecord, timeMs: number, isLate: boolean): void {
    if (!this.#current.has(record.topic)) return;
    const row = this.#row(record);
    const latest = this.#latest.get(record.topic);
    if (latest !== undefined) {
      if (!latest.takes(row.key, timeMs, isLate)) return;
      this.#hasRepeats = true;
    }
    this.#writes.push(row);
  }

  /** A row without a block; the one that takes its place follows. */
  retractMarket(record: InsertRecord): void {
    if (!this.#latest.has(record.topic)) this.retract([record]);
  }

  /** Newest first. */
  retract(records: readonly InsertRecord[]): void {
    for (const record of records) {
      const current = this.#current.get(record.topic);
      if (current === undefined) continue;
      const tombstone = this.#tombstone(record);
      this.#writes.push(current?.remove(tombstone.key, idOf(record)) ?? tombstone);
      this.#hasRepeats = true;
    }
  }

  /**
   * Rows that an older instance published or took back after its last checkpoint: their keys get
   * what the blocks that stay say.
   */
  withdraw(records: readonly InsertRecord[], blocks: readonly UndoBlock<InsertRecord>[]): void {
    const latest = new Map<string, EncodedRecord>();
    for (const record of records) {
      const current = this.#current.get(record.topic);
      if (current === undefined) continue;
      const tombstone = this.#tombstone(record);
      latest.set(identityOf(tombstone), current?.latest(tombstone.key) ?? tombstone);
    }
    if (latest.size === 0) return;
    for (const block of blocks) {
      for (const record of block.records) {
        if (!this.#current.has(record.topic)) continue;
        const row = this.#row(record);
        if (latest.has(identityOf(row))) latest.set(identityOf(row), row);
      }
    }
    this.#writes.push(...latest.values());
    this.#hasRepeats = true;
  }

  /** What the topics of covered rows get now that these rows are final; oldest first. */
  finalize(records: readonly InsertRecord[]): RowRecord[] {
    return records.flatMap((record) => {
      const current = this.#current.get(record.topic);
      if (current === undefined || current === null) return [];
      return current.finalize(this.#tombstone(record).key) ?? [];
    });
  }

  /** All writes since the last call, after a reorg one per key: in between nobody can read. */
  take(): readonly EncodedRecord[] {
    const writes = this.#hasRepeats ? lastOfEach(this.#writes) : this.#writes;
    this.#writes = [];
    this.#hasRepeats = false;
    return writes;
  }

  /** Of market data the state topic itself says which row is the latest. */
  #restoreLatest(stored: ReadonlyMap<string, readonly RowRecord[]>): void {
    for (const [changelog, latest] of this.#latest) {
      for (const { key, timestampMs } of stored.get(changelog) ?? []) {
        latest.takes(key, timestampMs, false);
      }
    }
  }

  #row(record: InsertRecord): RowRecord {
    return known(this.#encoders.state(record, this.#nowMs()), record);
  }

  #tombstone(record: InsertRecord): EncodedRecord {
    return known(this.#encoders.tombstone(record), record);
  }
}

/** Names one published row of a topic. */
function idOf({ eventId, incarnation }: InsertRecord): string {
  return `${eventId}#${incarnation}`;
}

function identityOf({ topic, key }: EncodedRecord): string {
  return `${topic}/${keyText(key)}`;
}

function lastOfEach(writes: readonly EncodedRecord[]): EncodedRecord[] {
  return [...new Map(writes.map((write) => [identityOf(write), write])).values()];
}

function known<R>(encoded: R | null, { topic }: InsertRecord): R {
  if (encoded === null)
    throw new Error(`Invariant: ${topic} has a state topic without an encoder.`);
  return encoded;
}
