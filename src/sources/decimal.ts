/**
 * Decimal numbers as one text per value: venues write 5, "5" and "5.000000000000000000" for the same
 * number, and rows are compared by their bytes.
 */
import { parseLosslessJson } from '../transport/lossless-json.ts';

const decimal = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
/** Most numbers of a wire have their text already. */
const alreadyCanonical = /^(?:0|[1-9]\d{0,99})(?:\.\d{0,99}[1-9])?$/;
/** Of the others, most have zeros at the end of their fraction and nothing else amiss. */
const withFraction = /^(?:0|[1-9]\d{0,99})\.\d{1,99}$/;
/** More characters than any number of the wire has. */
const charactersMax = 1000;

/**
 * All digits of the value: no plus sign, no exponent, no zeros in front or at the end of a fraction,
 * no minus zero. Undefined for what is no decimal number.
 */
export function canonicalDecimal(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString();
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  if (alreadyCanonical.test(text)) return text;
  return withFraction.test(text) ? withoutZeros(text) : canonical(text);
}

/** A fraction of zeros only goes with its point. */
function withoutZeros(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === zero) end -= 1;
  return text.slice(0, text.charCodeAt(end - 1) === point ? end - 1 : end);
}

const [zero, point] = [48, 46];

/** A number's text as a number where that has its value, else as it is. */
function exactNumber(text: string): number | string {
  const value = Number(text);
  return canonicalDecimal(value) === canonicalDecimal(text) ? value : text;
}

/**
 * The value of a JSON text: integers that no number holds are bigint, and fractions that none holds are
 * text. Throws `SyntaxError`.
 */
export function parseExactJson(text: string): unknown {
  return parseLosslessJson(text, exactNumber);
}

function canonical(text: string): string | undefined {
  const match = text.length > charactersMax ? null : decimal.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent] = match;
  if (whole === '' && fraction === '') return undefined;
  const [before, after] = shifted(whole, fraction, Number(exponent ?? 0));
  const integer = before.replace(/^0+(?=\d)/, '');
  const rest = after.replace(/0+$/, '');
  const number = rest === '' ? integer : `${integer}.${rest}`;
  return sign === '-' && number !== '0' ? `-${number}` : number;
}

/** The digits before and after the point, once the point has moved by the exponent. */
function shifted(whole: string, fraction: string, exponent: number): readonly [string, string] {
  const point = whole.length + exponent;
  const all = `${whole}${fraction}`;
  if (point <= 0) return ['0', `${'0'.repeat(-point)}${all}`];
  return [all.slice(0, point).padEnd(point, '0'), all.slice(point)];
}
