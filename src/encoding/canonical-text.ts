/**
 * The text under which a schema is registered: exactly what Avro-Java's `Schema.toString()` gives.
 * Kafka Connect and ksqlDB look a schema up again by that text, and a registry that compares text
 * answers "not found" to any other: they then skip every record without an error.
 */
import {
  type AvroAnnotated,
  type AvroField,
  type AvroRecord,
  type AvroSchema,
  isArray,
  isOptional,
  isRecord,
} from './avro-schema.ts';

/**
 * Compact JSON in Avro-Java's attribute order: docs and defaults kept, a namespace written only
 * where it differs from the enclosing one. The same schema always gives the same text.
 */
export function canonicalText(schema: AvroSchema): string {
  return textOf(schema, undefined);
}

function textOf(schema: AvroSchema, namespace: string | undefined): string {
  if (typeof schema === 'string') return JSON.stringify(shortName(schema, namespace));
  if (isOptional(schema)) return `["null",${textOf(schema[1], namespace)}]`;
  if (isRecord(schema)) return recordText(schema, namespace);
  if (isArray(schema)) return `{"type":"array","items":${textOf(schema.items, namespace)}}`;
  return annotatedText(schema);
}

function recordText(schema: AvroRecord, enclosing: string | undefined): string {
  const namespace = schema.namespace ?? enclosing;
  const parts = ['"type":"record"', `"name":${JSON.stringify(schema.name)}`];
  if (namespace !== enclosing) parts.push(`"namespace":${JSON.stringify(namespace)}`);
  if (schema.doc !== '') parts.push(`"doc":${JSON.stringify(schema.doc)}`);
  parts.push(`"fields":[${schema.fields.map((field) => fieldText(field, namespace)).join(',')}]`);
  return `{${parts.join(',')}}`;
}

function fieldText(field: AvroField, namespace: string | undefined): string {
  const parts = [`"name":${JSON.stringify(field.name)}`, `"type":${textOf(field.type, namespace)}`];
  if (field.doc !== '') parts.push(`"doc":${JSON.stringify(field.doc)}`);
  if (field.default !== undefined) parts.push(`"default":${JSON.stringify(field.default)}`);
  return `{${parts.join(',')}}`;
}

function annotatedText(schema: AvroAnnotated): string {
  const parts = [`"type":"${schema.type}"`, `"logicalType":"${schema.logicalType}"`];
  if (schema.precision !== undefined) parts.push(`"precision":${schema.precision}`);
  if (schema.scale !== undefined) parts.push(`"scale":${schema.scale}`);
  return `{${parts.join(',')}}`;
}

function shortName(name: string, namespace: string | undefined): string {
  return namespace !== undefined && name.startsWith(`${namespace}.`)
    ? name.slice(namespace.length + 1)
    : name;
}
