/**
 * Values of the wire as columns: exact, nothing rounded. All take the object, the member and whose
 * object it is, so that an error can name them at no cost otherwise.
 */
import { DataError } from '../../model/errors.ts';
import { jsonText } from '../wire-object.ts';
import type { WireFields } from './messages.ts';

const decimal = /^(?:0|[1-9]\d{0,77})$/;
const hex = /^(?:0x)?(?:[0-9a-fA-F]{2})*$/;

/** A number of any size as canonical decimal text; null when absent. */
export function decimalIn(fields: WireFields, member: string, owner: string): string | null {
  const value = fields[member];
  if (value === undefined || value === null) return null;
  const text = typeof value === 'number' || typeof value === 'bigint' ? String(value) : value;
  if (typeof text === 'string' && decimal.test(text)) return text;
  throw invalid(value, member, owner);
}

/** A number within the safe integers; null when absent. */
export function integerIn(fields: WireFields, member: string, owner: string): number | null {
  const value = fields[member];
  if (value === undefined || value === null) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(value, member, owner);
}

/** Bytes as lower-case 0x hex; nodes send data in upper case without 0x. Null when absent. */
export function hexIn(fields: WireFields, member: string, owner: string): string | null {
  const value = fields[member];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || !hex.test(value)) throw invalid(value, member, owner);
  const text = value.toLowerCase();
  return text.startsWith('0x') ? text : `0x${text}`;
}

/** Bytes that must be there. */
export function requiredHex(fields: WireFields, member: string, owner: string): string {
  const value = hexIn(fields, member, owner);
  if (value === null) throw invalid(value, member, owner);
  return value;
}

/** Words of the chain, such as the name of a type; null when absent. */
export function textIn(fields: WireFields, member: string, owner: string): string | null {
  const value = fields[member];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw invalid(value, member, owner);
  return value;
}

/** A truth value; null when absent. */
export function flagIn(fields: WireFields, member: string, owner: string): boolean | null {
  const value = fields[member];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'boolean') throw invalid(value, member, owner);
  return value;
}

function invalid(value: unknown, member: string, owner: string): DataError {
  const text = jsonText(value);
  return new DataError('row.invalid', {
    stage: 'sources',
    message: `"${member}" of ${owner} is ${text.slice(0, 80)}, which is not of its form. If the node is right, report it with the block.`,
    context: { member },
    raw: Buffer.from(text.slice(0, 65_536)),
  });
}
