/** Rows by table: what a member of the wire gives its column, and what must be as its block says. */
import { DataError } from '../../../model/errors.ts';
import type { Event, Origin, RowValue } from '../../../model/event.ts';
import { propertyCount } from '../../../model/shapes.ts';
import { canonicalJson } from '../../canonical-json.ts';
import type { BlockdbDataset, BlockdbRow, WireFields } from '../messages.ts';
import {
  type CompiledMember,
  type CompiledTable,
  compiledTables,
  memberValue,
} from './compiled-table.ts';
import { derivedColumns } from './derived.ts';
import { datasetByShape } from './shape.ts';

type Values = Record<string, RowValue>;

/**
 * The one row of a message. Throws `row.invalid`, naming dataset, member, value and expectation, for a
 * value that is not of its form, a required member that is missing, a row of another dataset, and one
 * that says to be of another block or chain.
 */
export function rowOf(message: BlockdbRow, origin: Origin): Event {
  const { dataset, data } = message;
  const table = compiledTables[dataset];
  const told = table.valuesOf(data);
  const known = countOf(told);
  // A row of another dataset has members that this one has not.
  const hasMore = propertyCount(data) !== known;
  if (hasMore) checkShape(dataset, data);
  const row = table.blankRow();
  row['chain'] = origin.chain;
  row['height'] = origin.height;
  row['block_hash'] = origin.blockHash;
  row['block_time'] = origin.blockTimeMs;
  for (const [index, member] of table.members.entries()) {
    const value = told[index];
    if (value === undefined || value === null || !member.isOfRow) continue;
    fill(row, member, { value: member.valueOf(value), origin });
  }
  for (const member of table.required) checkRequired(member, row, data);
  derivedColumns(row, message);
  if (hasMore || table.legacy.length > 0) row['details'] = detailsOf(table, data);
  const index = indexOf(table, row);
  const timeMs = origin.blockTimeMs;
  const tracingId = memberValue(dataset, '_tracing_id', data);
  if (typeof tracingId !== 'string') return { dataset, index, row, timeMs };
  return { dataset, index, row, timeMs, tracingId };
}

function countOf(told: readonly unknown[]): number {
  let count = 0;
  for (const value of told) if (value !== undefined) count += 1;
  return count;
}

/** Puts a value where it belongs. The first of two members of one column counts: the other is an older name of it. */
function fill(
  row: Values,
  member: CompiledMember,
  { value, origin }: { readonly value: RowValue; readonly origin: Origin },
): void {
  if (value === null) return;
  if (member.isOfBlock) checkOrigin(member, value, origin);
  const { column } = member;
  if (column === undefined) spread(member, value, row);
  else if (!member.isSecond || row[column] === null) row[column] = value;
}

function checkOrigin(member: CompiledMember, value: RowValue, origin: Origin): void {
  const { form } = member;
  if (form === 'height' && value !== origin.height) {
    member.refuse(value, `${origin.height}, the height of its block`);
  }
  if (form === 'hash' && value !== origin.blockHash) {
    member.refuse(value, `${origin.blockHash}, the hash of its block`);
  }
  if (form === 'chain_id' && `eip155:${value}` !== origin.chain) {
    member.refuse(value, `the id of ${origin.chain}`);
  }
}

/** A list whose items have a column each, or nothing that is kept. */
function spread(member: CompiledMember, value: RowValue, row: Values): void {
  const { columns } = member;
  if (columns.length === 0) return;
  const items = Array.isArray(value) ? (value as readonly RowValue[]) : [];
  if (items.length > columns.length) member.refuse(value, `at most ${columns.length} items`);
  for (const [index, column] of columns.entries()) row[column] = items[index] ?? null;
}

/** Another member may have filled the column: an older name of the same. */
function checkRequired(member: CompiledMember, row: Values, data: WireFields): void {
  const [column] = member.columns;
  const found = column === undefined ? data[member.name] : row[column];
  if (found === undefined || found === null) member.refuseMissing(data[member.name]);
}

function checkShape(dataset: BlockdbDataset, data: WireFields): void {
  const shape = datasetByShape(data);
  if (shape === undefined || shape === dataset) return;
  throw new DataError('row.invalid', {
    stage: 'sources',
    message: `A row of the dataset ${dataset} has the members of ${shape}. BlockDB numbers its datasets otherwise than is configured: correct the ids of both.`,
    context: { dataset, shape },
  });
}

/** What no column holds. BlockDB's own bookkeeping, whose names begin with `_`, is no part of a row. */
function detailsOf({ byName, legacy }: CompiledTable, data: WireFields): string | null {
  const details: Record<string, unknown> = {};
  for (const member of legacy) details[member.name] = member.valueIn(data);
  for (const name in data) {
    if (!byName.has(name) && !name.startsWith('_')) details[name] = data[name];
  }
  const said = Object.entries(details).filter(([, value]) => value !== null);
  return said.length === 0 ? null : canonicalJson(Object.fromEntries(said));
}

function indexOf({ indexColumns }: CompiledTable, row: Values): string {
  if (indexColumns.length === 0) return '0';
  return indexColumns.map((columns) => firstOf(columns, row)).join('/');
}

function firstOf(columns: readonly string[], row: Values): string {
  for (const column of columns) if (row[column] !== null) return String(row[column] ?? '');
  return '';
}
