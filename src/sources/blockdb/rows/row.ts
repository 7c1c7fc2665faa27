/** Rows by table: what a member of the wire gives its column, and what must be as its block says. */
import { DataError } from '../../../model/errors.ts';
import type { Event, Origin, RowValue } from '../../../model/event.ts';
import { canonicalJson } from '../../canonical-json.ts';
import type { BlockdbDataset, BlockdbRow, WireFields } from '../messages.ts';
import type { BlockdbTable, Form, Member } from '../tables/table.ts';
import { blockdbTables } from '../tables/tables.ts';
import { derivedColumns } from './derived.ts';
import { conversionOf, expectationOf } from './forms.ts';
import { datasetByShape } from './shape.ts';

type Values = Record<string, RowValue>;

/** A member with what is needed to convert it. */
interface CompiledMember extends Member {
  readonly convert: (value: unknown) => RowValue | undefined;
  /** The one column that it fills; undefined where it fills none or several. */
  readonly column: string | undefined;
  /** The row's block has it too. */
  readonly isOfBlock: boolean;
}

const ofBlock: ReadonlySet<Form> = new Set(['height', 'hash', 'chain_id']);

interface CompiledTable extends BlockdbTable {
  /** Those that a row is made of or checked by. */
  readonly compiled: readonly CompiledMember[];
  readonly required: readonly CompiledMember[];
  readonly byName: ReadonlyMap<string, CompiledMember>;
  /** For each part of the index its columns; the first that is not null counts. */
  readonly indexColumns: readonly (readonly string[])[];
  /** A row without values. Rows are copies of it: V8 makes a slow dictionary of one that grows. */
  readonly blank: Readonly<Values>;
}

function compile(table: BlockdbTable): CompiledTable {
  const all = table.members.map((member) => ({
    ...member,
    convert: conversionOf(member),
    column: member.columns.length === 1 ? member.columns[0] : undefined,
    isOfBlock: ofBlock.has(member.form),
  }));
  // A row is the same whichever way it was read: what the stream does not tell stays null over REST.
  const compiled = all
    .filter(({ role }) => role !== 'moving')
    .map((member) => (member.role === 'rest' ? { ...member, convert: () => null } : member));
  const byName = new Map(all.map((each) => [each.name, each]));
  const columns = compiled.flatMap((member) => member.columns);
  const names = ['chain', 'height', 'block_hash', 'block_time', ...columns, 'details'];
  const blank = Object.fromEntries(names.map((name) => [name, null]));
  const required = compiled.filter(({ isRequired }) => isRequired);
  const indexColumns = table.index.map((columns) => columns.split('|'));
  return { ...table, compiled, required, byName, indexColumns, blank };
}

const tables = Object.fromEntries(
  Object.entries(blockdbTables).map(([dataset, table]) => [dataset, compile(table)]),
) as Readonly<Record<BlockdbDataset, CompiledTable>>;

/**
 * The one row of a message. Throws `row.invalid`, naming dataset, member, value and expectation, for a
 * value that is not of its form, a required member that is missing, a row of another dataset, and one
 * that says to be of another block or chain.
 */
export function rowOf({ dataset, data, ordinal }: BlockdbRow, origin: Origin): Event {
  const table = tables[dataset];
  checkShape(dataset, data);
  const row = { ...table.blank };
  row['chain'] = origin.chain;
  row['height'] = origin.height;
  row['block_hash'] = origin.blockHash;
  row['block_time'] = origin.blockTimeMs;
  for (const member of table.compiled) {
    const value = columnValue(member, data, dataset);
    if (member.isOfBlock && value !== null) checkOrigin(member, value, { dataset, origin });
    if (member.column !== undefined) row[member.column] ??= value;
    else if (member.columns.length > 1) spread(member, value, { dataset, row });
  }
  for (const member of table.required) checkRequired(member, row, { dataset, data });
  const tracingId = memberValue(dataset, '_tracing_id', data);
  const wireValue = (name: string): RowValue => memberValue(dataset, name, data);
  derivedColumns(dataset, row, { ordinal, tracingId, wireValue });
  row['details'] = detailsOf(table, data);
  const index = indexOf(table, row);
  const timeMs = origin.blockTimeMs;
  if (typeof tracingId !== 'string') return { dataset, index, row, timeMs };
  return { dataset, index, row, timeMs, tracingId };
}

/** The value of one member as its column has it; null when it is null or missing. */
export function memberValue(dataset: BlockdbDataset, name: string, data: WireFields): RowValue {
  const member = tables[dataset].byName.get(name);
  if (member === undefined) throw new RangeError(`${dataset} has no member "${name}".`);
  return columnValue(member, data, dataset);
}

function columnValue(member: CompiledMember, data: WireFields, dataset: BlockdbDataset): RowValue {
  const value = data[member.name];
  if (value === undefined || value === null) return null;
  const converted = member.convert(value);
  if (converted === undefined) throw invalid(dataset, member, value, expectationOf(member));
  return converted;
}

function checkOrigin(
  member: Member,
  value: RowValue,
  { dataset, origin }: { readonly dataset: BlockdbDataset; readonly origin: Origin },
): void {
  const { form } = member;
  if (form === 'height' && value !== origin.height) {
    throw invalid(dataset, member, value, `${origin.height}, the height of its block`);
  }
  if (form === 'hash' && value !== origin.blockHash) {
    throw invalid(dataset, member, value, `${origin.blockHash}, the hash of its block`);
  }
  if (form === 'chain_id' && `eip155:${value}` !== origin.chain) {
    throw invalid(dataset, member, value, `the id of ${origin.chain}`);
  }
}

/** A list whose items have a column each. */
function spread(
  member: Member,
  value: RowValue,
  { dataset, row }: { readonly dataset: BlockdbDataset; readonly row: Values },
): void {
  const items = Array.isArray(value) ? (value as readonly RowValue[]) : [];
  if (items.length > member.columns.length) {
    throw invalid(dataset, member, value, `at most ${member.columns.length} items`);
  }
  for (const [index, column] of member.columns.entries()) row[column] = items[index] ?? null;
}

/** Another member may have filled the column: an older name of the same. */
function checkRequired(
  member: Member,
  row: Values,
  { dataset, data }: { readonly dataset: BlockdbDataset; readonly data: WireFields },
): void {
  const [column] = member.columns;
  const found = column === undefined ? data[member.name] : row[column];
  if (found === undefined || found === null) {
    throw invalid(
      dataset,
      member,
      data[member.name],
      `${expectationOf(member)}, which is required`,
    );
  }
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
function detailsOf(table: CompiledTable, data: WireFields): string | null {
  let details: Record<string, unknown> | undefined;
  for (const name in data) {
    const member = table.byName.get(name);
    const isKept = member === undefined ? !name.startsWith('_') : member.role === 'legacy';
    if (!isKept || data[name] === null || data[name] === undefined) continue;
    details ??= {};
    details[name] = member === undefined ? data[name] : member.convert(data[name]);
  }
  return details === undefined ? null : canonicalJson(details);
}

function indexOf({ indexColumns }: CompiledTable, row: Values): string {
  if (indexColumns.length === 0) return '0';
  return indexColumns.map((columns) => firstOf(columns, row)).join('/');
}

function firstOf(columns: readonly string[], row: Values): string {
  for (const column of columns) if (row[column] !== null) return String(row[column] ?? '');
  return '';
}

function invalid(
  dataset: BlockdbDataset,
  { name }: Member,
  value: unknown,
  expected: string,
): DataError {
  const shown = shownValue(value);
  return new DataError('row.invalid', {
    stage: 'sources',
    message: `"${name}" of a BlockDB row of ${dataset} is ${shown}, expected ${expected}. If BlockDB is right, report it with the block.`,
    context: { dataset, field: name, value: shown, expected },
  });
}

/** Nested values are not written out: one that is too deep could not be. */
function shownValue(value: unknown): string {
  if (value === undefined || value === null) return 'missing';
  if (Array.isArray(value))
    return value.some(isNested) ? `a list of ${value.length}` : listed(value);
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `"${value.slice(0, 80)}"` : String(value).slice(0, 80);
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function listed(items: readonly unknown[]): string {
  return `[${items.map(String).join(', ').slice(0, 80)}]`;
}
