/** Amounts as Avro decimals: two's complement bytes of a canonical decimal string. */

const digitsMax = 38;
/** Every number of so many digits is a safe integer. */
const safeDigits = 15;

/**
 * The value of an Avro `decimal(38, 0)`: big-endian two's complement in as few bytes as hold it.
 * Null when the number has more than 38 digits. The text must be canonical (`-?[1-9][0-9]*` or `0`).
 */
export function decimalBytes(decimal: string): Uint8Array | null {
  const digits = decimal.startsWith('-') ? decimal.length - 1 : decimal.length;
  if (digits > digitsMax) return null;
  return digits <= safeDigits ? bytesOfNumber(Number(decimal)) : bytesOfBigInt(BigInt(decimal));
}

function bytesOfNumber(value: number): Uint8Array {
  let length = 1;
  let limit = 0x80;
  while (value >= limit || value < -limit) {
    length += 1;
    limit *= 0x100;
  }
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let index = length - 1; index >= 0; index -= 1) {
    const low = ((rest % 0x100) + 0x100) % 0x100;
    bytes[index] = low;
    rest = (rest - low) / 0x100;
  }
  return bytes;
}

function bytesOfBigInt(value: bigint): Uint8Array {
  let length = 1;
  let limit = 0x80n;
  while (value >= limit || value < -limit) {
    length += 1;
    limit <<= 8n;
  }
  const hex = BigInt.asUintN(length * 8, value).toString(16);
  return new Uint8Array(Buffer.from(hex.padStart(length * 2, '0'), 'hex'));
}
