/**
 * QUANTITY and DATA of JSON-RPC: exact conversions from hex, nothing rounded. All take the object,
 * the field's name and whose object it is, so that an error can name them at no cost otherwise.
 */
import { DataError } from '../../model/errors.ts';
import type { WireFields } from './messages.ts';

/** So many hex digits always fit a safe integer. */
const safeHexDigits = 13;
const quantity = /^0x[0-9a-fA-F]{1,64}$/;

/** True for `0x` and hex digits. Leading zeros are tolerated: some nodes send them. */
export function isQuantity(value: unknown): value is string {
  return typeof value === 'string' && quantity.test(value);
}

/** A number as canonical decimal text, whatever its size; null when absent. */
export function decimalIn(fields: WireFields, field: string, owner: string): string | null {
  const value = fields[field];
  if (value === undefined || value === null) return null;
  if (!isQuantity(value)) throw invalid(value, field, owner);
  return value.length <= safeHexDigits + 2 ? String(Number(value)) : BigInt(value).toString();
}

/** A number within the safe integers; null when absent. */
export function integerIn(fields: WireFields, field: string, owner: string): number | null {
  const value = fields[field];
  if (value === undefined || value === null) return null;
  // Some nodes send a few of these as JSON numbers.
  const number = isQuantity(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw invalid(value, field, owner);
}

/** DATA of any length as lower-case text; null when absent. */
export function hexIn(fields: WireFields, field: string, owner: string): string | null {
  const value = fields[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || !value.startsWith('0x')) throw invalid(value, field, owner);
  return value.toLowerCase();
}

/** A number that must be there. */
export function requiredInteger(fields: WireFields, field: string, owner: string): number {
  const value = integerIn(fields, field, owner);
  if (value === null) throw invalid(value, field, owner);
  return value;
}

/** DATA that must be there. */
export function requiredHex(fields: WireFields, field: string, owner: string): string {
  const value = hexIn(fields, field, owner);
  if (value === null) throw invalid(value, field, owner);
  return value;
}

function invalid(value: unknown, field: string, owner: string): DataError {
  const shown = JSON.stringify(value)?.slice(0, 80) ?? 'missing';
  return new DataError('row.invalid', {
    stage: 'sources',
    message: `"${field}" of ${owner} is ${shown}, which is not a 0x hex value of the expected size. If the node is right, report it with the block.`,
    context: { field, owner },
  });
}
