/** What is worked out once for the rows of a dataset and each of its topics. */
import { DataError } from '../model/errors.ts';
import type { Event, Feed, Origin } from '../model/event.ts';
import {
  type AvroWriter,
  bytesOf,
  FieldWriter,
  fieldWriters,
  recordWriter,
} from './avro-writer.ts';
import type { Dataset } from './dataset.ts';
import { type ChangelogEnvelope, keySchema } from './envelope.ts';
import type { PartitionTable } from './partition-table.ts';
import type { Route, SchemaIds } from './route.ts';
import { RowEncoder } from './row-encoder.ts';
import type { ValueLayout } from './value-layout.ts';

/** Of a class, because V8 gives copies of objects a shape each, and is slow with them. */
export class CompiledRoute {
  readonly topic: string;
  readonly envelope: ChangelogEnvelope;
  readonly isEventTime: boolean;
  readonly ids: SchemaIds;
  readonly layout: ValueLayout;
  readonly #routing: readonly string[];
  readonly #partitions: PartitionTable;

  constructor(
    { topic, envelope, routing, timestamps }: Route,
    parts: {
      readonly ids: SchemaIds;
      readonly layout: ValueLayout;
      readonly partitions: PartitionTable;
    },
  ) {
    this.topic = topic;
    this.envelope = envelope;
    this.isEventTime = timestamps === 'event';
    this.ids = parts.ids;
    this.layout = parts.layout;
    this.#routing = routing;
    this.#partitions = parts.partitions;
  }

  /** Of the first routing column that is not null, else of the chain. Throws `row.invalid`. */
  partitionOf({ dataset, row }: Event, { chain, height }: Origin): number {
    for (const column of this.#routing) {
      const value = row[column];
      if (value === null || value === undefined) continue;
      if (typeof value === 'object') throw notARoutingValue(dataset, column);
      return this.#partitions.partitionOf(this.topic, String(value), height);
    }
    return this.#partitions.partitionOf(this.topic, chain, height);
  }
}

export interface CompiledDataset {
  readonly feed: Feed;
  readonly corrections: boolean;
  readonly rows: RowEncoder;
  /** Writes the key of a row. */
  readonly writeKey: AvroWriter;
  readonly routes: readonly CompiledRoute[];
  /** Where a later row takes the place of an earlier one of its primary key; else null. */
  readonly supersededBy: readonly string[] | null;
}

export function compileDataset(
  dataset: Dataset,
  routes: readonly CompiledRoute[],
): CompiledDataset {
  const { feed, corrections, primaryKey, supersedes } = dataset;
  return {
    feed,
    corrections,
    rows: new RowEncoder(dataset),
    writeKey: keyWriter(dataset),
    routes,
    supersededBy: supersedes ? primaryKey : null,
  };
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

function notARoutingValue(dataset: string, column: string): DataError {
  return new DataError('row.invalid', {
    stage: 'encoding',
    message: `Row of ${dataset}: routing column "${column}" is not a text, number or boolean. Route by another column.`,
    context: { dataset, column },
  });
}
