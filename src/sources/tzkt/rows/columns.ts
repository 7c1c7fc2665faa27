/**
 * Rows by table: a column names a member of the item and how its value is written. What the tables
 * say is what `schemas/tzkt` declares; a test compares them.
 */
import { DataError } from '../../../model/errors.ts';
import type { Event, Origin, Row, RowValue } from '../../../model/event.ts';
import { canonicalJson } from '../../canonical-json.ts';
import { isObject } from '../../wire-object.ts';
import type { TzktMessage, WireFields } from '../messages.ts';

/**
 * - `text`: as it is; a number becomes its digits.
 * - `key`: text that identifies a row, empty when absent.
 * - `integer`: a safe integer.
 * - `decimal`: an amount, number or digits, as canonical decimal text.
 * - `flag`: true or false.
 * - `time`: ISO 8601 as milliseconds.
 * - `address`: the address of an account, given as text or with its alias.
 * - `json`: any value as canonical JSON text.
 */
export type ColumnForm =
  | 'text'
  | 'key'
  | 'integer'
  | 'decimal'
  | 'flag'
  | 'time'
  | 'address'
  | 'json';

/** Column, member (dots go into objects), form; `required` members must be there. */
export interface Column {
  readonly name: string;
  readonly member: readonly string[];
  readonly form: ColumnForm;
  readonly isRequired: boolean;
}

/** `'sender_code_hash integer senderCodeHash'`, one per line; a trailing `!` means required. */
export function columnsOf(table: string): readonly Column[] {
  const lines = table.trim().split('\n');
  return lines.map((line) => {
    const [name = '', form = 'text', path = name] = line.trim().split(/\s+/);
    return {
      name,
      form: form.replace('!', '') as ColumnForm,
      member: path.split('.'),
      isRequired: form.endsWith('!'),
    };
  });
}

/** What makes the rows of one dataset. */
export interface RowTable {
  readonly dataset: string;
  readonly columns: readonly Column[];
  /** The members that together are unique in a block. */
  readonly index: readonly string[];
  /** Column for the members that no other column holds, as JSON; null when there are none. */
  readonly rest?: string;
  /** Members that are left out on purpose. */
  readonly ignored?: readonly string[];
}

/** The one row of an item. Throws `row.invalid` naming dataset, item and member. */
export function rowOf(
  table: RowTable,
  message: TzktMessage,
  origin: Origin,
): Event & { readonly row: Row } {
  const { fields } = message;
  const row: Record<string, RowValue> = {
    chain: origin.chain,
    height: origin.height,
    block_hash: origin.blockHash,
    block_time: origin.blockTimeMs,
  };
  const index = table.index.map((member) => `${fields[member] ?? '?'}`).join('/');
  for (const column of table.columns) {
    row[column.name] = columnValue(column, fields, `${table.dataset} ${index}`);
  }
  if (table.rest !== undefined) row[table.rest] = restOf(table, { fields, index });
  return { dataset: table.dataset, index, row, timeMs: origin.blockTimeMs };
}

function valueAt(fields: WireFields, member: readonly string[]): unknown {
  let value: unknown = fields;
  for (const name of member) value = isObject(value) ? value[name] : undefined;
  return value ?? undefined;
}

function columnValue(column: Column, fields: WireFields, owner: string): RowValue {
  const value = valueAt(fields, column.member);
  if (value === undefined) {
    if (column.isRequired) throw invalid(column, value, owner);
    return column.form === 'key' ? '' : null;
  }
  const converted = convert[column.form](value);
  if (converted === undefined) throw invalid(column, value, owner);
  return converted;
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'bigint' ? String(value) : undefined;
}

/** Undefined when it is nested deeper than the stack is: no reason to take the source down. */
function jsonOf(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const convert: Readonly<Record<ColumnForm, (value: unknown) => RowValue | undefined>> = {
  text: textOf,
  key: textOf,
  integer: (value) => (Number.isSafeInteger(value) ? (value as number) : undefined),
  decimal: (value) => {
    if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
    if (typeof value === 'bigint') return value.toString();
    const isDigits = typeof value === 'string' && /^-?\d+$/.test(value);
    return isDigits ? BigInt(value).toString() : undefined;
  },
  flag: (value) => (typeof value === 'boolean' ? value : undefined),
  time: (value) => {
    const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
    return Number.isNaN(timeMs) ? undefined : timeMs;
  },
  address: (value) => {
    const address = isObject(value) ? value['address'] : value;
    return typeof address === 'string' ? address : undefined;
  },
  json: jsonOf,
};

const held = new WeakMap<RowTable, ReadonlySet<string>>();

function heldMembers(table: RowTable): ReadonlySet<string> {
  const known = held.get(table);
  if (known !== undefined) return known;
  const names = table.columns.map(({ member }) => member[0] ?? '');
  const members = new Set([...names, ...(table.ignored ?? [])]);
  held.set(table, members);
  return members;
}

function restOf(
  table: RowTable,
  { fields, index }: { readonly fields: WireFields; readonly index: string },
): string | null {
  const members = heldMembers(table);
  let rest: Record<string, unknown> | undefined;
  for (const name in fields) {
    if (members.has(name) || fields[name] === null) continue;
    rest ??= {};
    rest[name] = fields[name];
  }
  if (rest === undefined) return null;
  const text = jsonOf(rest);
  if (text !== undefined) return text;
  const column = {
    name: 'details',
    member: ['the rest'],
    form: 'json',
    isRequired: false,
  } as const;
  throw invalid(column, rest, `${table.dataset} ${index}`);
}

function invalid({ form, member, isRequired }: Column, value: unknown, owner: string): DataError {
  const shown = value === undefined ? 'missing' : shownValue(value);
  const expected = isRequired ? `a required ${form}` : form;
  return new DataError('row.invalid', {
    stage: 'sources',
    message: `"${member.join('.')}" of ${owner} is ${shown}, expected ${expected}. If TzKT is right, report it with the block.`,
    context: { member: member.join('.'), owner },
  });
}

/** Nested values are not written out: one that is too deep could not be. */
function shownValue(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  return String(value).slice(0, 80);
}
