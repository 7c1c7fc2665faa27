/**
 * Books and changes of books (reference sections 4.3, 4.4 and 4.10): whole ones as `levels` or as
 * `bids` and `asks`, level changes by block, and Lighter's ticks. Whether a book can be is for its builder.
 */

import type { BookLevel } from '../../../model/book.ts';
import { canonicalDecimal } from '../../decimal.ts';
import type { Side } from '../messages.ts';
import { RowFields } from './fields.ts';
import { listOf, objectOf, type RowsContext, snapshotBlock, type WireFields } from './reading.ts';

/** A whole book, best first as the wire has it. */
export interface WireBook {
  readonly timeMs: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** Last block that it contains; null where the venue tells none. */
  readonly blockNumber: number | null;
}

/** A new quantity at a price; 0 removes it. */
export interface LevelChange extends BookLevel {
  readonly side: Side;
}

/** Changes of one block. */
export interface BlockOfLevels {
  readonly blockNumber: number;
  readonly changes: readonly LevelChange[];
}

/** A book as `data` of a frame, or a row of the archive. Throws `DataError`. */
export function readBook(data: unknown, context: RowsContext): WireBook {
  const fields = new RowFields(objectOf(data, context), context);
  fields.checkSymbol();
  const { bids, asks } = sidesOf(fields, context);
  return {
    timeMs: fields.eventTime(),
    bids,
    asks,
    blockNumber: fields.optionalInteger(blockNames),
  };
}

/** `data` of a full-depth snapshot; its block and time stand in the frame. Throws `DataError`. */
export function readFullBook(
  data: unknown,
  context: RowsContext,
  blockNumber: number | null,
): WireBook {
  const fields = new RowFields(objectOf(data, context), context);
  return {
    timeMs: fields.eventTime(),
    ...sidesOf(fields, context),
    blockNumber: snapshotBlock(blockNumber, context),
  };
}

/** Level changes by block, in the order of the blocks. Throws `DataError`: none is to be left out. */
export function readLevelChanges(data: unknown, context: RowsContext): readonly BlockOfLevels[] {
  const blocks: { readonly blockNumber: number; readonly changes: LevelChange[] }[] = [];
  for (const row of listOf(data, 'data', context)) {
    const fields = new RowFields(objectOf(row, context), context);
    const blockNumber = fields.integer(blockNames);
    const change = { side: fields.side(), ...levelOf(fields.row, context) };
    const last = blocks.at(-1);
    if (last?.blockNumber === blockNumber) last.changes.push(change);
    else blocks.push({ blockNumber, changes: [change] });
  }
  return blocks;
}

const blockNames = ['bn', 'block_number', 'blockNumber'];

interface Sides {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

function sidesOf(fields: RowFields, context: RowsContext): Sides {
  const levels = fields.row['levels'];
  if (levels === undefined) {
    return { bids: sideOf(fields.row, 'bids', context), asks: sideOf(fields.row, 'asks', context) };
  }
  if (!Array.isArray(levels) || levels.length > 2 || levels.length === 1) {
    throw fields.wrong(['levels'], 'a list of bids and a list of asks');
  }
  const [bids = [], asks = []] = levels as readonly unknown[];
  return {
    bids: sideOf({ bids }, 'bids', context),
    asks: sideOf({ asks }, 'asks', context),
  };
}

function sideOf(row: WireFields, side: 'bids' | 'asks', context: RowsContext) {
  const levels = listOf(row[side], side, context);
  const found: BookLevel[] = new Array(levels.length);
  for (let at = 0; at < levels.length; at += 1) {
    found[at] = levelOf(objectOf(levels[at], context), context);
  }
  return found;
}

/** A level as the wire has it. By hand, not by `RowFields`: the hottest reading there is. Throws `DataError`. */
export function levelOf(row: WireFields, context: RowsContext): BookLevel {
  const price = canonicalDecimal(row['px'] ?? row['price']);
  const quantity = canonicalDecimal(row['sz'] ?? row['size']);
  const told = row['n'] ?? row['count'] ?? row['orders'] ?? 0;
  const orders = typeof told === 'string' && /^\d+$/.test(told) ? Number(told) : told;
  if (
    price === undefined ||
    quantity === undefined ||
    price.startsWith('-') ||
    quantity.startsWith('-') ||
    typeof orders !== 'number' ||
    !Number.isSafeInteger(orders) ||
    orders < 0
  ) {
    throw wrongLevel(row, context);
  }
  return { price, quantity, orders };
}

function wrongLevel(row: WireFields, context: RowsContext): Error {
  const fields = new RowFields(row, context);
  fields.amount(['px', 'price']);
  fields.amount(['sz', 'size']);
  return fields.wrong(['n', 'count', 'orders'], 'a number of orders');
}
