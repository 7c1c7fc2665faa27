/**
 * The changes of one block to the tables, so that they can be taken back. Taking back a row that is a
 * state leaves the reverted level on it, as the indexer does: it is reported again with the next
 * block of that level.
 */
import type { Item } from '../../simulator/json.ts';
import type { Row } from './table.ts';
import type { TableName, Tables } from './tables.ts';

/** The members that say when a state last changed. */
const lastMembers = {
  accounts: ['lastActivity', 'lastActivityTime'],
  token_balances: ['lastLevel', 'lastTime'],
  ticket_balances: ['lastLevel', 'lastTime'],
} as const;

/** A table whose rows are states. */
export type StateTableName = keyof typeof lastMembers;

/** The level and time of the block that makes the changes. */
export interface ChangedAt {
  readonly level: number;
  readonly time: string;
}

/** Writes to the tables and remembers how to take it back. */
export class Journal {
  readonly at: ChangedAt;
  readonly #tables: Tables;
  readonly #undo: (() => void)[] = [];

  constructor(tables: Tables, at: ChangedAt) {
    this.#tables = tables;
    this.at = at;
  }

  /** Adds a row that nothing changes later. */
  add(name: TableName, row: Row): void {
    const table = this.#tables.byName[name];
    table.put(row);
    this.#undo.push(() => table.remove(row.id));
  }

  /** Adds a state or replaces it. */
  putState(name: StateTableName, row: Row): void {
    const table = this.#tables.byName[name];
    const before = table.find(row.id);
    const [levelMember, timeMember] = lastMembers[name];
    table.put(row);
    this.#undo.push(() => {
      if (before === undefined) return table.remove(row.id);
      const { level, time } = this.at;
      const item = { ...before.item, [levelMember]: level, [timeMember]: time };
      table.put({ ...before, level, item });
    });
  }

  /** Adds a token or ticket, or replaces it. */
  putAsset(id: number, asset: Item): void {
    this.set(this.#tables.assets, id, asset);
  }

  /** Sets an entry of one of the chain's own maps. */
  set<K, V>(map: Map<K, V>, key: K, value: V): void {
    const before = map.get(key);
    map.set(key, value);
    this.#undo.push(() => {
      if (before === undefined) map.delete(key);
      else map.set(key, before);
    });
  }

  /** Takes everything back, newest first. */
  undo(): void {
    for (const step of this.#undo.reverse()) step();
    this.#undo.length = 0;
  }
}
