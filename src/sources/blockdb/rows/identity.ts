/**
 * Which row a row is, and which version of it: what tells a correction from a second delivery
 * (reference section 8.4).
 */
import { hash } from 'node:crypto';
import type { BlockdbDataset, WireFields } from '../messages.ts';
import { blockdbTables } from '../tables/tables.ts';
import { memberValue } from './row.ts';

/**
 * Identifies a row among those of its dataset and block; a bar among those of its dataset. The same
 * however the values are written. Throws `row.invalid` for a value that is not of its form.
 */
export function naturalKey(dataset: BlockdbDataset, data: WireFields): string {
  const { keys } = blockdbTables[dataset];
  const isThere = (name: string): boolean => data[name] !== undefined && data[name] !== null;
  const names = keys.find((each) => each.every(isThere)) ?? keys.at(-1) ?? [];
  return names.map((name) => String(memberValue(dataset, name, data) ?? '')).join('/');
}

const contents = new Map<BlockdbDataset, readonly string[]>();

/**
 * Equal for rows that say the same, however their values are written, wherever BlockDB has them from,
 * and whenever it wrote them; what only REST tells does not count either, because the stream's row
 * lacks it. Throws `row.invalid`.
 */
export function contentHash(dataset: BlockdbDataset, data: WireFields): string {
  const values = contentMembers(dataset).map((name) => memberValue(dataset, name, data));
  return hash('sha256', JSON.stringify(values), 'base64');
}

/**
 * True where `contentHash` is equal. Values that are written alike are not converted: REST repeats most
 * rows of the stream to the letter. Throws `row.invalid` for others that are not of their form.
 */
export function saysSame(dataset: BlockdbDataset, one: WireFields, other: WireFields): boolean {
  return contentMembers(dataset).every((name) => {
    if (isWrittenAlike(one[name], other[name])) return true;
    const [a, b] = [memberValue(dataset, name, one), memberValue(dataset, name, other)];
    return a === b || JSON.stringify(a) === JSON.stringify(b);
  });
}

function isWrittenAlike(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
  return one.every((item, index) => item === other[index]);
}

function contentMembers(dataset: BlockdbDataset): readonly string[] {
  let names = contents.get(dataset);
  if (names === undefined) {
    const { members } = blockdbTables[dataset];
    // Only one of REST and the stream may name the chain, and of another one no row is taken.
    const tells = members.filter(({ role, form }) => role === 'fact' && form !== 'chain_id');
    names = tells.map(({ name }) => name);
    contents.set(dataset, names);
  }
  return names;
}
