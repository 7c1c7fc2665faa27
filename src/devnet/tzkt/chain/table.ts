/**
 * One table of the indexer's database: immutable rows in the order of their ids. Only the chain
 * changes tables; the REST side may be given a copy of an earlier state.
 */
import type { Item } from '../../simulator/json.ts';
import type { OperationKind } from './kinds/kind.ts';

/** A row: what is shown, and what only filters see. */
export interface Row {
  readonly id: number;
  /** `level`, or for rows that are states `lastLevel` or `lastActivity`. */
  readonly level: number;
  /** What is shown; members that are looked up when it is shown are null here. */
  readonly item: Item;
  /** Set on rows of a token that was recognised later than it moved. */
  readonly indexedAt?: number;
  /** The token or ticket that is shown within this row. */
  readonly asset?: number;
  /** Set on operations. */
  readonly kind?: OperationKind;
}

/** Rows by ascending id. */
export class Table {
  readonly #rows: Row[];

  constructor(rows: readonly Row[] = []) {
    this.#rows = [...rows];
  }

  /** All rows; valid until the next change. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /** The row with this id. */
  find(id: number): Row | undefined {
    const row = this.#rows[this.#position(id)];
    return row?.id === id ? row : undefined;
  }

  /** Adds the row, or takes the place of the one with its id. */
  put(row: Row): void {
    const position = this.#position(row.id);
    const isKnown = this.#rows[position]?.id === row.id;
    this.#rows.splice(position, isKnown ? 1 : 0, row);
  }

  /** Removes the row with this id, if there is one. */
  remove(id: number): void {
    const position = this.#position(id);
    if (this.#rows[position]?.id === id) this.#rows.splice(position, 1);
  }

  /** Drops the oldest rows, up to the first one above this level. */
  dropThrough(level: number): void {
    const first = this.#rows.findIndex((row) => row.level > level);
    this.#rows.splice(0, first === -1 ? this.#rows.length : first);
  }

  /** The rows as they are now. */
  copy(): Table {
    return new Table(this.#rows);
  }

  /** Where the row with this id is or would be. */
  #position(id: number): number {
    return positionAfter(this.#rows, id - 1);
  }
}

/** Where the first row with an id above this one is, among rows by ascending id. */
export function positionAfter(rows: readonly Row[], id: number): number {
  let low = 0;
  let high = rows.length;
  if ((rows.at(-1)?.id ?? id) <= id) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.id ?? 0) <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}
