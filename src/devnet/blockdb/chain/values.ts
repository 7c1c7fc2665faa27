/** Values of rows: amounts and decimals as text, words of event data, and values that break readers. */
import type { SeededRandom } from '../../traffic/seeded-random.ts';

/** The largest uint256. */
export const uintMax = 2n ** 256n - 1n;

/** Digits behind the point of the NUMERIC columns. */
export const scale = 18;
const one = 10n ** BigInt(scale);

/** Names that break readers. */
export const awkwardNames: readonly string[] = [
  'emoji 🦊👩‍👩‍👧 Coin',
  'combining e\u0301, right-to-left \u05e9\u05dc\u05d5\u05dd, \u4e2d\u6587',
  'escapes " \\ / \b \f \n \r \t \u0000 \u2028 </script>',
  '',
];

const longCallBytes = 12_000;

/** A whole number of the smallest units: mostly some tokens, now and then nothing or the largest. */
export function drawAmount(random: SeededRandom, decimals: number | null): bigint {
  if (random.chance(0.02)) return uintMax;
  if (random.chance(0.02)) return 0n;
  const unit = 10n ** BigInt(Math.max((decimals ?? 9) - 4, 0));
  return BigInt(random.integer(1, 90_000_000)) * unit + BigInt(random.integer(0, 9999));
}

/** Calldata: mostly a selector with words, now and then nothing or very much. */
export function drawCallData(random: SeededRandom): string {
  if (random.chance(0.15)) return '';
  if (random.chance(0.01)) return random.hex(4).concat('00ff'.repeat(longCallBytes / 2));
  return random.hex(4 + 32 * random.integer(0, 3));
}

/** The value, or null with the given probability. */
export function orNull<T>(random: SeededRandom, value: T, probability = 0.1): T | null {
  return random.chance(probability) ? null : value;
}

/** A decimal of `scale` digits as text, trailing zeros kept. */
export function decimalText(scaled: bigint, digits = scale): string {
  const sign = scaled < 0n ? '-' : '';
  const text = (scaled < 0n ? -scaled : scaled).toString().padStart(digits + 1, '0');
  return `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** An amount of smallest units with `scale` digits behind the point; null for unknown decimals. */
export function adjusted(raw: bigint, decimals: number | null): bigint | null {
  return decimals === null ? null : (raw * one) / 10n ** BigInt(decimals);
}

/** The text of an adjusted amount; null stays null. */
export function adjustedText(raw: bigint, decimals: number | null): string | null {
  const value = adjusted(raw, decimals);
  return value === null ? null : decimalText(value);
}

/** `b` per one `a`, both of `scale` digits; null when there is no `a`. */
export function ratio(b: bigint, a: bigint): bigint | null {
  return a === 0n ? null : (b * one) / a;
}

/** The product of two decimals of `scale` digits. */
export function product(a: bigint, b: bigint): bigint {
  return (a * b) / one;
}

/** 32 bytes of event data: a number, or bytes with zeros before them. */
export function word(value: bigint | string): string {
  return (typeof value === 'string' ? value : value.toString(16)).padStart(64, '0');
}
