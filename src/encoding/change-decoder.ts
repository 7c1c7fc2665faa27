/**
 * Decodes rows of any of ommer's topics by the schema they were written with. Rows of known datasets
 * come in the form of this version's schema, whatever version wrote them.
 */

import { DataError } from '../model/errors.ts';
import type { Subject } from '../sources/source.ts';
import {
  type AvroField,
  type AvroRecord,
  type AvroType,
  avroType,
  isOptional,
  isRecord,
  parseRecordSchema,
} from './avro-schema.ts';
import { type Dataset, decimalSuffix, loadDataset } from './dataset.ts';
import { flatTail, upsertTail } from './envelope.ts';
import { schemaDirectory } from './schema-files.ts';
import { subjectsIn } from './schema-history.ts';
import { headerBytes, schemaIdOf } from './value-layout.ts';

/** A row by column name. Longs are numbers, amounts are decimal strings. */
export type DecodedRow = Readonly<Record<string, unknown>>;

/** What one record says. */
export interface DecodedChange {
  readonly isRetraction: boolean;
  readonly row: DecodedRow;
  readonly eventId: string;
  readonly incarnation: number;
  readonly reorgId: string | null;
  /** When the record was made, milliseconds. */
  readonly madeAtMs: number;
}

/** Where a record lies. */
export interface ChangePlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: Buffer | null;
}

interface RowReader {
  /** Datasets whose rows these can be; empty for one that is not known. */
  readonly subjects: readonly Subject[];
  read(value: Buffer): DecodedChange;
}

/** Fields of a tail in any envelope. */
interface Tail {
  readonly op?: string;
  readonly event_id: string;
  readonly incarnation: number;
  readonly ts_ms: number;
  readonly reorg_id?: string | null;
  readonly reorg?: { readonly id: string } | null;
}

/** Looks each schema id up once. */
export class ChangeDecoder {
  readonly #schemaById: (id: number) => Promise<string>;
  readonly #readers = new Map<number, RowReader>();
  readonly #accepts: (topic: string, subjects: readonly Subject[]) => boolean;

  /** `accepts` says whether rows of one of these datasets may lie on the topic; none is an unknown one. */
  constructor(
    schemaById: (id: number) => Promise<string>,
    accepts: (topic: string, subjects: readonly Subject[]) => boolean = () => true,
  ) {
    this.#schemaById = schemaById;
    this.#accepts = accepts;
  }

  /**
   * What the record says; a promise only when its schema id is met for the first time. Throws
   * `consumer.foreign_record` for a record that ommer did not write or of another dataset, and what
   * the registry throws (`registry.unknown_schema_id`).
   */
  decode(record: ChangePlace): DecodedChange | Promise<DecodedChange> {
    const id = schemaIdOf(record.value);
    if (record.value === null || id === undefined) {
      throw foreign(record, record.value === null ? 'it has no value' : 'it has no schema id');
    }
    const reader = this.#readers.get(id);
    if (reader !== undefined) return this.#read(reader, record, record.value);
    const { value } = record;
    return this.#schemaById(id).then((text) => {
      const loaded = this.#readers.get(id) ?? rowReader(text, record);
      this.#readers.set(id, loaded);
      return this.#read(loaded, record, value);
    });
  }

  #read(reader: RowReader, record: ChangePlace, value: Buffer): DecodedChange {
    if (!this.#accepts(record.topic, reader.subjects)) {
      throw foreign(record, `its rows are of ${reader.subjects.join(' or ')}`);
    }
    try {
      return reader.read(value);
    } catch (cause) {
      throw foreign(record, String(cause), cause);
    }
  }
}

function rowReader(text: string, record: ChangePlace): RowReader {
  try {
    return readerOf(parseRecordSchema(text, 'of a row'));
  } catch (cause) {
    throw foreign(record, 'its schema is not one of ommer', cause);
  }
}

function readerOf(schema: AvroRecord): RowReader {
  const [before] = schema.fields;
  if (before?.name === 'before') return debeziumReader(schema, before);
  const start = schema.fields.findIndex(
    ({ name }) => name === flatTail[0]?.name || name === upsertTail[0]?.name,
  );
  if (start < 1) throw new TypeError('it has no envelope of ommer');
  const part = (fields: readonly AvroField[]): AvroRecord => ({ ...schema, fields });
  const row = rowTypes(part(schema.fields.slice(0, start)));
  const tail = avroType(part(schema.fields.slice(start)));
  return {
    subjects: row.subjects,
    read: (value) => changeOf(row, tail, { value, rowStart: headerBytes, afterRow: 0 }),
  };
}

function debeziumReader(schema: AvroRecord, before: AvroField): RowReader {
  const type = isOptional(before.type) ? before.type[1] : before.type;
  if (!isRecord(type)) throw new TypeError('before is not a row');
  const row = rowTypes({ ...type, namespace: schema.namespace ?? '' });
  const tail = avroType({ ...schema, fields: schema.fields.slice(2) });
  return {
    subjects: row.subjects,
    read: (value) => {
      // Branches of the unions: null is 0, the row is 2.
      const isBefore = value[headerBytes] === 2;
      if (!isBefore && value[headerBytes + 1] !== 2) throw new RangeError('it has no row');
      const rowStart = headerBytes + (isBefore ? 1 : 2);
      return changeOf(row, tail, { value, rowStart, afterRow: isBefore ? 1 : 0 });
    },
  };
}

interface RowTypes {
  readonly subjects: readonly Subject[];
  readonly reader: AvroType;
  readonly resolver: ReturnType<AvroType['createResolver']>;
}

function changeOf(
  { reader, resolver }: RowTypes,
  tailType: AvroType,
  at: { readonly value: Buffer; readonly rowStart: number; readonly afterRow: number },
): DecodedChange {
  const { value: row, offset } = reader.decode(at.value, at.rowStart, resolver);
  if (offset < 0) throw new RangeError('the row is cut short');
  const { value, offset: end } = tailType.decode(at.value, offset + at.afterRow);
  if (end !== at.value.length) throw new RangeError('its length does not fit its schema');
  const tail: Tail = value;
  return {
    isRetraction: tail.op === 'd',
    row,
    eventId: tail.event_id,
    incarnation: tail.incarnation,
    reorgId: tail.reorg_id ?? tail.reorg?.id ?? null,
    madeAtMs: tail.ts_ms,
  };
}

/** The row as readers get it: without the decimals that repeat a text. */
export function readerSchema(row: AvroRecord): AvroRecord {
  const names = new Set(row.fields.map(({ name }) => name));
  const isRepeated = ({ name }: AvroField): boolean =>
    name.endsWith(decimalSuffix) && names.has(name.slice(0, -decimalSuffix.length));
  return { ...row, fields: row.fields.filter((field) => !isRepeated(field)) };
}

function rowTypes(writer: AvroRecord): RowTypes {
  const written = avroType(writer);
  const name = writer.namespace?.slice('ommer.'.length) ?? '';
  for (const { dataset, subjects } of candidates(name, writer)) {
    const known = readerSchema(dataset.row);
    const reader = avroType({ ...known, name: writer.name, namespace: writer.namespace ?? '' });
    try {
      return { subjects, reader, resolver: reader.createResolver(written) };
    } catch {
      // Not the dataset it was written as, though it has its name.
    }
  }
  const reader = avroType(readerSchema(writer));
  return { subjects: [], reader, resolver: reader.createResolver(written) };
}

/** Subjects of all rows that this version knows. */
export function rowSubjects(): readonly Subject[] {
  return subjectsIn(schemaDirectory).filter((subject) => !subject.startsWith('common/'));
}

/**
 * Datasets of this name, the most alike first, each with those that are as alike: kinds of source share
 * names, and some share their columns too.
 */
function candidates(name: string, writer: AvroRecord) {
  const written = new Set(writer.fields.map((field) => field.name));
  const likeness = ({ row }: Dataset): number => {
    const shared = row.fields.filter((field) => written.has(field.name)).length;
    return shared / (written.size + row.fields.length - shared);
  };
  const named = rowSubjects()
    .filter((subject) => subject.endsWith(`/${name}`))
    .map((subject) => loadDataset(subject))
    .map((dataset) => ({ dataset, likeness: likeness(dataset) }));
  return named
    .sort((a, b) => b.likeness - a.likeness)
    .map(({ dataset, likeness: own }) => ({
      dataset,
      subjects: named
        .filter((other) => other.likeness === own)
        .map((other) => other.dataset.subject),
    }));
}

function foreign({ topic, partition, offset, value }: ChangePlace, why: string, cause?: unknown) {
  return new DataError('consumer.foreign_record', {
    stage: 'encoding',
    message: `Record ${topic}/${partition}@${offset} is not a row that ommer wrote there: ${why}. Another program wrote to the topic, or it is a topic of another kind: check the name, and give ommer topics of its own.`,
    cause,
    context: { topic, partition, offset },
    ...(value === null ? {} : { raw: value }),
  });
}
