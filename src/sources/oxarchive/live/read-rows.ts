/** Frames of rows that stand alone as messages: trades, contexts, orders, tickers. */
import { DataError } from '../../../model/errors.ts';
import { orderSnapshotChunks } from '../books/order-snapshots.ts';
import type { OxarchiveConfig } from '../config.ts';
import type { VenueChannel } from '../markets.ts';
import type { OxarchiveDataset, OxarchiveMessage } from '../messages.ts';
import type { RowsFrame } from '../stream/frames.ts';
import { readContexts } from '../wire/contexts.ts';
import { readOrderBook, readOrderDiffs, readOrders } from '../wire/orders.ts';
import { readMempool, readTickers } from '../wire/others.ts';
import type { Reading, RowsContext } from '../wire/reading.ts';
import { readLiquidations, readTrades } from '../wire/trades.ts';

/** The good rows of a frame, and what was wrong with the others. */
export function readRows(
  frame: RowsFrame,
  channel: VenueChannel,
  at: {
    readonly receivedAtMs: number;
    readonly config: OxarchiveConfig;
    readonly datasets: readonly OxarchiveDataset[];
  },
): Reading<OxarchiveMessage> {
  const context = contextOf(frame, channel, at);
  const { data } = frame;
  switch (channel.kind) {
    case 'trades':
      return readTrades(data, context);
    case 'liquidations':
      return readLiquidations(data, context);
    case 'funding':
    case 'open_interest':
      return readContexts(data, context);
    case 'ticker':
    case 'all_tickers':
      return readTickers(data, context);
    case 'mempool':
      return readMempool(data, context);
    case 'l4_diffs':
    case 'l4_orders':
      return readOrderRows(frame, context, at.datasets);
    default:
      return nothing;
  }
}

const nothing: Reading<OxarchiveMessage> = { messages: [], refusals: [] };

/** Order by order, where somebody wants it: these frames may be read for their book alone. */
function readOrderRows(
  { kind, channel, data, blockNumber }: RowsFrame,
  context: RowsContext,
  datasets: readonly OxarchiveDataset[],
): Reading<OxarchiveMessage> {
  if (kind === 'l4_batch') {
    if (channel.endsWith('l4_orders')) return readOrders(data, context);
    return datasets.includes('order_diffs') ? readOrderDiffs(data, context) : nothing;
  }
  const isWanted = kind === 'l4_snapshot' && channel.endsWith('l4_diffs');
  if (!isWanted || !datasets.includes('order_snapshots')) return nothing;
  try {
    const orders = readOrderBook(data, context, blockNumber);
    return { messages: orderSnapshotChunks(orders, context), refusals: [] };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { messages: [], refusals: [error] };
  }
}

/** What readers need to know of a live frame. */
export function contextOf(
  { symbol, timeMs }: Pick<RowsFrame, 'symbol' | 'timeMs'>,
  { venue, name }: VenueChannel,
  at: { readonly receivedAtMs: number; readonly config: OxarchiveConfig },
): RowsContext {
  return {
    venue,
    channel: name,
    symbol: symbol ?? '',
    origin: 'live',
    receivedAtMs: at.receivedAtMs,
    aheadMsMax: at.config.clockSkewMaxMs,
    envelopeTimeMs: timeMs,
  };
}
