/** The records that are not rows: control, checkpoint, dead letter. Their schemas and keys. */
import { FatalError } from '../model/errors.ts';
import { type AvroRecord, type AvroType, avroType, parseRecordSchema } from './avro-schema.ts';
import type { EncodedRecord } from './encoded-record.ts';
import type { SchemaIds } from './route.ts';
import { readSchemaFile } from './schema-files.ts';
import { headerBytes, writeHeader } from './value-layout.ts';

/** A file of `schemas/common`. */
export type CommonName = 'control' | 'checkpoint' | 'dead_letter';

/** Key and value schema of a topic. */
export interface CommonSchema {
  readonly key: AvroRecord;
  readonly value: AvroRecord;
}

/** Reads `schemas/common/<name>.avsc`; the key holds the fields its `ommer.key` names. */
export function loadCommonSchema(name: CommonName): CommonSchema {
  const text = readSchemaFile(`common/${name}`);
  const value = parseRecordSchema(text, `common/${name}`);
  const { ommer } = JSON.parse(text) as { readonly ommer?: { readonly key?: unknown } };
  const columns = Array.isArray(ommer?.key) ? ommer.key : [];
  const fields = value.fields.filter((field) => columns.includes(field.name));
  if (fields.length === 0 || fields.length !== columns.length) {
    throw new FatalError('schema.invalid', {
      stage: 'encoding',
      message: `Schema common/${name} names no key, or a column that it has not. Restore schemas/ from the release.`,
      context: { schema: name },
    });
  }
  const key: AvroRecord = {
    type: 'record',
    name: `${value.name}Key`,
    ...(value.namespace === undefined ? {} : { namespace: value.namespace }),
    doc: `Key of a ${value.name} record.`,
    fields,
  };
  return { key, value };
}

/** Where a record goes. */
export interface Destination {
  readonly topic: string;
  readonly partition: number;
  readonly timestampMs: number;
}

/** Encodes the records of one common schema. */
export class CommonEncoder {
  readonly #key: AvroType;
  readonly #value: AvroType;
  readonly #ids: SchemaIds;

  constructor(schema: CommonSchema, ids: SchemaIds) {
    this.#key = avroType(schema.key);
    this.#value = avroType(schema.value);
    this.#ids = ids;
  }

  /** The values by field name; the key takes the ones it has. */
  encode(values: Readonly<Record<string, unknown>>, destination: Destination): EncodedRecord {
    const { topic, partition, timestampMs } = destination;
    const key = withHeader(this.#ids.key, this.#key.toBuffer(values));
    const value = withHeader(this.#ids.value, this.#value.toBuffer(values));
    return { topic, partition, key, value, timestampMs };
  }
}

function withHeader(schemaId: number, body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(headerBytes + body.length);
  writeHeader(bytes, schemaId);
  body.copy(bytes, headerBytes);
  return bytes;
}
