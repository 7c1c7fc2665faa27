/** QUANTITY and DATA of JSON-RPC: exact conversions from hex, nothing rounded. */
import { DataError } from '../../model/errors.ts';

/** So many hex digits always fit a safe integer. */
const safeHexDigits = 13;

/** True for `0x` and hex digits. Leading zeros are tolerated: some nodes send them. */
export function isQuantity(value: unknown): value is string {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value);
}

/** The number as canonical decimal text, whatever its size. `what` names it in the error. */
export function toDecimal(value: unknown, what: string): string {
  if (!isQuantity(value)) throw invalid(value, what);
  return value.length <= safeHexDigits + 2 ? String(Number(value)) : BigInt(value).toString();
}

/** The number itself; throws `row.invalid` when it is beyond the safe integers. */
export function toInteger(value: unknown, what: string): number {
  // Some nodes send these few as JSON numbers.
  const number = isQuantity(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < 0) {
    throw invalid(value, what);
  }
  return number;
}

/** Null for what is absent. */
export function optionalDecimal(value: unknown, what: string): string | null {
  return value === undefined || value === null ? null : toDecimal(value, what);
}

/** Null for what is absent. */
export function optionalInteger(value: unknown, what: string): number | null {
  return value === undefined || value === null ? null : toInteger(value, what);
}

/** DATA of any length as lower-case text; throws `row.invalid` for anything else. */
export function toHex(value: unknown, what: string): string {
  if (typeof value !== 'string' || !value.startsWith('0x')) throw invalid(value, what);
  return value.toLowerCase();
}

/** Null for what is absent. */
export function optionalHex(value: unknown, what: string): string | null {
  return value === undefined || value === null ? null : toHex(value, what);
}

function invalid(value: unknown, what: string): DataError {
  const shown = JSON.stringify(value)?.slice(0, 80) ?? 'nothing';
  return new DataError('row.invalid', {
    stage: 'sources',
    message: `${what} is ${shown}, which is not a 0x hex value of the expected size.`,
    context: { field: what },
  });
}
