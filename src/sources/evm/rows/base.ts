/** What all rows of a block share, and amounts in both their forms. */
import { decimalBytes } from '../../../model/decimal.ts';
import type { Event, Origin, Row } from '../../../model/event.ts';
import { optionalDecimal } from '../quantity.ts';

/** The first four columns of every dataset. */
export function blockColumns(origin: Origin) {
  return {
    chain: origin.chain,
    height: origin.height,
    block_hash: origin.blockHash,
    block_time: origin.blockTimeMs,
  };
}

/** The `_dec` twin of an amount. */
export function decimalOrNull(amount: string | null): Uint8Array | null {
  return amount === null ? null : decimalBytes(amount);
}

/** An event of a block: its time is the block's. */
export function rowEvent(dataset: string, index: string, row: Row, origin: Origin): Event {
  return { dataset, index, row, timeMs: origin.blockTimeMs };
}

/** An optional amount and its twin under a column name. */
export function amountColumns(name: string, value: unknown, what: string): Row {
  const amount = optionalDecimal(value, what);
  return { [name]: amount, [`${name}_dec`]: decimalOrNull(amount) };
}
