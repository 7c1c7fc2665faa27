/**
 * Where the row lies in a changelog value, and what stands around it, for one writer's schema. A
 * retraction is made from the schema its insert was written with, which may be an older one.
 */
import { FatalError } from '../model/errors.ts';
import {
  type AvroField,
  type AvroRecord,
  type AvroSchema,
  type AvroType,
  avroType,
  isOptional,
  isRecord,
  parseRecordSchema,
} from './avro-schema.ts';
import { type AvroWriter, avroWriter } from './avro-writer.ts';
import { basicColumns, marketColumns } from './dataset.ts';
import { flatTail } from './envelope.ts';

/** Confluent wire format: a zero byte and the schema id, four bytes big-endian. */
export const headerBytes = 5;

/** Writes the wire format's header at the start of `target`. */
export function writeHeader(target: Buffer, schemaId: number): void {
  target[0] = 0;
  target.writeInt32BE(schemaId, 1);
}

/** Id in the wire format's header; undefined when the bytes do not begin with one. */
export function schemaIdOf(bytes: Buffer | null): number | undefined {
  if (bytes === null || bytes.length < headerBytes || bytes[0] !== 0) return undefined;
  return bytes.readInt32BE(1);
}

/** What stands before and after the row. Row and tail are whole Avro records, so bytes concatenate. */
export interface ValueLayout {
  readonly envelope: 'flat' | 'debezium';
  readonly dataset: string;
  /** Bytes between the wire header and the row, and between the row and the tail. */
  readonly insert: Frame;
  readonly retraction: Frame;
  /** Writes the tail: its fields by name. */
  readonly writeTail: AvroWriter;
  /** The row as its writer declared it. */
  readonly row: AvroRecord;
  readonly rowType: AvroType;
  /** Reads the basic columns of a row and where the row ends. */
  readBasics(value: Buffer, rowStart: number): RowBasics;
  /** Reads the tail: its fields by name. Throws what the Avro library throws. */
  readTail(value: Buffer, position: number): Readonly<Record<string, unknown>>;
}

export interface Frame {
  readonly beforeRow: Buffer;
  readonly afterRow: Buffer;
}

export interface RowBasics {
  readonly chain: string;
  /** 0 for market data. */
  readonly height: number;
  /** Null for market data, which has no blocks. */
  readonly blockHash: string | null;
  /** Of the block, or of the row itself. */
  readonly timeMs: number;
  readonly rowEnd: number;
}

const nothing = Buffer.alloc(0);
/** Branches of a union `["null", X]` as Avro writes them. */
const isNull = Buffer.from([0]);
const isPresent = Buffer.from([2]);
const isNullThenPresent = Buffer.from([0, 2]);

/**
 * Layout of the values written with this schema text. Throws `schema.invalid` when it is not a
 * changelog schema.
 */
export function parseValueLayout(text: string): ValueLayout {
  return layoutOf(parseRecordSchema(text, 'of a changelog value'));
}

/** Layout of the values written with this schema. Throws `schema.invalid` like `parseValueLayout`. */
export function layoutOf(schema: AvroRecord): ValueLayout {
  const dataset = schema.namespace?.slice('ommer.'.length) ?? '';
  const before = schema.fields[0];
  if (before?.name === 'before') {
    return {
      envelope: 'debezium',
      dataset,
      insert: { beforeRow: isNullThenPresent, afterRow: nothing },
      retraction: { beforeRow: isPresent, afterRow: isNull },
      ...readers(nestedRow(before), { ...schema, fields: schema.fields.slice(2) }),
    };
  }
  const tailStart = schema.fields.findIndex((field) => field.name === flatTail[0]?.name);
  if (tailStart < 0) throw notAChangelog(schema.name);
  const frame = { beforeRow: nothing, afterRow: nothing };
  return {
    envelope: 'flat',
    dataset,
    insert: frame,
    retraction: frame,
    ...readers(
      { ...schema, fields: schema.fields.slice(0, tailStart) },
      { ...schema, fields: schema.fields.slice(tailStart) },
    ),
  };
}

function nestedRow(before: AvroField): AvroRecord {
  const type: AvroSchema = isOptional(before.type) ? before.type[1] : before.type;
  if (isRecord(type)) return type;
  throw notAChangelog('before');
}

type Readers = Pick<ValueLayout, 'writeTail' | 'row' | 'rowType' | 'readBasics' | 'readTail'>;

function readers(row: AvroRecord, tailSchema: AvroRecord): Readers {
  const rowType = avroType(row);
  const isMarket = row.fields[1]?.name === marketColumns[1];
  const first: readonly string[] = isMarket ? marketColumns : basicColumns;
  const wanted = first.map((name) => row.fields.find((field) => field.name === name));
  const basics = avroType({ ...row, fields: wanted.filter((field) => field !== undefined) });
  const resolver = basics.createResolver(rowType);
  const tail = avroType(tailSchema);
  return {
    writeTail: avroWriter(tailSchema),
    row,
    rowType,
    readBasics(value, rowStart) {
      const { value: found, offset } = basics.decode(value, rowStart, resolver);
      if (offset < 0) throw new RangeError('the row is cut short');
      return {
        chain: found.chain,
        height: found.height ?? 0,
        blockHash: found.block_hash ?? null,
        timeMs: isMarket ? found.event_time : found.block_time,
        rowEnd: offset,
      };
    },
    readTail(value, position) {
      const { value: found, offset } = tail.decode(value, position);
      if (offset < 0) throw new RangeError('the envelope is cut short');
      return found;
    },
  };
}

function notAChangelog(name: string): FatalError {
  return new FatalError('schema.invalid', {
    stage: 'encoding',
    message: `The registered schema "${name}" is not one of a changelog that ommer writes. Another program wrote to the topic: give ommer topics of its own.`,
    context: { schema: name },
  });
}
