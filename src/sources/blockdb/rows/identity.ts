/**
 * Which row a row is, and which version of it: what tells a correction from a second delivery
 * (reference section 8.4).
 */
import { hash } from 'node:crypto';
import type { BlockdbDataset, WireFields } from '../messages.ts';
import { compiledTables } from './compiled-table.ts';

/**
 * Identifies a row among those of its dataset and block; a bar among those of its dataset. The same
 * however the values are written. Throws `row.invalid` for a value that is not of its form.
 */
export function naturalKey(dataset: BlockdbDataset, data: WireFields): string {
  const { keys } = compiledTables[dataset];
  const members = keys.find((each) => each.every(({ name }) => isThere(data[name]))) ?? keys.at(-1);
  return members?.map((member) => String(member.valueIn(data) ?? '')).join('/') ?? '';
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/**
 * Equal for rows that say the same, however their values are written, wherever BlockDB has them from,
 * and whenever it wrote them; what only REST tells does not count either, because the stream's row
 * lacks it. Throws `row.invalid`.
 */
export function contentHash(dataset: BlockdbDataset, data: WireFields): string {
  const values = compiledTables[dataset].facts.map((member) => member.valueIn(data));
  return hash('sha256', JSON.stringify(values), 'base64');
}

/**
 * True where `contentHash` is equal. Values that are written alike are not converted: REST repeats most
 * rows of the stream to the letter. Throws `row.invalid` for others that are not of their form.
 */
export function saysSame(dataset: BlockdbDataset, one: WireFields, other: WireFields): boolean {
  const { facts, factsOf } = compiledTables[dataset];
  const [ones, others] = [factsOf(one), factsOf(other)];
  return facts.every((member, index) => {
    if (isWrittenAlike(ones[index], others[index])) return true;
    const [a, b] = [member.valueOf(ones[index]), member.valueOf(others[index])];
    return a === b || JSON.stringify(a) === JSON.stringify(b);
  });
}

function isWrittenAlike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((item, index) => item === other[index]);
}
