/**
 * Rows of one dataset as Avro bytes. It fills the derived decimal columns and says what is wrong
 * with a row that does not fit; it knows nothing of envelopes or topics.
 */
import { DataError } from '../model/errors.ts';
import type { Row, RowValue } from '../model/event.ts';
import { type AvroSchema, type AvroType, avroType, isOptional } from './avro-schema.ts';
import { canonicalText } from './canonical-text.ts';
import { type Dataset, decimalSuffix } from './dataset.ts';
import { decimalBytes, unscaledText } from './decimal-bytes.ts';
import type { ScratchBuffer } from './scratch-buffer.ts';

interface Decimal {
  readonly column: string;
  readonly from: string;
  readonly scale: number;
}

/** Encodes the rows of one dataset, one at a time. */
export class RowEncoder {
  readonly #dataset: Dataset;
  readonly #type: AvroType;
  readonly #columns: readonly string[];
  readonly #known: ReadonlySet<string>;
  readonly #decimals: readonly Decimal[];
  /** Reused for every row: a fixed shape keeps the generated writer fast. */
  readonly #values: Record<string, RowValue | undefined>;

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
    this.#type = avroType(dataset.row);
    const names = dataset.row.fields.map((field) => field.name);
    this.#decimals = dataset.row.fields.flatMap(({ name, type }) => {
      const scale = name.endsWith(decimalSuffix) ? scaleOf(type) : undefined;
      const from = name.slice(0, -decimalSuffix.length);
      return scale === undefined ? [] : [{ column: name, from, scale }];
    });
    const derived = new Set(this.#decimals.map((decimal) => decimal.column));
    this.#columns = names.filter((name) => !derived.has(name));
    this.#known = new Set(this.#columns);
    // Not column by column: V8 makes a slow dictionary of an object that grows by computed names.
    this.#values = Object.fromEntries(names.map((name) => [name, undefined]));
  }

  /**
   * Encodes at `position` and returns where the row ends. A column that is missing takes its
   * default. Throws `row.invalid` for a column that is unknown or derived, or a value that does
   * not fit; the message names dataset, column, value and what was expected.
   */
  encode(row: Row, scratch: ScratchBuffer, position: number): number {
    for (const name in row) if (!this.#known.has(name)) throw this.#unknownColumn(name, row);
    const values = this.#values;
    for (const name of this.#columns) values[name] = row[name];
    for (const decimal of this.#decimals) {
      values[decimal.column] = this.#decimalOf(decimal, row[decimal.from]);
    }
    try {
      return scratch.put(this.#type, values, position);
    } catch (cause) {
      throw this.#invalidValue(cause);
    }
  }

  #decimalOf({ from, scale }: Decimal, value: RowValue | undefined): Buffer | null {
    if (value === null || value === undefined) return null;
    const unscaled = typeof value === 'string' ? unscaledText(value, scale) : undefined;
    if (unscaled === null) return null;
    if (unscaled !== undefined) return decimalBytes(unscaled);
    const expected =
      scale === 0
        ? 'integer as a string, without leading zeros'
        : 'number as a string, without needless zeros';
    throw this.#error(from, value, `a decimal ${expected}`);
  }

  #unknownColumn(name: string, row: Row): DataError {
    return this.#error(name, row[name], `one of the columns ${this.#columns.join(', ')}`);
  }

  #invalidValue(cause: unknown): unknown {
    let found: DataError | undefined;
    this.#type.isValid(this.#values, {
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

/** Of a decimal column. */
function scaleOf(schema: AvroSchema): number | undefined {
  const type = isOptional(schema) ? schema[1] : schema;
  const isDecimal =
    typeof type === 'object' && 'logicalType' in type && type.logicalType === 'decimal';
  return isDecimal ? (type.scale ?? 0) : undefined;
}
