/**
 * Encodes the arguments that the devnet's contracts need: words, `bytes`, `string`, and arrays of
 * words. Not a general ABI library.
 */

/**
 * A bigint is a `uint256`; a `0x…` string of 20 bytes an address, of 32 bytes a `bytes32`; a list
 * a dynamic array of such words; `{ text }` a `string`, `{ bytes }` a `bytes`.
 */
export type AbiValue =
  | bigint
  | string
  | readonly (bigint | string)[]
  | { readonly text: string }
  | { readonly bytes: string };

/** The arguments as hexadecimal digits without `0x`, as they follow a selector or a bytecode. */
export function encodeArguments(values: readonly AbiValue[]): string {
  let head = '';
  let tail = '';
  for (const value of values) {
    if (typeof value === 'bigint' || typeof value === 'string') {
      head += encodeWord(value);
    } else {
      head += encodeWord(BigInt(values.length * 32 + tail.length / 2));
      tail += encodeDynamic(value);
    }
  }
  return head + tail;
}

function encodeDynamic(value: Exclude<AbiValue, bigint | string>): string {
  if ('text' in value) return encodeBytes(Buffer.from(value.text, 'utf8').toString('hex'));
  if ('bytes' in value) return encodeBytes(value.bytes.slice(2));
  return encodeWord(BigInt(value.length)) + value.map(encodeWord).join('');
}

function encodeBytes(digits: string): string {
  const padded = digits.padEnd(Math.ceil(digits.length / 64) * 64, '0');
  return encodeWord(BigInt(digits.length / 2)) + padded;
}

function encodeWord(value: bigint | string): string {
  const digits = typeof value === 'bigint' ? value.toString(16) : value.slice(2).toLowerCase();
  return digits.padStart(64, '0');
}
