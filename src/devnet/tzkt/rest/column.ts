/** How a filter's values are read and compared. */

import { isItem, type Json } from '../../simulator/json.ts';
import { isAddress } from '../hub/arguments.ts';
import { RestError } from './rest-error.ts';

/** What a column holds. */
export type ColumnType = 'int' | 'natural' | 'address' | 'text' | 'time' | 'flag';

/** A filter: where its values are; it matches when one of the places does. */
export interface Column {
  readonly type: ColumnType;
  readonly places: readonly string[];
}

/** Comparisons by the suffix of the parameter's name. */
export const modes = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'in', 'ni', 'any', 'null'] as const;

/** A comparison. */
export type Mode = (typeof modes)[number];

/** A value that can be compared; undefined = null. */
type Comparable = bigint | string | undefined;

/** The test that a parameter puts to a value. Throws a `RestError` for text that does not fit. */
export function parseTest(
  name: string,
  mode: Mode,
  wanted: { readonly text: string; readonly type: ColumnType },
): (value: Json | undefined) => boolean {
  const { text, type } = wanted;
  if (mode === 'null')
    return (value) => (comparable(type, value) === undefined) === (text === 'true');
  const isList = mode === 'in' || mode === 'ni' || mode === 'any';
  const values = (isList ? text.split(',') : [text]).map((part) => parseValue(name, type, part));
  const [first] = values;
  return (value) => compare(mode, comparable(type, value), { first, values });
}

function compare(
  mode: Mode,
  value: Comparable,
  wanted: { readonly first: Comparable; readonly values: readonly Comparable[] },
): boolean {
  const { first, values } = wanted;
  if (mode === 'ne') return value !== first;
  if (mode === 'ni') return !values.includes(value);
  if (value === undefined || first === undefined) return false;
  switch (mode) {
    case 'gt':
      return value > first;
    case 'ge':
      return value >= first;
    case 'lt':
      return value < first;
    case 'le':
      return value <= first;
    default:
      return values.includes(value);
  }
}

function comparable(type: ColumnType, value: Json | undefined): Comparable {
  if (value === undefined || value === null) return undefined;
  if (type === 'int' || type === 'natural') return BigInt(String(value));
  if (type === 'address' && isItem(value)) return String(value['address']);
  return String(value);
}

function parseValue(name: string, type: ColumnType, text: string): Comparable {
  switch (type) {
    case 'int':
    case 'natural':
      if (!/^-?\d+$/.test(text)) throw new RestError(name, 'Invalid integer value.');
      return BigInt(text);
    case 'address':
      if (!isAddress(text)) throw new RestError(name, 'Invalid account address.');
      return text;
    case 'time':
      if (Number.isNaN(Date.parse(text))) throw new RestError(name, 'Invalid datetime value.');
      return `${new Date(text).toISOString().slice(0, 19)}Z`;
    default:
      return text;
  }
}
