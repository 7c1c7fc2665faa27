/**
 * Writes values as Avro by their schema: the bytes of the Avro library, which spends several times as
 * long on texts and unions. It only refuses what does not fit; the library says why.
 */
import { FatalError } from '../model/errors.ts';
import { propertyReader } from '../model/shapes.ts';
import {
  type AvroField,
  type AvroRecord,
  type AvroSchema,
  isArray,
  isOptional,
  isRecord,
} from './avro-schema.ts';
import { ByteWriter } from './byte-writer.ts';

/** Writes one value. Throws `NotOfSchema` for one that the schema does not take. */
export type AvroWriter = (out: ByteWriter, value: unknown) => void;

/** One field of a record. Of a class, because V8 gives copies of objects a shape each, and is slow with them. */
export class FieldWriter {
  readonly name: string;
  readonly write: AvroWriter;
  /** Bytes of the field's default; null where it has none. */
  readonly missing: Buffer | null;

  constructor(name: string, write: AvroWriter, missing: Buffer | null) {
    this.name = name;
    this.write = write;
    this.missing = missing;
  }
}

/** A value that its schema does not take; which one is the Avro library's to say. */
export class NotOfSchema extends Error {}

/** Compiles a schema. Throws `schema.invalid` for a type that ommer does not write, or one named again. */
export function avroWriter(schema: AvroSchema): AvroWriter {
  if (isOptional(schema)) return optional(avroWriter(schema[1]));
  if (isRecord(schema)) return recordWriter(fieldWriters(schema));
  if (isArray(schema)) return arrayOf(avroWriter(schema.items));
  const name = typeof schema === 'string' ? schema : schema.type;
  const write = primitives[name];
  if (write === undefined) throw unwritable(name);
  return write;
}

/** The fields of a record in their order. */
export function fieldWriters({ fields }: AvroRecord): readonly FieldWriter[] {
  return fields.map((field) => {
    const write = avroWriter(field.type);
    return new FieldWriter(field.name, write, defaultBytes(field, write));
  });
}

/** Writes a field of this value, or its default where it is undefined. */
export function writeField(out: ByteWriter, field: FieldWriter, value: unknown): void {
  if (value !== undefined) field.write(out, value);
  else if (field.missing !== null) out.raw(field.missing);
  else throw new NotOfSchema(`${field.name} is missing`);
}

function defaultBytes(field: AvroField, write: AvroWriter): Buffer | null {
  if (field.default === undefined) return null;
  const isBytes = typeof field.default === 'string' && write === primitives['bytes'];
  return bytesOf(write, isBytes ? Buffer.from(String(field.default), 'latin1') : field.default);
}

/** A value as bytes of their own. Throws what the writer throws. */
export function bytesOf(write: AvroWriter, value: unknown): Buffer {
  const out = new ByteWriter();
  write(out, value);
  return out.copy();
}

const primitives: Readonly<Record<string, AvroWriter>> = {
  string(out, value) {
    if (typeof value !== 'string') throw new NotOfSchema('not a string');
    out.text(value);
  },
  long(out, value) {
    if (!isLong(value)) throw new NotOfSchema('not a long');
    out.long(value);
  },
  int(out, value) {
    if (!isLong(value) || (value | 0) !== value) throw new NotOfSchema('not an int');
    out.long(value);
  },
  boolean(out, value) {
    if (typeof value !== 'boolean') throw new NotOfSchema('not a boolean');
    out.byte(value ? 1 : 0);
  },
  bytes(out, value) {
    if (!Buffer.isBuffer(value)) throw new NotOfSchema('not bytes');
    out.long(value.length);
    out.raw(value);
  },
  double(out, value) {
    if (typeof value !== 'number') throw new NotOfSchema('not a double');
    out.double(value);
  },
  float(out, value) {
    if (typeof value !== 'number') throw new NotOfSchema('not a float');
    out.float(value);
  },
  null(_, value) {
    if (value !== null) throw new NotOfSchema('not null');
  },
};

/** The bounds of the Avro library: just below those of a safe integer. */
const longMax = Number.MAX_SAFE_INTEGER - 1;

function isLong(value: unknown): value is number {
  return Number.isInteger(value) && Math.abs(Number(value)) <= longMax;
}

/** Branch 0 is null, branch 1 the value. */
function optional(write: AvroWriter): AvroWriter {
  return (out, value) => {
    if (value === null) {
      out.byte(0);
      return;
    }
    out.byte(2);
    write(out, value);
  };
}

/** One block of items, and the empty block that ends it. */
function arrayOf(write: AvroWriter): AvroWriter {
  return (out, value) => {
    if (!Array.isArray(value)) throw new NotOfSchema('not an array');
    if (value.length > 0) out.long(value.length);
    for (const item of value) write(out, item);
    out.byte(0);
  };
}

/** Writes a record of these fields. */
export function recordWriter(fields: readonly FieldWriter[]): AvroWriter {
  const valuesOf = propertyReader(fields.map(({ name }) => name));
  return (out, value) => {
    if (!isObject(value)) throw new NotOfSchema('not an object');
    const values = valuesOf(value);
    for (const [index, field] of fields.entries()) writeField(out, field, values[index]);
  };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unwritable(name: string): FatalError {
  return new FatalError('schema.invalid', {
    stage: 'encoding',
    message: `A schema cannot be used: it has the Avro type "${name}", which ommer does not write. Restore schemas/ from the release, or correct the file.`,
    context: { type: name },
  });
}
