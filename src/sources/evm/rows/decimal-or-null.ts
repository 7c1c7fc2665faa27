/** The `_dec` twin of an amount's column. */
import { decimalBytes } from '../../../model/decimal.ts';

/** Null for a null amount, and for one of more than 38 digits. */
export function decimalOrNull(amount: string | null): Uint8Array | null {
  return amount === null ? null : decimalBytes(amount);
}
