/**
 * Events and retractions as records of changelog topics. A retraction is the insert's own row
 * bytes with another tail, never a row encoded again.
 */
import { DataError, FatalError } from '../model/errors.ts';
import { type Event, eventId, type Feed, type Origin, type Reorg } from '../model/event.ts';
import {
  type AvroWriter,
  bytesOf,
  FieldWriter,
  fieldWriters,
  recordWriter,
} from './avro-writer.ts';
import { ByteWriter } from './byte-writer.ts';
import { type Dataset, isReadBack } from './dataset.ts';
import type { EncodedRecord, InsertRecord, StoredChange, StoredRecord } from './encoded-record.ts';
import { type ChangelogEnvelope, keySchema, valueSchema } from './envelope.ts';
import type { PartitionTable } from './partition-table.ts';
import { RowEncoder } from './row-encoder.ts';
import { StoredRows } from './stored-rows.ts';
import { insertTail, retractionTail, type TailContext } from './tail-values.ts';
import { layoutOf, schemaIdOf, type ValueLayout } from './value-layout.ts';

/** One changelog topic of one dataset. A dataset may have several. */
export interface Route {
  readonly dataset: Dataset;
  readonly topic: string;
  readonly envelope: ChangelogEnvelope;
  /** The first of these columns that is not null chooses the partition; none: the chain does. */
  readonly routing: readonly string[];
  /** Record time of inserts: the event's own, or when it was received. */
  readonly timestamps: 'event' | 'ingest';
}

/** Registered ids of a topic's two schemas. */
export interface SchemaIds {
  readonly key: number;
  readonly value: number;
}

export interface ChangelogEncoderOptions {
  /** Name of the source in the configuration. */
  readonly source: string;
  readonly chain: string;
  /** Kind of the source. */
  readonly connector: string;
  /** Version of ommer. */
  readonly version: string;
  readonly routes: readonly Route[];
  /** By topic; each route's topic has an entry. */
  readonly schemaIds: ReadonlyMap<string, SchemaIds>;
  readonly partitions: PartitionTable;
  /** Text of a registered schema, for records of older versions. */
  schemaById(id: number, topic: string): Promise<string>;
}

/** When an insert is handed to Kafka, and how often its block became canonical. */
export interface InsertContext {
  readonly incarnation: number;
  readonly publishedAtUs: number;
}

/** When a retraction is handed to Kafka, and when the reorg became known. */
export interface RetractionContext {
  readonly publishedAtUs: number;
  readonly receivedAtUs: number;
}

/** Of a class, because V8 gives copies of objects a shape each, and is slow with them. */
class CompiledRoute {
  readonly topic: string;
  readonly envelope: ChangelogEnvelope;
  readonly routing: readonly string[];
  readonly isEventTime: boolean;
  readonly ids: SchemaIds;
  readonly layout: ValueLayout;

  constructor(
    { topic, envelope, routing, timestamps }: Route,
    parts: { readonly ids: SchemaIds; readonly layout: ValueLayout },
  ) {
    this.topic = topic;
    this.envelope = envelope;
    this.routing = routing;
    this.isEventTime = timestamps === 'event';
    this.ids = parts.ids;
    this.layout = parts.layout;
  }
}

interface CompiledDataset {
  readonly feed: Feed;
  readonly corrections: boolean;
  readonly rows: RowEncoder;
  /** Writes the key of a row. */
  readonly writeKey: AvroWriter;
  readonly routes: readonly CompiledRoute[];
  /** Where a later row takes the place of an earlier one of its primary key; else null. */
  readonly supersededBy: readonly string[] | null;
}

/**
 * Synchronous but for `read` of a schema id not met before. Deterministic: the same input gives
 * the same bytes. Not re-entrant.
 */
export class ChangelogEncoder {
  readonly #options: ChangelogEncoderOptions;
  readonly #context: TailContext;
  readonly #datasets: ReadonlyMap<string, CompiledDataset>;
  readonly #ingestTopics: ReadonlySet<string>;
  readonly #readBack: ReadonlySet<string>;
  readonly #stored: StoredRows;
  readonly #out = new ByteWriter();

  constructor(options: ChangelogEncoderOptions) {
    this.#options = options;
    const { source, chain, connector, version, schemaById } = options;
    this.#context = { source, chain, connector, version };
    this.#stored = new StoredRows(schemaById);
    const byName = new Map<string, Route[]>();
    for (const route of options.routes) {
      byName.set(route.dataset.name, [...(byName.get(route.dataset.name) ?? []), route]);
    }
    this.#datasets = new Map([...byName].map(([name, routes]) => [name, this.#compile(routes)]));
    this.#readBack = new Set(
      options.routes.filter(({ dataset }) => isReadBack(dataset)).map((route) => route.topic),
    );
    this.#ingestTopics = new Set(
      options.routes.filter((route) => route.timestamps === 'ingest').map((route) => route.topic),
    );
  }

  /**
   * One record per route of the event's dataset, in the order of the routes; none when the dataset
   * has no route. Throws `row.invalid` for a row that does not fit its schema.
   */
  insert(event: Event, origin: Origin, context: InsertContext): readonly InsertRecord[] {
    const dataset = this.#datasets.get(event.dataset);
    if (dataset === undefined) return [];
    this.#assertOrigin(event, origin, dataset.feed);
    const id = eventId(origin, event);
    const records: InsertRecord[] = [];
    for (const route of dataset.routes) {
      const { incarnation, publishedAtUs } = context;
      const facts = { event, origin, id, incarnation, publishedAtUs };
      const [rowStart, rowEnd] = this.#putRow(event, dataset, { route, written: records[0] });
      route.layout.writeTail(this.#out, insertTail(route.envelope, facts, this.#context));
      records.push({
        topic: route.topic,
        partition: this.#partition(event, origin, route),
        value: this.#out.take(),
        key: this.#key(event, dataset, route.ids.key),
        timestampMs: route.isEventTime ? event.timeMs : Math.floor(origin.receivedAtUs / 1000),
        rowStart,
        rowEnd,
        eventId: id,
        incarnation,
      });
    }
    return records;
  }

  /**
   * The retraction of a published insert: the same row bytes, schema id, key, event id,
   * incarnation, partition and timestamp. Throws what `layoutOf` throws.
   */
  retract(record: InsertRecord, reorg: Reorg, context: RetractionContext): EncodedRecord {
    const schemaId = schemaIdOf(record.value) ?? -1;
    const layout = this.layoutOf(record);
    const { value, rowStart, rowEnd } = record;
    const basics = layout.envelope === 'debezium' ? layout.readBasics(value, rowStart) : undefined;
    const timeMs = this.#ingestTopics.has(record.topic)
      ? (basics?.timeMs ?? record.timestampMs)
      : record.timestampMs;
    const { publishedAtUs, receivedAtUs } = context;
    const { dataset } = layout;
    const facts = { record, reorg, basics, timeMs, dataset, publishedAtUs, receivedAtUs };
    const out = this.#out;
    out.begin();
    out.header(schemaId);
    out.raw(layout.retraction.beforeRow);
    out.raw(value, rowStart, rowEnd);
    out.raw(layout.retraction.afterRow);
    layout.writeTail(out, retractionTail(facts, this.#context));
    const { topic, partition, key, timestampMs } = record;
    return { topic, partition, key, value: out.take(), timestampMs };
  }

  /**
   * Where the row lies in an insert's value. Throws `registry.unknown_schema_id` when the insert
   * neither came from `insert` nor from `read`.
   */
  layoutOf({ topic, value }: InsertRecord): ValueLayout {
    const layout = this.#stored.layoutOf(value);
    if (layout === undefined) throw unknownSchemaId(schemaIdOf(value) ?? -1, topic);
    return layout;
  }

  /**
   * What a stored changelog record says; a promise only when its schema id is met for the first
   * time. Throws `checkpoint.undo_window_incomplete` for a record that ommer did not write.
   */
  read(record: StoredRecord): StoredChange | Promise<StoredChange> {
    return this.#stored.read(record);
  }

  /**
   * True when a stored row says what a fresh one of the same event says: byte for byte, or, where an
   * older schema lacks columns, with their defaults. Both come from this encoder.
   */
  isSameRow(stored: InsertRecord, fresh: InsertRecord): boolean {
    return this.#stored.isSame(stored, fresh);
  }

  /** True when the stored row is the venue's final word on its event, and the fresh one is not. */
  isOutdated(stored: InsertRecord, fresh: InsertRecord): boolean {
    return this.#stored.isOutdated(stored, fresh);
  }

  /**
   * The event with what the stored row says in columns that are null in it: a copy says nothing in a
   * column that it does not have. The same object where there is nothing to add.
   */
  completed(stored: InsertRecord, fresh: Event): Event {
    const { rows } = this.#datasets.get(fresh.dataset) ?? {};
    const lacking = rows?.optional.filter((name) => (fresh.row[name] ?? null) === null) ?? [];
    const known = this.#stored.valuesOf(stored, lacking);
    return Object.keys(known).length === 0 ? fresh : { ...fresh, row: { ...fresh.row, ...known } };
  }

  /** True when rows of the dataset may come again, and take another form. */
  isCorrectable(dataset: string): boolean {
    return this.#datasets.get(dataset)?.corrections ?? false;
  }

  /** False for market data without corrections: what is published of it stays as it is. */
  isReadBack(topic: string): boolean {
    return this.#readBack.has(topic);
  }

  /** The event's primary key where its dataset's later rows take the place of earlier ones. */
  orderOf({ dataset, row }: Event): string | null {
    const columns = this.#datasets.get(dataset)?.supersededBy ?? null;
    return columns === null ? null : JSON.stringify([dataset, columns.map((name) => row[name])]);
  }

  /** Restore finds the block of a row, or its market and time, by these columns. */
  #assertOrigin(event: Event, origin: Origin, feed: Feed): void {
    const { row, timeMs } = event;
    const isOf =
      feed === 'chain'
        ? row['height'] === origin.height && row['block_hash'] === origin.blockHash
        : row['event_time'] === timeMs && origin.blockHash === this.#context.connector;
    if (isOf && row['chain'] === origin.chain) return;
    throw feed === 'chain' ? notOfItsBlock(event, origin) : notOfItsMarket(event, origin);
  }

  #compile(routes: readonly Route[]): CompiledDataset {
    const dataset = routes[0]?.dataset;
    if (dataset === undefined) throw new RangeError('a dataset without routes was compiled');
    const compiled = routes.map((route) => this.#compileRoute(route));
    const { feed, corrections, primaryKey, supersedes } = dataset;
    return {
      feed,
      corrections,
      rows: new RowEncoder(dataset),
      writeKey: keyWriter(dataset),
      routes: compiled,
      supersededBy: supersedes ? primaryKey : null,
    };
  }

  #compileRoute(route: Route): CompiledRoute {
    const layout = layoutOf(valueSchema(route.dataset, route.envelope));
    const ids = this.#options.schemaIds.get(route.topic);
    if (ids === undefined) throw unknownSchemaId(-1, route.topic);
    this.#stored.add(ids.value, layout);
    return new CompiledRoute(route, { ids, layout });
  }

  /** Begins a value with all that comes before its tail; gives the bounds of the row in it. */
  #putRow(
    { row }: Event,
    { rows }: CompiledDataset,
    {
      route,
      written,
    }: { readonly route: CompiledRoute; readonly written?: InsertRecord | undefined },
  ): readonly [number, number] {
    const out = this.#out;
    out.begin();
    out.header(route.ids.value);
    out.raw(route.layout.insert.beforeRow);
    const rowStart = out.length;
    if (written === undefined) rows.encode(row, out);
    else out.raw(written.value, written.rowStart, written.rowEnd);
    const rowEnd = out.length;
    out.raw(route.layout.insert.afterRow);
    return [rowStart, rowEnd];
  }

  #key({ row }: Event, { writeKey }: CompiledDataset, id: number): Buffer {
    this.#out.header(id);
    writeKey(this.#out, row);
    return this.#out.take();
  }

  #partition(event: Event, origin: Origin, route: CompiledRoute): number {
    for (const column of route.routing) {
      const value = event.row[column];
      if (value === null || value === undefined) continue;
      if (typeof value === 'object') throw notARoutingValue(event.dataset, column);
      return this.#options.partitions.partitionOf(route.topic, String(value), origin.height);
    }
    return this.#options.partitions.partitionOf(route.topic, origin.chain, origin.height);
  }
}

/** Of a row, which has all columns of the key but the dataset's name. */
function keyWriter(dataset: Dataset): AvroWriter {
  const fields = fieldWriters(keySchema(dataset)).map((field) =>
    field.name === 'dataset'
      ? new FieldWriter(field.name, field.write, bytesOf(field.write, dataset.name))
      : field,
  );
  return recordWriter(fields);
}

function notOfItsBlock({ dataset, row }: Event, { chain, height, blockHash }: Origin): DataError {
  const { chain: rowChain, height: rowHeight, block_hash: rowHash } = row;
  return new DataError('row.invalid', {
    stage: 'encoding',
    message: `Row of ${dataset}: columns chain, height, block_hash are ${rowChain}, ${rowHeight}, ${rowHash}, expected those of its block: ${chain}, ${height}, ${blockHash}.`,
    context: { dataset, column: 'block_hash', height, blockHash },
  });
}

function notOfItsMarket({ dataset, row, timeMs }: Event, { chain, blockHash }: Origin): DataError {
  const { chain: rowChain, event_time: rowTime } = row;
  return new DataError('row.invalid', {
    stage: 'encoding',
    message: `Row of ${dataset}: columns chain, event_time are ${rowChain}, ${rowTime}, expected those of its event in a batch: ${chain}, ${timeMs} (it came with ${blockHash}).`,
    context: { dataset, column: 'event_time', timeMs },
  });
}

function notARoutingValue(dataset: string, column: string): DataError {
  return new DataError('row.invalid', {
    stage: 'encoding',
    message: `Row of ${dataset}: routing column "${column}" is not a text, number or boolean. Route by another column.`,
    context: { dataset, column },
  });
}

function unknownSchemaId(schemaId: number, topic: string): FatalError {
  return new FatalError('registry.unknown_schema_id', {
    stage: 'encoding',
    message: `Topic ${topic}: schema id ${schemaId} is not registered in this session. Register the schemas with \`ommer schemas register\`.`,
    context: { schemaId, topic },
  });
}
