/** Decimal strings as the bytes of an Avro `decimal(38, 0)`: big-endian two's complement, shortest. */

const digitsMax = 38;
const decimalText = /^-?(?:0|[1-9]\d*)$/;
/** Up to here a number is exact and its bytes can be taken from it directly. */
const exactDigitsMax = 15;
const smallMax = 256;
const small: readonly Buffer[] = Array.from({ length: smallMax }, (_, n) => shortest(BigInt(n)));

/** True for a canonical decimal integer: no plus sign, no leading zeros, no minus zero. */
export function isDecimalText(text: string): boolean {
  return decimalText.test(text) && text !== '-0';
}

/**
 * The bytes of a canonical decimal string; null when it has more than 38 digits. The caller must
 * not change the buffer: small values share one.
 */
export function decimalBytes(text: string): Buffer | null {
  if (text.length <= exactDigitsMax) return bytesOfNumber(Number(text));
  const digits = text.startsWith('-') ? text.length - 1 : text.length;
  return digits > digitsMax ? null : shortest(BigInt(text));
}

function bytesOfNumber(value: number): Buffer {
  const known = small[value];
  if (known !== undefined) return known;
  if (value < 0) return shortest(BigInt(value));
  let length = 1;
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 256)) length += 1;
  const bytes = Buffer.allocUnsafe(length);
  let rest = value;
  for (let at = length - 1; at >= 0; at -= 1) {
    bytes[at] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

function shortest(value: bigint): Buffer {
  // Two's complement has as many bits for -n - 1 as for n.
  const magnitude = (value < 0n ? -value - 1n : value).toString(16);
  const hasFreeSignBit = magnitude.length % 2 === 1 || magnitude < '8';
  const digits = magnitude.length + (magnitude.length % 2) + (hasFreeSignBit ? 0 : 2);
  const bits = value < 0n ? BigInt.asUintN(digits * 4, value).toString(16) : magnitude;
  return Buffer.from(bits.padStart(digits, '0'), 'hex');
}
