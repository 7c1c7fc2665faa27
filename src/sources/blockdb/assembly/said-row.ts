/** A row of the stream as the assembly takes it: which row it is, and of which height. */
import type { BlockHeader } from '../../../model/block.ts';
import { DataError } from '../../../model/errors.ts';
import type { BlockdbDataset, WireFields } from '../messages.ts';
import { compiledTables, memberValue } from '../rows/compiled-table.ts';
import { naturalKey } from '../rows/identity.ts';

import { blockdbTables } from '../tables/tables.ts';

/** A row that is known by its dataset and natural key. */
export interface KeyedRow {
  /** Dataset and natural key. */
  readonly key: string;
  readonly dataset: BlockdbDataset;
  readonly data: WireFields;
}

/** What the stream said, once. */
interface Said extends KeyedRow {
  /** It replaces something that was said before, or so the server says. */
  readonly isCorrection: boolean;
  /** The frame it came in, for the dead letters. */
  readonly raw: Uint8Array;
}

/** A bar of the stream: it is of no block. */
export interface SaidBar extends Said {
  /** When its bucket ends. */
  readonly endMs: number;
}

/** A row of the stream. */
export interface SaidRow extends Said {
  readonly height: number;
  /** Of a row of `blocks`. */
  readonly header: BlockHeader | null;
  readonly receivedAtUs: number;
}

/** The key of a row. Throws `row.invalid` for one that cannot be told from others, or put in order. */
export function keyedRow(dataset: BlockdbDataset, data: WireFields): KeyedRow {
  for (const member of compiledTables[dataset].order) member.valueIn(data);
  return { key: `${dataset}/${naturalKey(dataset, data)}`, dataset, data };
}

/** A row as bytes, for the dead letters. */
export function rawOf(data: WireFields): Uint8Array {
  const textOfBigint = (_: string, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value;
  return Buffer.from(JSON.stringify(data, textOfBigint), 'utf8');
}

/** Height of a row's block. Throws `row.invalid` when it has none that is one. */
export function heightOf(dataset: BlockdbDataset, data: WireFields): number {
  const name = blockdbTables[dataset].heightMember ?? 'block_number';
  const height = memberValue(dataset, name, data);
  if (typeof height === 'number' && height >= 0) return height;
  throw missing(dataset, name, height);
}

/** What a row of `blocks` says of its block. Throws `row.invalid`. */
export function headerOf(data: WireFields): BlockHeader {
  return {
    height: heightOf('blocks', data),
    hash: textOf('block_hash', data),
    parentHash: textOf('parent_block_hash', data),
    timeMs: timeOf(data),
  };
}

function textOf(name: string, data: WireFields): string {
  const value = memberValue('blocks', name, data);
  if (typeof value === 'string') return value;
  throw missing('blocks', name, value);
}

function timeOf(data: WireFields): number {
  const value = memberValue('blocks', 'timestamp_utc', data);
  if (typeof value === 'number') return value;
  throw missing('blocks', 'timestamp_utc', value);
}

function missing(dataset: BlockdbDataset, name: string, value: unknown): DataError {
  return new DataError('row.invalid', {
    stage: 'sources',
    message: `"${name}" of a BlockDB row of ${dataset} is ${value === null ? 'missing' : String(value)}, and without it the row has no block. If BlockDB is right, report it.`,
    context: { dataset, field: name },
  });
}
