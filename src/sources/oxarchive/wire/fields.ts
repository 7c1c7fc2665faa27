/**
 * Members of a wire row as values of a message: exact, and under any of the names and forms that the
 * venues write them in (reference sections 4.5 and 4.15). The first name of a list is the one errors show.
 */
import { canonicalJson } from '../../canonical-json.ts';
import { canonicalDecimal } from '../../decimal.ts';
import { canonicalSymbol } from '../markets.ts';
import type { Side } from '../messages.ts';
import { type RowsContext, refusal, type WireFields } from './reading.ts';

/** Reads the members of one row. */
export class RowFields {
  readonly row: WireFields;
  readonly #context: RowsContext;

  constructor(row: WireFields, context: RowsContext) {
    this.row = row;
    this.#context = context;
  }

  /** The members of an object within the row. */
  inner(row: WireFields): RowFields {
    return new RowFields(row, this.#context);
  }

  /** The value under the first of these names that has one; undefined for none. */
  value(names: readonly string[]): unknown {
    for (const name of names) {
      const value = this.row[name];
      if (value !== undefined && value !== null && value !== '') return value;
    }
    return undefined;
  }

  /** A number of any size and sign as canonical decimal text; null when absent. */
  decimal(names: readonly string[]): string | null {
    const value = this.value(names);
    if (value === undefined) return null;
    const text = canonicalDecimal(value);
    if (text === undefined) throw this.#wrongNumber(names, value);
    return text;
  }

  /** A price or quantity: a number that is there and not below zero. */
  amount(names: readonly string[]): string {
    const value = this.value(names);
    const text = canonicalDecimal(value);
    if (text === undefined) throw this.#wrongNumber(names, value);
    if (text.startsWith('-')) throw this.#negative(names, value);
    return text;
  }

  /** A price or quantity; null when absent. */
  optionalAmount(names: readonly string[]): string | null {
    return this.value(names) === undefined ? null : this.amount(names);
  }

  /** A whole number that is there, within the safe integers and not below zero. */
  integer(names: readonly string[]): number {
    const value = this.value(names);
    const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
    throw this.wrong(names, 'a whole number from 0 to 2^53 - 1');
  }

  /** A whole number; null when absent. */
  optionalInteger(names: readonly string[]): number | null {
    return this.value(names) === undefined ? null : this.integer(names);
  }

  /** Text, also of ids that some venues write as numbers; null when absent. */
  text(names: readonly string[]): string | null {
    const value = this.value(names);
    if (value === undefined) return null;
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return String(value);
    throw this.wrong(names, 'text');
  }

  /** Text that is there. */
  requiredText(names: readonly string[]): string {
    const text = this.text(names);
    if (text === null) throw this.wrong(names, 'text');
    return text;
  }

  /** A truth value; null when absent. */
  flag(names: readonly string[]): boolean | null {
    const value = this.value(names);
    if (value === undefined) return null;
    if (typeof value === 'boolean') return value;
    throw this.wrong(names, 'true or false');
  }

  /** Side A sells, side B buys; an old form writes S for A. */
  side(): Side {
    const word = String(this.row['side']);
    const side = Object.hasOwn(sides, word) ? sides[word] : undefined;
    if (side === undefined) throw this.wrong(['side'], 'A or B');
    return side;
  }

  /** Of the row, else of its envelope. */
  eventTime(): number {
    const value = this.value(timeNames);
    const timeMs = value === undefined ? this.#context.envelopeTimeMs : timeMsOf(value);
    if (timeMs === null || timeMs === undefined) throw this.wrong(timeNames, timeExpected);
    this.#checkNotAhead(timeMs, value);
    return timeMs;
  }

  /** Whether the row is of the market that the frame is of; rows may leave that out. */
  checkSymbol(): void {
    const symbol = this.value(symbolNames);
    const { venue } = this.#context;
    // Spot rows may carry the venue's internal name of the pair.
    if (symbol === undefined || venue === 'spot') return;
    if (typeof symbol !== 'string' || canonicalSymbol(venue, symbol) !== this.#context.symbol) {
      throw this.wrong(symbolNames, this.#context.symbol);
    }
  }

  /** Members outside `known`, as canonical JSON in snake_case names; null when there are none. */
  details(known: ReadonlySet<string>): string | null {
    let details: Record<string, unknown> | undefined;
    for (const name in this.row) {
      if (known.has(name)) continue;
      const value = this.row[name];
      if (value === null || value === undefined || value === '') continue;
      details ??= {};
      details[snakeCase(name)] = value;
    }
    if (details === undefined) return null;
    try {
      return canonicalJson(details);
    } catch (error) {
      // Nested deeper than the stack is: no reason to take the source down.
      if (error instanceof RangeError)
        throw this.wrong(['details'], 'JSON that is not nested deep');
      throw error;
    }
  }

  /** The error of a member. */
  wrong(names: readonly string[], expected: string): Error {
    const [field = ''] = names;
    const value = this.value(names);
    return refusal({ context: this.#context, field, value, expected, row: this.row });
  }

  #wrongNumber([field = '']: readonly string[], value: unknown): Error {
    const expected = 'a decimal number';
    const code = 'market.number_invalid';
    return refusal({ context: this.#context, field, value, expected, row: this.row, code });
  }

  #negative([field = '']: readonly string[], value: unknown): Error {
    const expected = 'a number not below zero';
    const code = 'market.negative_amount';
    return refusal({ context: this.#context, field, value, expected, row: this.row, code });
  }

  #checkNotAhead(timeMs: number, value: unknown): void {
    const latestMs = this.#context.receivedAtMs + this.#context.aheadMsMax;
    if (timeMs <= latestMs) return;
    const expected = `a time not after ${new Date(latestMs).toISOString()}`;
    const code = 'market.time_in_future';
    const context = this.#context;
    throw refusal({ context, field: 'time', value, expected, row: this.row, code });
  }
}

/** Names that the time and the symbol of any row may have. */
export const timeNames = ['time', 'timestamp_ms', 'timestampMs', 'timestamp', 'ts'];
export const symbolNames = ['coin', 'symbol'];

const timeExpected = 'milliseconds since the epoch, or an ISO 8601 time with its zone';
const zonedTime = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
/** Seconds and microseconds taken for milliseconds would be outside. */
const [earliestMs, endMs] = [Date.UTC(2001, 8, 9, 1, 46, 40), 1e14];

/** A time of the wire in milliseconds; undefined for what is none. */
export function timeMsOf(value: unknown): number | undefined {
  const timeMs =
    typeof value === 'string'
      ? zonedTime.test(value)
        ? Date.parse(value)
        : Number(/^\d+$/.test(value) ? value : Number.NaN)
      : value;
  if (typeof timeMs !== 'number' || !Number.isSafeInteger(timeMs)) return undefined;
  return timeMs >= earliestMs && timeMs < endMs ? timeMs : undefined;
}

const sides: Readonly<Record<string, Side>> = {
  A: 'sell',
  S: 'sell',
  sell: 'sell',
  ask: 'sell',
  B: 'buy',
  buy: 'buy',
  bid: 'buy',
};

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
