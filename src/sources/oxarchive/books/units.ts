/** Exact sums of quantities: decimal text as a whole number of units of 10^-18, and back. */

const scale = 18;

/** Undefined for a text with more digits after the point. The text is canonical and not negative. */
export function unitsOf(quantity: string): bigint | undefined {
  const [whole = '', fraction = ''] = quantity.split('.');
  if (fraction.length > scale) return undefined;
  return BigInt(`${whole}${fraction.padEnd(scale, '0')}`);
}

/** Canonical decimal text. */
export function quantityOf(units: bigint): string {
  const digits = units.toString().padStart(scale + 1, '0');
  const fraction = digits.slice(-scale).replace(/0+$/, '');
  const whole = digits.slice(0, -scale);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
