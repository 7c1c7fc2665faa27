/**
 * Published rows as records of the tables beside their changelog: `.state`, keyed by primary key, and
 * `.final`. Both are made of the insert's own bytes, so a restored row gives the same as a new one.
 */
import { type AvroField, type AvroRecord, type AvroType, avroType } from './avro-schema.ts';
import { type AvroWriter, avroWriter } from './avro-writer.ts';
import { ByteWriter } from './byte-writer.ts';
import { canonicalText } from './canonical-text.ts';
import type { Dataset } from './dataset.ts';
import type { EncodedRecord, InsertRecord, RowRecord } from './encoded-record.ts';
import { primaryKeySchema, upsertTail } from './envelope.ts';
import { murmur2 } from './murmur2.ts';
import type { SchemaIds } from './route.ts';
import { type ValueLayout, writeHeader } from './value-layout.ts';

/** The tables of one changelog topic. */
export interface TableRoute {
  readonly dataset: Dataset;
  readonly changelog: string;
  /** Null: the route has none. */
  readonly state: string | null;
  readonly final: string | null;
}

export interface TableEncoderOptions {
  readonly routes: readonly TableRoute[];
  /** By topic; each table's topic has an entry. */
  readonly schemaIds: ReadonlyMap<string, SchemaIds>;
  /** Partitions that the keys of each state topic are spread over: the same for its whole life. */
  readonly partitions: ReadonlyMap<string, number>;
  /** Layout of an insert's value, by the schema it was written with. */
  layoutOf(record: InsertRecord): ValueLayout;
}

interface Table {
  readonly topic: string;
  readonly ids: SchemaIds;
}

interface StateTable extends Table {
  readonly partitions: number;
  readonly writeKey: AvroWriter;
  /** The key's fields that are columns of the row. */
  readonly columns: readonly AvroField[];
  /** Reused for every key. */
  readonly values: Record<string, unknown>;
}

interface CompiledRoute {
  readonly dataset: Dataset;
  readonly row: AvroType;
  readonly state: StateTable | null;
  readonly final: Table | null;
}

/** How rows written with one schema are read. */
interface Reading {
  primaryKey(record: InsertRecord): Readonly<Record<string, unknown>>;
  /** Bytes of the row in the present schema; null when it was written with that one. */
  readonly rewritten: ((record: InsertRecord) => Buffer) | null;
}

const writeTail = avroWriter({ type: 'record', name: 'Tail', doc: '', fields: upsertTail });

/** Deterministic: the same insert and time give the same bytes. Not re-entrant. */
export class TableEncoder {
  readonly #options: TableEncoderOptions;
  readonly #routes: ReadonlyMap<string, CompiledRoute>;
  readonly #readings = new WeakMap<ValueLayout, Reading>();
  readonly #out = new ByteWriter();

  constructor(options: TableEncoderOptions) {
    this.#options = options;
    this.#routes = new Map(options.routes.map((route) => [route.changelog, this.#compile(route)]));
  }

  /** The row as its state topic takes it; null where its changelog has none. */
  state(record: InsertRecord, madeAtMs: number): RowRecord | null {
    const route = this.#routes.get(record.topic);
    if (route === undefined || route.state === null) return null;
    const { topic, partition, key, timestampMs } = this.#keyed(record, route, route.state);
    const value = this.#value(record, route, { id: route.state.ids.value, madeAtMs });
    return { topic, partition, key, value, timestampMs };
  }

  /** What takes the row out of its state topic: the same key and time, no value. */
  tombstone(record: InsertRecord): EncodedRecord | null {
    const route = this.#routes.get(record.topic);
    if (route === undefined || route.state === null) return null;
    return { ...this.#keyed(record, route, route.state), value: null };
  }

  /** The row as its final topic takes it: key and partition are the changelog's. */
  final(record: InsertRecord, madeAtMs: number): RowRecord | null {
    const route = this.#routes.get(record.topic);
    if (route === undefined || route.final === null) return null;
    const { topic, ids } = route.final;
    const key = Buffer.from(record.key);
    writeHeader(key, ids.key);
    const { partition, timestampMs } = record;
    const value = this.#value(record, route, { id: ids.value, madeAtMs });
    return { topic, partition, key, value, timestampMs };
  }

  #compile({ dataset, state, final }: TableRoute): CompiledRoute {
    return {
      dataset,
      row: avroType(dataset.row),
      state: state === null ? null : this.#compileState(state, dataset),
      final: final === null ? null : { topic: final, ids: this.#idsOf(final) },
    };
  }

  #compileState(topic: string, dataset: Dataset): StateTable {
    const key = primaryKeySchema(dataset);
    const partitions = this.#options.partitions.get(topic);
    if (partitions === undefined) throw new RangeError(`no partition count for ${topic}`);
    return {
      topic,
      ids: this.#idsOf(topic),
      partitions,
      writeKey: avroWriter(key),
      columns: key.fields.filter(({ name }) => name !== 'dataset'),
      values: Object.fromEntries(key.fields.map(({ name }) => [name, dataset.name])),
    };
  }

  #idsOf(topic: string): SchemaIds {
    const ids = this.#options.schemaIds.get(topic);
    if (ids === undefined) throw new RangeError(`no schemas were registered for ${topic}`);
    return ids;
  }

  /**
   * Spread by the key's own bytes, as Java's default partitioner does: a column outside the primary
   * key could send a row and what replaces it to two partitions.
   */
  #keyed(record: InsertRecord, route: CompiledRoute, state: StateTable) {
    const columns = this.#reading(record, route).primaryKey(record);
    for (const { name } of state.columns) state.values[name] = columns[name];
    this.#out.begin();
    this.#out.header(state.ids.key);
    state.writeKey(this.#out, state.values);
    const key = this.#out.copy();
    const partition = (murmur2(key) & 0x7fffffff) % state.partitions;
    return { topic: state.topic, partition, key, timestampMs: record.timestampMs };
  }

  #value(
    record: InsertRecord,
    route: CompiledRoute,
    { id, madeAtMs }: { readonly id: number; readonly madeAtMs: number },
  ): Buffer {
    const row =
      this.#reading(record, route).rewritten?.(record) ??
      record.value.subarray(record.rowStart, record.rowEnd);
    const { eventId, incarnation } = record;
    const values = { event_id: eventId, incarnation, ts_ms: madeAtMs };
    this.#out.begin();
    this.#out.header(id);
    this.#out.raw(row);
    writeTail(this.#out, values);
    // Rows of a state topic are held as long as they are the latest of their key.
    return this.#out.copy();
  }

  #reading(record: InsertRecord, route: CompiledRoute): Reading {
    const layout = this.#options.layoutOf(record);
    const known = this.#readings.get(layout) ?? readingOf(layout, route);
    this.#readings.set(layout, known);
    return known;
  }
}

/** Readers go by the writer's name of the row: it is another one in each envelope. */
function readingOf(
  { row, rowType }: ValueLayout,
  { dataset, row: present, state }: CompiledRoute,
): Reading {
  const { name, namespace } = row;
  const named = {
    type: 'record',
    name,
    doc: '',
    ...(namespace === undefined ? {} : { namespace }),
  } as const;
  const key = avroType({ ...named, fields: state?.columns ?? [] });
  const keyResolver = key.createResolver(rowType);
  const reader = avroType({ ...named, fields: dataset.row.fields });
  const isPresent = shapeOf(row) === shapeOf(dataset.row);
  const resolver = reader.createResolver(rowType);
  return {
    primaryKey: ({ value, rowStart }) => key.decode(value, rowStart, keyResolver).value,
    rewritten: isPresent
      ? null
      : ({ value, rowStart }) => present.toBuffer(reader.decode(value, rowStart, resolver).value),
  };
}

/** Rows of one shape have the same bytes, whatever is said of their columns. */
function shapeOf({ fields }: AvroRecord): string {
  return fields.map(({ name, type }) => `${name} ${canonicalText(type)}`).join('\n');
}
