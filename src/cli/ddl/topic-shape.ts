/**
 * What statements are generated from: one topic that ommer writes, with the columns of its key and
 * value. Pure; the engines' files turn shapes into text.
 */
import {
  type AvroField,
  type AvroRecord,
  type AvroSchema,
  isOptional,
  isRecord,
} from '../../encoding/avro-schema.ts';
import { type Dataset, decimalSuffix } from '../../encoding/dataset.ts';

/** What a record of the topic is: a change in one of the envelopes, the latest row, a final row. */
export type TopicKind = 'flat' | 'debezium' | 'state' | 'final';

/** One topic as a reader sees it. */
export interface TopicShape {
  readonly topic: string;
  readonly kind: TopicKind;
  /** Name of the statements' tables; unique in one output. */
  readonly name: string;
  readonly dataset: Dataset;
  readonly delivery: 'exactly_once' | 'low_latency';
  /** Whether the record time is the block's time or that of publication. */
  readonly timestamps: 'event' | 'ingest';
  /** Fields of the key record, in order. */
  readonly key: readonly AvroField[];
  /** Columns of the row, in order. */
  readonly row: readonly AvroField[];
  /** What stands after the row: the envelope's own fields. */
  readonly tail: readonly AvroField[];
}

/** A number that can be added up: the string column that holds all of it, and its decimal. */
export interface Amount {
  /** Column with the decimal string, up to 78 digits. */
  readonly text: string;
  /** Nullable column of 38 digits. */
  readonly decimal: string;
}

/** How to reach Kafka and the registry, without a secret in it. */
export interface Access {
  /** Kafka's `security.protocol`. */
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  /** Kafka's name of the mechanism; null without SASL. */
  readonly saslMechanism: string | null;
  readonly hasRegistryAuth: boolean;
  /** What the placeholders stand for, for the head of the output. */
  readonly brokers: string;
  readonly registryUrl: string;
}

const placeholder = (name: string): string => `$\{${name}}`;

/** What stands in every engine's output for an address or a secret: `envsubst` fills them. */
export const placeholders = {
  brokers: placeholder('KAFKA_BROKERS'),
  kafkaUsername: placeholder('KAFKA_USERNAME'),
  kafkaPassword: placeholder('KAFKA_PASSWORD'),
  registry: placeholder('REGISTRY_URL'),
  /** The address without its scheme, for where a login stands before it. */
  registryHost: placeholder('REGISTRY_HOST'),
  registryUsername: placeholder('REGISTRY_USERNAME'),
  registryPassword: placeholder('REGISTRY_PASSWORD'),
} as const;

/** True for a topic of inserts and retractions. */
export function isChangelog({ kind }: TopicShape): boolean {
  return kind === 'flat' || kind === 'debezium';
}

/** The dataset's first amount of base units; undefined for a dataset without one. Prices are not for sums. */
export function amountOf({ dataset, row }: TopicShape): Amount | undefined {
  const names = new Set(row.map(({ name }) => name));
  for (const { name, type } of row) {
    const text = name.slice(0, -decimalSuffix.length);
    if (!name.endsWith(decimalSuffix) || !names.has(text) || dataset.empty.includes(text)) continue;
    const bare = isOptional(type) ? type[1] : type;
    if (typeof bare === 'string' || !('logicalType' in bare) || (bare.scale ?? 0) > 0) continue;
    return { text, decimal: name };
  }
  return undefined;
}

/**
 * What totals are grouped by: the dataset's routing columns, first one that is not null, then the
 * chain, which is the rule that chooses the partition. One column when it is never null.
 */
export function groupColumns({ dataset, row }: TopicShape): readonly string[] {
  const columns: string[] = [];
  for (const name of [...dataset.routing, 'chain']) {
    const field = row.find((candidate) => candidate.name === name);
    if (field === undefined || columns.includes(name)) continue;
    columns.push(name);
    if (!isOptional(field.type)) break;
  }
  return columns;
}

/** Name of what totals are grouped by. */
export function groupName(shape: TopicShape): string {
  return groupColumns(shape).join('_or_');
}

/** When the row happened: the time of its block, or of its event where the feed has no blocks. */
export function timeColumn({ dataset }: TopicShape): 'block_time' | 'event_time' {
  return dataset.feed === 'market' ? 'event_time' : 'block_time';
}

/** Columns of the key that are also columns of the row: all but `dataset`. */
export function keyColumns({ key, row }: TopicShape): readonly string[] {
  return key.map(({ name }) => name).filter((name) => row.some((field) => field.name === name));
}

/** How an engine writes types. */
export interface TypeNames {
  /** By the name of an Avro primitive. */
  readonly primitives: Readonly<Record<string, string>>;
  /** By logical type, all but `decimal`. */
  readonly logical: Readonly<Record<string, string>>;
  decimal(precision: number, scale: number): string;
  list(item: string): string;
  record(fields: readonly { readonly name: string; readonly type: string }[]): string;
  /** A type that may be null. */
  nullable(type: string): string;
  /** A type that is never null. */
  required(type: string): string;
}

/** The engine's type of a column. Throws a plain error for a type no dataset has. */
export function columnType(schema: AvroSchema, names: TypeNames): string {
  if (isOptional(schema)) return names.nullable(bareType(schema[1], names));
  return names.required(bareType(schema, names));
}

/** The engine's type of a column, without a word about null. */
export function bareType(schema: AvroSchema, names: TypeNames): string {
  if (isOptional(schema)) return bareType(schema[1], names);
  if (typeof schema === 'string') return known(names.primitives[schema], schema);
  if (isRecord(schema)) return names.record(recordColumns(schema, names));
  if ('items' in schema) return names.list(bareType(schema.items, names));
  if (schema.logicalType === 'decimal') {
    return names.decimal(schema.precision ?? 0, schema.scale ?? 0);
  }
  return known(names.logical[schema.logicalType] ?? names.primitives[schema.type], schema.type);
}

function recordColumns(schema: AvroRecord, names: TypeNames) {
  return schema.fields.map(({ name, type }) => {
    const bare = bareType(type, names);
    return { name, type: isOptional(type) ? names.nullable(bare) : bare };
  });
}

function known(type: string | undefined, avro: string): string {
  if (type === undefined) throw new Error(`Avro type "${avro}" has no type in this engine.`);
  return type;
}

/** Lines of a list, the last without a comma. `note` goes behind the comma as a comment. */
export function listed(
  lines: readonly (string | { readonly text: string; readonly note: string })[],
  indent = '  ',
): string {
  return lines
    .map((line, index) => {
      const { text, note } = typeof line === 'string' ? { text: line, note: undefined } : line;
      const comma = index === lines.length - 1 ? '' : ',';
      return `${indent}${text}${comma}${note === undefined ? '' : ` -- ${note}`}`;
    })
    .join('\n');
}
