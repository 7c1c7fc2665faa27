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
/** Also a fraction of more than 15 digits, or one with an exponent: all that a number may not hold exactly. */
const mayHoldInexactNumber = /[[:,]\s*-?(?:[\d.]{17}|9\d{15}|[\d.]+[eE])/;

/**
 * The value of a JSON text. Fractions are numbers, unless `fractionOf` makes something else of their
 * text; it is asked for those at least that a number may not hold exactly. Throws `SyntaxError` for
 * anything that is no JSON.
 */
export function parseLosslessJson(text: string, fractionOf?: (text: string) => unknown): unknown {
  const mayLose = fractionOf === undefined ? mayHoldLargeInteger : mayHoldInexactNumber;
  if (!mayLose.test(text)) return JSON.parse(text);
  const parseNumber = (number: string): unknown => {
    if (!/^-?\d+$/.test(number)) return (fractionOf ?? Number)(number);
    const value = Number(number);
    return Number.isSafeInteger(value) ? value : BigInt(number);
  };
  return parse(text, null, { parseNumber });
}
