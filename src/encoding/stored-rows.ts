/** Published rows by the schemas they were written with: reads them, and compares them with fresh ones. */

import type { Row } from '../model/event.ts';
import type { InsertRecord, StoredChange, StoredRecord } from './encoded-record.ts';
import { readStoredChange } from './stored-change.ts';
import { parseValueLayout, schemaIdOf, type ValueLayout } from './value-layout.ts';

/** One per encoder. Knows the schemas it was told of, and those that `read` met. */
export class StoredRows {
  readonly #schemaById: (id: number, topic: string) => Promise<string>;
  readonly #layouts = new Map<number, ValueLayout>();

  /** `schemaById` gives the text of a registered schema. */
  constructor(schemaById: (id: number, topic: string) => Promise<string>) {
    this.#schemaById = schemaById;
  }

  /** Values are written with this schema from now on. */
  add(schemaId: number, layout: ValueLayout): void {
    this.#layouts.set(schemaId, layout);
  }

  /** Undefined for a value whose schema was not met. */
  layoutOf(value: Buffer): ValueLayout | undefined {
    return this.#layouts.get(schemaIdOf(value) ?? -1);
  }

  /**
   * What a stored changelog record says; a promise only when its schema id is met for the first
   * time. Throws `checkpoint.undo_window_incomplete` for a record that ommer did not write.
   */
  read(record: StoredRecord): StoredChange | Promise<StoredChange> {
    const schemaId = schemaIdOf(record.value);
    const layout = this.layoutOf(record.value);
    if (layout !== undefined || schemaId === undefined) return readStoredChange(record, layout);
    return this.#schemaById(schemaId, record.topic).then((text) => {
      const loaded = this.#layouts.get(schemaId) ?? parseValueLayout(text);
      this.#layouts.set(schemaId, loaded);
      return readStoredChange(record, loaded);
    });
  }

  /**
   * True when both rows say the same: byte for byte, or, where the stored one's older schema lacks
   * columns, with their defaults.
   */
  isSame(stored: InsertRecord, fresh: InsertRecord): boolean {
    const bytes = rowOf(stored);
    if (bytes.compare(fresh.value, fresh.rowStart, fresh.rowEnd) === 0) return true;
    if (schemaIdOf(stored.value) === schemaIdOf(fresh.value)) return false;
    const writer = this.layoutOf(stored.value)?.rowType;
    const reader = this.layoutOf(fresh.value)?.rowType;
    if (writer === undefined || reader === undefined) return false;
    const row: unknown = reader.decode(bytes, 0, reader.createResolver(writer)).value;
    return reader.toBuffer(row).compare(fresh.value, fresh.rowStart, fresh.rowEnd) === 0;
  }

  /** True when the stored row's column `finality` is `final`, and the fresh one's `preliminary`. */
  isOutdated(stored: InsertRecord, fresh: InsertRecord): boolean {
    return this.#finalityOf(fresh) === 'preliminary' && this.#finalityOf(stored) === 'final';
  }

  /** What the stored row says in these columns, where it is not null. */
  valuesOf(stored: InsertRecord, columns: readonly string[]): Row {
    const row: Row = this.#rowOf(stored) ?? {};
    const known = columns.filter((name) => (row[name] ?? null) !== null);
    return Object.fromEntries(known.map((name) => [name, row[name] ?? null]));
  }

  #finalityOf(record: InsertRecord): unknown {
    return this.#rowOf(record)?.finality;
  }

  #rowOf(record: InsertRecord) {
    return this.layoutOf(record.value)?.rowType.fromBuffer(rowOf(record));
  }
}

function rowOf({ value, rowStart, rowEnd }: InsertRecord): Buffer {
  return value.subarray(rowStart, rowEnd);
}
