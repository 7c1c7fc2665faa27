/**
 * What a schema file may say, and what may change between two of its versions: every version must
 * read every other (FULL_TRANSITIVE), and a row's identity never changes. Pure: texts in, problems out.
 */
import type { Subject } from '../sources/source.ts';
import {
  type AvroField,
  type AvroRecord,
  type AvroSchema,
  avroType,
  isArray,
  isOptional,
  isRecord,
  parseRecordSchema,
} from './avro-schema.ts';
import { canonicalText } from './canonical-text.ts';
import { decimalSuffix, parseDataset } from './dataset.ts';
import { reservedNames } from './reserved-names.ts';

const snakeCase = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;
const printable = /^[\x20-\x7e]+$/;

/** True for the schemas of ommer's own records, which are not rows. */
function isCommon(subject: string): boolean {
  return subject.startsWith('common/');
}

/** What is wrong with a schema file by itself; empty when nothing is. */
export function problemsOfSchema(subject: Subject, text: string): readonly string[] {
  let schema: AvroRecord;
  try {
    schema = isCommon(subject) ? parseRecordSchema(text, subject) : parseDataset(subject, text).row;
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const fields = fieldsOf(schema, '');
  return [
    ...(printable.test(schema.doc) ? [] : ['the record has no doc in printable ASCII']),
    ...fields.flatMap(({ path, field }) => problemsOfField(path, field)),
    ...(isCommon(subject) ? [] : schema.fields.flatMap(problemsOfColumn)),
    ...(isCommon(subject) ? [] : orphanDecimals(schema)),
  ];
}

/** What forbids replacing one version by another, in either direction; empty when nothing does. */
export function problemsOfChange(
  subject: Subject,
  { before, after }: { readonly before: string; readonly after: string },
): readonly string[] {
  const older = parseRecordSchema(before, subject);
  const newer = parseRecordSchema(after, subject);
  const problems = [
    ...resolution('the new schema cannot read old records', newer, older),
    ...resolution('the old schema cannot read new records', older, newer),
    ...changedTypes(older, newer),
  ];
  // Which columns stay null is a matter of the source, and of no record that was written.
  const kept = (name: string, value: unknown) => (name === 'empty' ? undefined : value);
  const attributes = [before, after].map((text) => JSON.stringify(JSON.parse(text).ommer, kept));
  if (attributes[0] !== attributes[1]) {
    problems.push(`attribute "ommer" changed from ${attributes[0]} to ${attributes[1]}`);
  }
  return problems;
}

interface NamedField {
  readonly path: string;
  readonly field: AvroField;
}

function fieldsOf(schema: AvroSchema, path: string): readonly NamedField[] {
  if (isOptional(schema)) return fieldsOf(schema[1], path);
  if (isArray(schema)) return fieldsOf(schema.items, path);
  if (!isRecord(schema)) return [];
  return schema.fields.flatMap((field) => {
    const below = path === '' ? field.name : `${path}.${field.name}`;
    return [{ path: below, field }, ...fieldsOf(field.type, below)];
  });
}

function problemsOfField(path: string, field: AvroField): readonly string[] {
  const problems: string[] = [];
  if (!printable.test(field.doc)) problems.push(`field "${path}" has no doc in printable ASCII`);
  if (!snakeCase.test(field.name)) problems.push(`field "${path}" is not snake_case`);
  if (isOptional(field.type) && field.default !== null) {
    problems.push(`field "${path}" may be null but its default is not null`);
  }
  return problems;
}

function problemsOfColumn({ name, type }: AvroField): readonly string[] {
  const problems: string[] = [];
  if (reservedNames.has(name)) {
    problems.push(`column "${name}" has a name that an engine or the envelope reserves`);
  }
  const scalar = isOptional(type) ? type[1] : type;
  if (typeof scalar === 'object' && 'logicalType' in scalar) {
    const isDecimal = scalar.logicalType === 'decimal' && scalar.type === 'bytes';
    if (!isDecimal && scalar.logicalType !== 'timestamp-millis') {
      problems.push(`column "${name}" is ${scalar.logicalType}, which Flink misreads`);
    }
    if (isDecimal && !((scalar.precision ?? 0) <= 38)) {
      problems.push(`column "${name}" has more than 38 digits`);
    }
  }
  return problems;
}

function orphanDecimals({ fields }: AvroRecord): readonly string[] {
  const names = new Set(fields.map((field) => field.name));
  return fields.flatMap(({ name }) => {
    const from = name.slice(0, -decimalSuffix.length);
    if (!name.endsWith(decimalSuffix) || names.has(from)) return [];
    return [`column "${name}" has no column "${from}" to be derived from`];
  });
}

function resolution(problem: string, reader: AvroRecord, writer: AvroRecord): string[] {
  try {
    avroType(reader).createResolver(avroType(writer));
    return [];
  } catch (error) {
    return [`${problem}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

/** Avro resolution ignores logical types; a reader that knows them would misread old records. */
function changedTypes(older: AvroRecord, newer: AvroRecord): readonly string[] {
  const types = new Map(older.fields.map((field) => [field.name, canonicalText(field.type)]));
  return newer.fields.flatMap(({ name, type }) => {
    const before = types.get(name);
    const after = canonicalText(type);
    if (before === undefined || before === after || hasRecord(type)) return [];
    return [`column "${name}" changed its type from ${before} to ${after}`];
  });
}

function hasRecord(schema: AvroSchema): boolean {
  if (isOptional(schema)) return hasRecord(schema[1]);
  return isRecord(schema) || (isArray(schema) && hasRecord(schema.items));
}
