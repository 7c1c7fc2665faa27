/**
 * Rows of one dataset as Avro bytes. It fills the derived decimal columns and says what is wrong
 * with a row that does not fit; it knows nothing of envelopes or topics.
 */
import { DataError } from '../model/errors.ts';
import type { Row } from '../model/event.ts';
import { propertyCount, propertyReader } from '../model/shapes.ts';
import {
  type AvroField,
  type AvroSchema,
  type AvroType,
  avroType,
  isOptional,
} from './avro-schema.ts';
import {
  type AvroWriter,
  FieldWriter,
  fieldWriters,
  NotOfSchema,
  writeField,
} from './avro-writer.ts';
import type { ByteWriter } from './byte-writer.ts';
import { canonicalText } from './canonical-text.ts';
import { type Dataset, decimalSuffix } from './dataset.ts';
import { decimalBytes, isSmallDecimal, unscaledText } from './decimal-bytes.ts';

/** Encodes the rows of one dataset, one at a time. */
export class RowEncoder {
  readonly #dataset: Dataset;
  readonly #type: AvroType;
  readonly #columns: readonly FieldWriter[];
  /** Of each column of the schema the value that it is made from. */
  readonly #values: (row: Row) => readonly unknown[];
  /** The columns that are not derived. */
  readonly #known: ReadonlySet<string>;
  /** Of them, those that may be null. */
  readonly optional: readonly string[];

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
    this.#type = avroType(dataset.row);
    const scales = dataset.row.fields.map(decimalScale);
    const sources = dataset.row.fields.map(({ name }, index) =>
      scales[index] === undefined ? name : name.slice(0, -decimalSuffix.length),
    );
    this.#columns = fieldWriters(dataset.row).map((field, index) => {
      const [scale, from = ''] = [scales[index], sources[index]];
      if (scale === undefined) return field;
      return new FieldWriter(field.name, this.#decimalWriter(from, scale), nothing);
    });
    this.#values = propertyReader(sources);
    this.#known = new Set(sources.filter((_, index) => scales[index] === undefined));
    this.optional = dataset.row.fields.flatMap(({ name, type }) =>
      this.#known.has(name) && isOptional(type) ? name : [],
    );
  }

  /**
   * Writes the row. A column that is missing takes its default. Throws `row.invalid` for a column that
   * is unknown or derived, or a value that does not fit; the message names dataset, column, value and
   * what was expected.
   */
  encode(row: Row, out: ByteWriter): void {
    const values = this.#values(row);
    if (values.includes(undefined) || propertyCount(row) > this.#known.size)
      this.#refuseUnknown(row);
    try {
      for (const [index, column] of this.#columns.entries()) writeField(out, column, values[index]);
    } catch (cause) {
      throw cause instanceof NotOfSchema ? this.#invalidValue(row, cause) : cause;
    }
  }

  /** Writes null for null, and for what has too many digits. */
  #decimalWriter(from: string, scale: number): AvroWriter {
    return (out, value) => {
      const unscaled = typeof value === 'string' ? unscaledText(value, scale) : null;
      if (unscaled === undefined || (typeof value !== 'string' && value !== null)) {
        throw this.#notDecimal(from, value, scale);
      }
      if (unscaled !== null && isSmallDecimal(unscaled)) {
        out.byte(2);
        out.unsigned(Number(unscaled));
        return;
      }
      const bytes = unscaled === null ? null : decimalBytes(unscaled);
      out.byte(bytes === null ? 0 : 2);
      if (bytes === null) return;
      out.long(bytes.length);
      out.raw(bytes);
    };
  }

  #notDecimal(from: string, value: unknown, scale: number): DataError {
    const expected =
      scale === 0
        ? 'integer as a string, without leading zeros'
        : 'number as a string, without needless zeros';
    return this.#error(from, value, `a decimal ${expected}`);
  }

  #refuseUnknown(row: Row): void {
    const unknown = Object.keys(row).find((name) => !this.#known.has(name));
    if (unknown === undefined) return;
    throw this.#error(unknown, row[unknown], `one of the columns ${[...this.#known].join(', ')}`);
  }

  #invalidValue(row: Row, cause: unknown): unknown {
    let found: DataError | undefined;
    const values = Object.fromEntries([...this.#known].map((name) => [name, row[name]]));
    this.#type.isValid(values, {
      errorHook: (path, value: unknown, type) => {
        const field = this.#dataset.row.fields.find(({ name }) => name === path[0]);
        const expected = field === undefined ? type.toString() : expectation(field.type);
        found ??= this.#error(path.join('.'), value, expected, cause);
      },
    });
    return found ?? cause;
  }

  #error(column: string, value: unknown, expected: string, cause?: unknown): DataError {
    const dataset = this.#dataset.name;
    const shown = showValue(value);
    return new DataError('row.invalid', {
      stage: 'encoding',
      message: `Row of ${dataset}: column "${column}" is ${shown}, expected ${expected}.`,
      cause,
      context: { dataset, column, value: shown, expected },
    });
  }
}

/** A column without a value. */
const nothing = Buffer.from([0]);

const shownCharactersMax = 120;

function showValue(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'bigint') return `${value}n`;
  const text = value === undefined ? 'missing' : (JSON.stringify(value) ?? String(value));
  return text.length > shownCharactersMax ? `${text.slice(0, shownCharactersMax)}…` : text;
}

function expectation(schema: AvroSchema): string {
  if (isOptional(schema)) return `null or ${expectation(schema[1])}`;
  if (schema === 'long') return 'long (a safe integer)';
  return typeof schema === 'string' ? schema : canonicalText(schema);
}

/** Of a derived column; undefined for others. Derived columns are nullable. */
function decimalScale(field: AvroField | undefined): number | undefined {
  if (field === undefined || !field.name.endsWith(decimalSuffix)) return undefined;
  const type = isOptional(field.type) ? field.type[1] : field.type;
  const isDecimal =
    typeof type === 'object' && 'logicalType' in type && type.logicalType === 'decimal';
  return isDecimal ? (type.scale ?? 0) : undefined;
}
