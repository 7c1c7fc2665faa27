/**
 * Values of the wire as values of columns, exact: the encodings of reference section 4.5, taken
 * liberally where the documents differ. What is not of its form gives undefined.
 */
import type { RowValue } from '../../../model/event.ts';
import { canonicalJson } from '../../canonical-json.ts';
import { canonicalDecimal } from '../../decimal.ts';
import type { Form, Member } from '../tables/table.ts';

/** One value that is not null. */
type Convert = (value: unknown) => RowValue | undefined;

/** What the value of a member should have been, for messages. */
export function expectationOf({ form, isList, sizeBytes }: Member): string {
  const bytes = sizeBytes === null ? 'whole bytes' : `${sizeBytes} bytes`;
  const one = form === 'hex' || form === 'hash' ? `hex of ${bytes}` : expected[form];
  return isList ? `a list of ${one}` : one;
}

/** How the values of a member are converted. Null is the caller's. */
export function conversionOf(member: Member): Convert {
  const { form, isList } = member;
  const convert = conversionOfOne(member);
  if (isList) return listOf(convert, form === 'numeric' || form === 'uint');
  return member.sizeBytes === null ? convert : orNull(convert);
}

/** No bytes where there must be some number of them: how the absence of an address is told is open. */
function orNull(convert: Convert): Convert {
  return (value) => (value === '' || value === '0x' ? null : convert(value));
}

function conversionOfOne({ form, sizeBytes }: Member): Convert {
  if (form === 'hex' || form === 'hash') return remembering(hexOf(sizeBytes));
  return form === 'time' || form === 'block_time' ? remembering(timeOf) : conversions[form];
}

const expected: Readonly<Record<Exclude<Form, 'hex' | 'hash'>, string>> = {
  height: 'a height',
  block_time: 'an ISO 8601 time with its zone',
  chain_id: 'a chain id',
  long: 'a whole number within 2^53',
  uint: 'a whole number, not negative, as a number or digits',
  numeric: 'a decimal number, as a number or digits',
  text: 'text',
  handle: 'text',
  flag: 'true or false',
  time: 'an ISO 8601 time with its zone',
  json: 'JSON that is not nested too deep',
  transfer_type: 'a transfer type from 0 to 4, or its name',
};

/** Names of the kinds of transfers, by BlockDB's numbers for them. */
export const transferTypes: readonly string[] = [
  'native_tx',
  'native_internal',
  'erc20',
  'erc721',
  'erc1155',
];
const zonedTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const digits = /^-?\d+$/;
const prefixedHex = /^(?:0x)?[0-9a-fA-F]+$/;
const hexDigits = /^[0-9a-fA-F]*$/;

function longOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && digits.test(value) ? Number(value) : value;
  // Minus zero has other bytes than zero.
  return Number.isSafeInteger(number) ? (number as number) + 0 : undefined;
}

function uintOf(value: unknown): string | undefined {
  const text = canonicalDecimal(value);
  return text === undefined || text.startsWith('-') || text.includes('.') ? undefined : text;
}

/** Remembers the last text: rows that follow one another mostly have the same block, time or transaction. */
function remembering(convert: (text: string) => RowValue | undefined): Convert {
  let last = '';
  let converted = convert(last);
  return (value) => {
    if (typeof value !== 'string') return undefined;
    if (value !== last) {
      converted = convert(value);
      last = value;
    }
    return converted;
  };
}

function timeOf(text: string): number | undefined {
  if (!zonedTime.test(text)) return undefined;
  const timeMs = Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function jsonOf(value: unknown): string | undefined {
  try {
    return canonicalJson(value);
  } catch (error) {
    // Nested deeper than the stack is: no reason to take the source down.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const conversions: Readonly<
  Record<Exclude<Form, 'hex' | 'hash' | 'time' | 'block_time'>, Convert>
> = {
  height: longOf,
  chain_id: longOf,
  long: longOf,
  uint: uintOf,
  numeric: canonicalDecimal,
  text: (value) => (typeof value === 'string' ? value : undefined),
  handle: (value) => (typeof value === 'string' ? handleOf(value) : undefined),
  flag: (value) => (typeof value === 'boolean' ? value : undefined),
  json: jsonOf,
  transfer_type: (value) => {
    if (transferTypes.includes(String(value))) return String(value);
    const number = longOf(value);
    return number === undefined ? undefined : transferTypes[number];
  },
};

/** REST may write it otherwise than the stream, as it may all hex, and rows are told apart by it. */
function handleOf(text: string): string {
  return prefixedHex.test(text) ? text.replace('0x', '').toLowerCase() : text;
}

function hexOf(sizeBytes: number | null): (value: string) => string | undefined {
  return (value) => {
    const text = value.startsWith('0x') ? value.slice(2) : value;
    const isWhole = sizeBytes === null ? text.length % 2 === 0 : text.length === 2 * sizeBytes;
    return isWhole && hexDigits.test(text) ? `0x${text.toLowerCase()}` : undefined;
  };
}

/** Amounts may be null where the decimals of one token are unknown. */
function listOf(convert: Convert, mayHoldNull: boolean): Convert {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items: RowValue[] = [];
    for (const item of value) {
      const converted = item === null && mayHoldNull ? null : convert(item);
      if (converted === undefined) return undefined;
      items.push(converted);
    }
    return items;
  };
}
