/** Decimal strings as the bytes of an Avro `decimal(38, s)`: big-endian two's complement, shortest. */

const digitsMax = 38;
const decimalText = /^-?(?:0|[1-9]\d*)$/;
const canonicalFraction = /^-?(?:0|[1-9]\d*)\.\d*[1-9]$/;
/** Up to here a number is exact. */
const exactDigitsMax = 15;

/** True for a canonical decimal integer: no plus sign, no leading zeros, no minus zero. */
export function isDecimalText(text: string): boolean {
  return decimalText.test(text) && text !== '-0';
}

/** True for a canonical decimal integer that is not negative and that a number holds exactly. */
export function isSmallDecimal(text: string): boolean {
  return text.length <= exactDigitsMax && !text.startsWith('-');
}

/** The bytes of a canonical decimal string; null when it has more than 38 digits. */
export function decimalBytes(text: string): Buffer | null {
  const digits = text.startsWith('-') ? text.length - 1 : text.length;
  return digits > digitsMax ? null : shortest(BigInt(text));
}

/**
 * The digits of a canonical decimal string without its point, counted in units of 10^-scale; null when
 * it has more digits after the point than that. Undefined for a text that is not canonical, or that has
 * a point where the scale is 0.
 */
export function unscaledText(text: string, scale: number): string | null | undefined {
  const point = text.indexOf('.');
  if (point < 0) {
    if (!isDecimalText(text)) return undefined;
    return scale === 0 || text === '0' ? text : `${text}${'0'.repeat(scale)}`;
  }
  const fraction = text.slice(point + 1);
  if (scale === 0 || !canonicalFraction.test(text)) return undefined;
  if (fraction.length > scale) return null;
  const digits = `${text.slice(0, point)}${fraction.padEnd(scale, '0')}`;
  return digits.replace(/^(-?)0+/, '$1');
}

function shortest(value: bigint): Buffer {
  // Two's complement has as many bits for -n - 1 as for n.
  const magnitude = (value < 0n ? -value - 1n : value).toString(16);
  const hasFreeSignBit = magnitude.length % 2 === 1 || magnitude < '8';
  const digits = magnitude.length + (magnitude.length % 2) + (hasFreeSignBit ? 0 : 2);
  const bits = value < 0n ? BigInt.asUintN(digits * 4, value).toString(16) : magnitude;
  return Buffer.from(bits.padStart(digits, '0'), 'hex');
}
