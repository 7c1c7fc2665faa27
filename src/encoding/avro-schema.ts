/**
 * Avro schemas as JSON values: the parts of the language that ommer's schemas may use, the checks
 * that hold them to it, and the one place that turns a schema into a type of the Avro library.
 */
import avro from 'avsc';
import { FatalError } from '../model/errors.ts';

/** A schema that ommer may register: no enums, no fixed, no unions but `["null", X]`. */
export type AvroSchema = string | AvroOptional | AvroRecord | AvroArray | AvroAnnotated;

/** A nullable value. */
export type AvroOptional = readonly ['null', AvroSchema];

export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly namespace?: string;
  readonly doc: string;
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly doc: string;
  readonly default?: null | boolean | number | string | readonly [];
}

export interface AvroArray {
  readonly type: 'array';
  readonly items: AvroSchema;
}

/** A primitive with a meaning: `timestamp-millis`, or a decimal in `bytes`. */
export interface AvroAnnotated {
  readonly type: string;
  readonly logicalType: string;
  readonly precision?: number;
  readonly scale?: number;
}

const primitives = new Set([
  'null',
  'boolean',
  'int',
  'long',
  'float',
  'double',
  'bytes',
  'string',
]);

/** True for the name of a primitive type. */
function isPrimitive(name: string): boolean {
  return primitives.has(name);
}

/** True for `["null", X]`. */
export function isOptional(schema: AvroSchema): schema is AvroOptional {
  return Array.isArray(schema);
}

/** True for a record definition (not for a reference to one). */
export function isRecord(schema: AvroSchema): schema is AvroRecord {
  return typeof schema === 'object' && !isOptional(schema) && schema.type === 'record';
}

/** True for an array. */
export function isArray(schema: AvroSchema): schema is AvroArray {
  return typeof schema === 'object' && !isOptional(schema) && schema.type === 'array';
}

/** The type of a compiled schema, for the files that hold one. */
export type AvroType = avro.Type;

/**
 * Compiles a schema. Unions take plain values (null or the value). Throws `schema.invalid` for
 * anything the Avro library refuses.
 */
export function avroType(schema: AvroSchema): AvroType {
  try {
    return avro.Type.forSchema(structuredClone(schema) as avro.Schema, {
      wrapUnions: 'never',
      omitRecordMethods: true,
    });
  } catch (cause) {
    throw new FatalError('schema.invalid', {
      stage: 'encoding',
      message: `The Avro library refuses a schema: ${String(cause)}.`,
      cause,
    });
  }
}

/**
 * Reads a record schema from its text. Throws `schema.invalid`, naming `where`, for anything that
 * is not a record or uses a part of Avro that ommer does not.
 */
export function parseRecordSchema(text: string, where: string): AvroRecord {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw invalid(where, `it is not JSON (${String(cause)})`, cause);
  }
  const schema = checkSchema(parsed, where);
  if (!isRecord(schema)) throw invalid(where, 'its outermost type is not a record');
  return schema;
}

/** What may stand in a schema's JSON object, before it is checked. */
interface RawSchema {
  readonly type?: unknown;
  readonly name?: unknown;
  readonly namespace?: unknown;
  readonly doc?: unknown;
  readonly fields?: unknown;
  readonly items?: unknown;
  readonly default?: unknown;
  readonly logicalType?: unknown;
  readonly precision?: unknown;
  readonly scale?: unknown;
}

function checkSchema(value: unknown, where: string): AvroSchema {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return checkOptional(value, where);
  const object = asObject(value, where);
  if (object.type === 'record') return checkRecord(object, where);
  if (object.type === 'array') {
    return { type: 'array', items: checkSchema(object.items, where) };
  }
  return checkAnnotated(object, where);
}

function checkOptional(value: readonly unknown[], where: string): AvroOptional {
  if (value.length !== 2 || value[0] !== 'null') {
    throw invalid(where, `${JSON.stringify(value)} is a union other than ["null", X]`);
  }
  return ['null', checkSchema(value[1], where)];
}

function checkRecord(object: RawSchema, where: string): AvroRecord {
  const name = asString(object.name, `${where}: record name`);
  const namespace = object.namespace;
  const fields = object.fields;
  if (!Array.isArray(fields)) throw invalid(where, `record ${name} has no list of fields`);
  return {
    type: 'record',
    name,
    ...(namespace === undefined ? {} : { namespace: asString(namespace, where) }),
    doc: asString(object.doc ?? '', where),
    fields: fields.map((field) => checkField(asObject(field, where), `${where}.${name}`)),
  };
}

function checkField(object: RawSchema, where: string): AvroField {
  const name = asString(object.name, `${where}: field name`);
  const field = {
    name,
    type: checkSchema(object.type, `${where}.${name}`),
    doc: asString(object.doc ?? '', where),
  };
  if (!('default' in object)) return field;
  const value = object.default;
  if (value === null || typeof value === 'boolean') return { ...field, default: value };
  if (typeof value === 'number' || typeof value === 'string') return { ...field, default: value };
  if (Array.isArray(value) && value.length === 0) return { ...field, default: [] };
  throw invalid(`${where}.${name}`, `its default ${JSON.stringify(value)} is not a plain value`);
}

function checkAnnotated(object: RawSchema, where: string): AvroSchema {
  const type = asString(object.type, where);
  if (!isPrimitive(type)) {
    throw invalid(where, `type "${type}" is not used here: some engines cannot read it`);
  }
  if (object.logicalType === undefined) return type;
  const logicalType = asString(object.logicalType, where);
  if (logicalType !== 'decimal') return { type, logicalType };
  return {
    type,
    logicalType,
    precision: Number(object.precision),
    scale: Number(object.scale ?? 0),
  };
}

function asObject(value: unknown, where: string): RawSchema {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as RawSchema;
  }
  throw invalid(where, `${JSON.stringify(value)} is not an object`);
}

function asString(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  throw invalid(where, `${JSON.stringify(value)} is not a string`);
}

function invalid(where: string, problem: string, cause?: unknown): FatalError {
  return new FatalError('schema.invalid', {
    stage: 'encoding',
    message: `Schema ${where} cannot be used: ${problem}. Restore schemas/ from the release, or correct the file.`,
    cause,
    context: { schema: where },
  });
}
