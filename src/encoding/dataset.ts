/** A dataset: the Avro schema of its rows, and which columns identify and route a row. */

import { FatalError } from '../model/errors.ts';
import type { Feed } from '../model/event.ts';
import type { Subject } from '../sources/source.ts';
import { datasetOf } from '../sources/source.ts';
import { type AvroRecord, type AvroSchema, isOptional, parseRecordSchema } from './avro-schema.ts';
import { readSchemaFile } from './schema-files.ts';

/** One dataset as its file in `schemas/` declares it. */
export interface Dataset {
  readonly subject: Subject;
  /** Last segment of the subject: names topics and the `dataset` column of keys. */
  readonly name: string;
  /** Columns that identify a row on any branch (they include the block hash): the changelog's key. */
  readonly identity: readonly string[];
  /** Columns that identify a row on one canonical chain: the key of a state topic. */
  readonly primaryKey: readonly string[];
  /** The first of these columns that is not null chooses the partition; none: the chain does. */
  readonly routing: readonly string[];
  /**
   * A later row takes the place of an earlier one of its primary key, and both stay true: a balance
   * at a height. Without it a primary key has one row on a canonical chain.
   */
  readonly supersedes: boolean;
  /** Columns that are null in every row: no total is made of them. */
  readonly empty: readonly string[];
  readonly feed: Feed;
  /** Of market data: a row may come again, and with other bytes it takes the place of the first. */
  readonly corrections: boolean;
  readonly row: AvroRecord;
}

/** Every row of a chain begins with these columns, in this order: restore reads them without the rest. */
export const basicColumns = ['chain', 'height', 'block_hash', 'block_time'] as const;

/** The same of market data. */
export const marketColumns = ['chain', 'symbol', 'event_time'] as const;

/** Suffix of a column that the encoder derives: the decimal of the string column without it. */
export const decimalSuffix = '_dec';

/** Reads and checks `schemas/<subject>.avsc`. Throws `schema.invalid`. */
export function loadDataset(subject: Subject): Dataset {
  return parseDataset(subject, readSchemaFile(subject));
}

/** Reads a dataset from the text of its schema file. Throws `schema.invalid`. */
export function parseDataset(subject: Subject, text: string): Dataset {
  const row = parseRecordSchema(text, subject);
  const attribute = readAttribute(text, subject);
  const columns = new Map(row.fields.map((field) => [field.name, field.type]));
  const first = attribute.feed === 'market' ? marketColumns : basicColumns;
  const isPrefix = first.every((name, index) => row.fields[index]?.name === name);
  if (!isPrefix) throw invalid(subject, `its columns do not begin with ${first.join(', ')}`);
  for (const name of [...attribute.identity, ...attribute.primaryKey, ...attribute.routing]) {
    if (!columns.has(name)) throw invalid(subject, `it names a column "${name}" that it has not`);
  }
  for (const name of [...attribute.identity, ...attribute.primaryKey]) {
    const type = columns.get(name);
    if (type === undefined || !isKeyType(type)) {
      throw invalid(subject, `key column "${name}" is not a non-null scalar`);
    }
  }
  return { subject, name: datasetOf(subject), ...attribute, row };
}

/** True when rows of the dataset may be taken back, so that a restart has to find them. */
export function isReadBack({ feed, corrections }: Dataset): boolean {
  return feed === 'chain' || corrections;
}

function isKeyType(type: AvroSchema): boolean {
  return !isOptional(type) && (typeof type === 'string' || 'logicalType' in type);
}

interface Attribute {
  readonly identity: readonly string[];
  readonly primaryKey: readonly string[];
  readonly routing: readonly string[];
  readonly supersedes: boolean;
  readonly empty: readonly string[];
  readonly feed: Feed;
  readonly corrections: boolean;
}

function readAttribute(text: string, subject: Subject): Attribute {
  const { ommer } = JSON.parse(text) as { readonly ommer?: Readonly<Record<string, unknown>> };
  const list = (name: string): readonly string[] => {
    const value = ommer?.[name];
    if (Array.isArray(value) && value.length > 0 && value.every((x) => typeof x === 'string')) {
      return value as readonly string[];
    }
    throw invalid(subject, `its attribute "ommer" has no list "${name}" of columns`);
  };
  const flag = (name: string): boolean => {
    const value = ommer?.[name] ?? false;
    if (typeof value === 'boolean') return value;
    throw invalid(subject, `its attribute "ommer" has a "${name}" that is not true or false`);
  };
  const feed = ommer?.['feed'] ?? 'chain';
  if (feed !== 'chain' && feed !== 'market') {
    throw invalid(subject, 'its attribute "ommer" has a "feed" that is not chain or market');
  }
  const corrections = flag('corrections');
  if (corrections && feed !== 'market') {
    throw invalid(subject, 'its attribute "ommer" has "corrections", which only a market feed has');
  }
  return {
    identity: list('identity'),
    primaryKey: list('primaryKey'),
    routing: list('routing'),
    supersedes: flag('supersedes'),
    empty: ommer?.['empty'] === undefined ? [] : list('empty'),
    feed,
    corrections,
  };
}

function invalid(subject: Subject, problem: string): FatalError {
  return new FatalError('schema.invalid', {
    stage: 'encoding',
    message: `Schema ${subject} cannot be used: ${problem}. Correct schemas/${subject}.avsc.`,
    context: { schema: subject },
  });
}
