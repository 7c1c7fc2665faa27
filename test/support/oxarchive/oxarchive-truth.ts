/** Compares what a reader holds with what really happened on the simulator's markets. */
import assert from 'node:assert/strict';
import type { OxarchiveSimulator, TrueBook } from '../../../src/devnet/oxarchive/simulator.ts';
import { canonicalDecimal } from '../../../src/sources/decimal.ts';
import type { Venue } from '../../../src/sources/oxarchive/markets.ts';
import type { RowReader } from '../sources/row-reader.ts';
import type { ReadBook } from './book-reader.ts';

/** A reader of rows, who may know up to when all of them are there. */
export interface TradeReader extends RowReader {
  readonly wholeToMs?: number;
}

/** Which trades must be there: without an end, up to where the reader says that all is whole. */
export interface TruthRange {
  readonly venue: Venue;
  readonly symbols: readonly string[];
  readonly fromMs: number;
  readonly toMs?: number;
}

/** Every leg of every trade in the range is published with its price and quantity, and no other is. */
export function assertSameTrades(
  reader: TradeReader,
  simulator: OxarchiveSimulator,
  { venue, symbols, fromMs, toMs }: TruthRange,
): void {
  const newestMs = toMs ?? (reader.wholeToMs ?? 0) - 1;
  const published = reader
    .rows('trades')
    .filter(({ row }) => {
      const timeMs = Number(row['event_time']);
      return timeMs >= fromMs && timeMs <= newestMs;
    })
    .map(
      ({ row }) =>
        `${row['symbol']} ${row['trade_id']} ${row['side']} ${row['price']} ${row['quantity']}`,
    );
  const truth = symbols.flatMap((symbol) =>
    simulator
      .trades(venue, symbol, fromMs, newestMs)
      .map(({ tid, side, px, sz }) =>
        [
          symbol,
          tid,
          side === 'A' ? 'sell' : 'buy',
          canonicalDecimal(px),
          canonicalDecimal(sz),
        ].join(' '),
      ),
  );
  assert.deepEqual([...published].sort(), [...new Set(truth)].sort(), reader.picture);
  assert(truth.length > 0);
}

/** A book that was rebuilt from rows is the one that there was. */
export function assertSameBook(
  read: ReadBook,
  simulator: OxarchiveSimulator,
  market: { readonly venue: Venue; readonly symbol: string; readonly depth: 'top' | 'full' },
): void {
  const { venue, symbol, depth } = market;
  const truth =
    depth === 'top'
      ? simulator.bookAt(venue, symbol, read.timeMs)
      : simulator.fullBookAfter(venue, symbol, read.blockNumber ?? 0);
  const isCounted = venue !== 'lighter' && venue !== 'rh_lighter';
  const shown = (levels: TrueBook['bids']) =>
    levels.map(({ px, sz, n }) => ({
      price: canonicalDecimal(px),
      quantity: canonicalDecimal(sz),
      orders: isCounted ? n : 1,
    }));
  const where = `the book of ${symbol} of epoch ${read.epoch} at ${read.timeMs}`;
  assert.deepEqual(read.bids, shown(truth.bids), `bids of ${where}`);
  assert.deepEqual(read.asks, shown(truth.asks), `asks of ${where}`);
}
