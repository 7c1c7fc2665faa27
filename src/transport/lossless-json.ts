/**
 * JSON without loss of digits: integers beyond what a number holds exactly become `bigint`. The
 * built-in parser does the work unless such a number may be there, because it is many times faster.
 */
import { parse } from 'lossless-json';

/**
 * A number token of 17 digits, or of 16 that begin with 9: all that could pass 2^53. It may also
 * stand inside a string; then the slow parser is used for nothing, which does no harm.
 */
const mayHoldLargeInteger = /[[:,]\s*-?(?:\d{17}|9\d{15})/;

function parseNumber(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) || !/^-?\d+$/.test(text) ? value : BigInt(text);
}

/** The value of a JSON text. Throws `SyntaxError` for anything else. */
export function parseLosslessJson(text: string): unknown {
  if (!mayHoldLargeInteger.test(text)) return JSON.parse(text);
  return parse(text, null, { parseNumber });
}
