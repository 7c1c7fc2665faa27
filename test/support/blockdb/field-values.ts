/**
 * What values of BlockDB's logical types are on the wire, as JSON text, and what a reader must find:
 * written from the field list's types, not from the source's tables.
 */
import type { ListedField } from './field-list.ts';

/** One value of a field on the wire, and in the decoded column. */
export interface FieldCase {
  readonly json: string;
  readonly expected: unknown;
}

const uint256Max = (2n ** 256n - 1n).toString();
const unicode = 'gr\u00f6\u00dfe \u6f22\u5b57 \ud83d\ude80 "\\\u0000';
const wide = '123456789012345678901234567890.000000000000000001';
const bytes = (text: string, count: number): string => text.repeat(count);

/** Cases of a type without its list: `[json, expected]`. */
function casesOf(type: string, sizeBytes: number | null): readonly (readonly [string, unknown])[] {
  if (type.startsWith('numeric(')) return type === 'numeric(49,0)-as-string' ? uints : numerics;
  switch (type) {
    case 'hex bytes':
      return sizeBytes === null ? anyBytes : someBytes(sizeBytes);
    case 'uint256-as-string':
      return uints;
    case 'bigint':
    case 'int':
      return integers;
    case 'bool':
      return [
        ['true', true],
        ['false', false],
      ];
    case 'timestamp':
      return times;
    case 'json':
      return [
        ['{"b":[1,"x"],"a":9007199254740993}', '{"a":9007199254740993,"b":[1,"x"]}'],
        ['[]', '[]'],
        ['"text"', '"text"'],
      ];
    case 'string':
      return texts;
    default:
      throw new Error(`a type that nobody knows: ${type}`);
  }
}

const anyBytes: readonly (readonly [string, unknown])[] = [
  ['""', '0x'],
  ['"0x"', '0x'],
  ['"00"', '0x00'],
  [`"0xABcd${bytes('00', 10_000)}"`, `0xabcd${bytes('00', 10_000)}`],
];

function someBytes(size: number): readonly (readonly [string, unknown])[] {
  return [
    [`"${bytes('ff', size)}"`, `0x${bytes('ff', size)}`],
    [`"0x${bytes('A0', size)}"`, `0x${bytes('a0', size)}`],
    [`"${bytes('00', size)}"`, `0x${bytes('00', size)}`],
  ];
}

const uints: readonly (readonly [string, unknown])[] = [
  [`"${uint256Max}"`, uint256Max],
  [uint256Max, uint256Max],
  ['"0"', '0'],
  ['0', '0'],
  ['9007199254740993', '9007199254740993'],
];

const numerics: readonly (readonly [string, unknown])[] = [
  [`"${wide}"`, wide],
  ['"5"', '5'],
  ['"5.000000000000000000"', '5'],
  ['"-0.100000000000000000"', '-0.1'],
  ['0.5', '0.5'],
  ['0.12345678901234567890', '0.1234567890123456789'],
  [`"${uint256Max}"`, uint256Max],
  ['"0.000000000000000000"', '0'],
];

const integers: readonly (readonly [string, unknown])[] = [
  ['0', 0],
  ['2147483647', 2_147_483_647],
  ['"7"', 7],
];

const times: readonly (readonly [string, unknown])[] = [
  ['"2026-01-15T10:20:35Z"', 1_768_472_435_000],
  ['"2026-01-15T10:20:35.140Z"', 1_768_472_435_140],
  ['"2026-01-15T10:20:35.140999Z"', 1_768_472_435_140],
  ['"2026-01-15T11:20:35+01:00"', 1_768_472_435_000],
  ['"1970-01-01T00:00:00Z"', 0],
];

const texts: readonly (readonly [string, unknown])[] = [
  [JSON.stringify(unicode), unicode],
  ['""', ''],
];

/** Values that are not text where the list's type is the vague `string`. */
const decimalTexts = new Set(['amount_adj', 'reserves_decimals_adjusted', 'amounts']);

/** Members whose values are negative too: a refreshed token, ticks, bins. */
const signed = new Set(['tx_index', 'current_tick', 'current_bin', 'tick_spacing']);

/** The cases of a field; a list holds all of its item's at once. */
export function fieldCases({ name, type, bytes: size }: ListedField): readonly FieldCase[] {
  const item = type.replace(/^array<(.*)>$/, '$1');
  const cases = decimalTexts.has(name) ? numerics : casesOf(item, size);
  const isList = item !== type;
  const all = signed.has(name) ? [...cases, ['-1', -1] as const] : cases;
  if (!isList) return all.map(([json, expected]) => ({ json, expected }));
  return [
    { json: '[]', expected: [] },
    { json: `[${all.map(([json]) => json).join()}]`, expected: all.map(([, value]) => value) },
  ];
}
