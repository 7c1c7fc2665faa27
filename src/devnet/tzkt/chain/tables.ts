/** The indexer's database: its tables, the tokens and tickets that rows refer to, and copies of it. */
import { type Item, inOrder } from '../../simulator/json.ts';
import { type Row, Table } from './table.ts';

/** Tables by the name of the hub's channel that shows them. */
export const tableNames = [
  'blocks',
  'operations',
  'bigmaps',
  'events',
  'transfers',
  'token_balances',
  'ticket_transfers',
  'ticket_balances',
  'accounts',
] as const;

/** A table. */
export type TableName = (typeof tableNames)[number];

/** All tables at one moment. Rows are immutable, the tables themselves change with the chain. */
export interface Tables {
  readonly byName: Readonly<Record<TableName, Table>>;
  /** Tokens and tickets by id, as they are now. */
  readonly assets: Map<number, Item>;
}

/** Empty tables. */
export function createTables(): Tables {
  return { byName: eachTable(() => new Table()), assets: new Map() };
}

/** A copy that later changes leave alone. */
export function copyTables(tables: Tables): Tables {
  return {
    byName: eachTable((name) => tables.byName[name].copy()),
    assets: new Map(tables.assets),
  };
}

/** A row as it is shown: tokens and tickets with their present supply, members in order. */
export function shownRow(tables: Tables, row: Row): Item {
  if (row.kind !== undefined) {
    return { type: row.kind.type, ...inOrder(row.item, row.kind.columns) };
  }
  if (row.asset === undefined) return row.item;
  const asset = tables.assets.get(row.asset) ?? null;
  return 'token' in row.item ? { ...row.item, token: asset } : { ...row.item, ticket: asset };
}

function eachTable<T>(make: (name: TableName) => T): Record<TableName, T> {
  return Object.fromEntries(tableNames.map((name) => [name, make(name)])) as Record<TableName, T>;
}
