/**
 * Events and retractions as records of changelog topics. A retraction is the insert's own row
 * bytes with another tail, never a row encoded again.
 */
import { FatalError } from '../model/errors.ts';
import { type Event, eventId, type Origin, type Reorg } from '../model/event.ts';
import { ByteWriter } from './byte-writer.ts';
import { type CompiledDataset, CompiledRoute, compileDataset } from './compiled-dataset.ts';
import { isReadBack } from './dataset.ts';
import type { EncodedRecord, InsertRecord, StoredChange, StoredRecord } from './encoded-record.ts';
import { valueSchema } from './envelope.ts';
import type { PartitionTable } from './partition-table.ts';
import type { Route, SchemaIds } from './route.ts';
import { assertOrigin } from './row-origin.ts';
import { StoredRows } from './stored-rows.ts';
import { insertTail, retractionTail, type TailContext } from './tail-values.ts';
import { layoutOf, schemaIdOf, type ValueLayout } from './value-layout.ts';

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
    const compiled = new Map<string, CompiledDataset>();
    for (const { dataset } of options.routes) {
      if (compiled.has(dataset.name)) continue;
      const routes = options.routes.filter((route) => route.dataset.name === dataset.name);
      compiled.set(
        dataset.name,
        compileDataset(
          dataset,
          routes.map((route) => this.#compile(route)),
        ),
      );
    }
    this.#datasets = compiled;
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
    assertOrigin(event, origin, { feed: dataset.feed, connector: this.#context.connector });
    const id = eventId(origin, event);
    const records: InsertRecord[] = [];
    for (const route of dataset.routes) {
      const { incarnation, publishedAtUs } = context;
      const facts = { event, origin, id, incarnation, publishedAtUs };
      const [rowStart, rowEnd] = this.#putRow(event, dataset, { route, written: records[0] });
      route.layout.writeTail(this.#out, insertTail(route.envelope, facts, this.#context));
      records.push({
        topic: route.topic,
        partition: route.partitionOf(event, origin),
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

  #compile(route: Route): CompiledRoute {
    const ids = this.#options.schemaIds.get(route.topic);
    if (ids === undefined) throw unknownSchemaId(-1, route.topic);
    const layout = layoutOf(valueSchema(route.dataset, route.envelope));
    this.#stored.add(ids.value, layout);
    return new CompiledRoute(route, { ids, layout, partitions: this.#options.partitions });
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
}

function unknownSchemaId(schemaId: number, topic: string): FatalError {
  return new FatalError('registry.unknown_schema_id', {
    stage: 'encoding',
    message: `Topic ${topic}: schema id ${schemaId} is not registered in this session. Register the schemas with \`ommer schemas register\`.`,
    context: { schemaId, topic },
  });
}
