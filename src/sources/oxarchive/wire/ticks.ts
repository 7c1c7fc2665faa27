/** Lighter's ticks (reference section 4.4): each change of a level, in an order that has no holes. */
import { type LevelChange, levelOf } from './books.ts';
import { RowFields } from './fields.ts';
import { listOf, objectOf, type RowsContext } from './reading.ts';

/** One change. Within a market each has the next sequence number. */
export interface Tick {
  readonly timeMs: number;
  readonly sequence: number;
  readonly change: LevelChange;
}

/** The changes of a frame by their sequence. Throws `DataError`: none is to be left out. */
export function readTicks(deltas: unknown, context: RowsContext): readonly Tick[] {
  const ticks = listOf(deltas, 'deltas', context).map((row): Tick => {
    const fields = new RowFields(objectOf(row, context), context);
    const { price, quantity } = levelOf(fields.row, context);
    const sequence = fields.integer(['sequence']);
    // Whole books of Lighter have one order a level.
    const orders = quantity === '0' ? 0 : 1;
    const change = { side: fields.side(), price, quantity, orders };
    return { timeMs: fields.eventTime(), sequence, change };
  });
  return ticks.sort((a, b) => a.sequence - b.sequence);
}
