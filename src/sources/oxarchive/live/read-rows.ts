/** Frames of rows that stand alone as messages: trades, liquidations, contexts, tickers. */
import type { OxarchiveConfig } from '../config.ts';
import type { VenueChannel } from '../markets.ts';
import type { OxarchiveMessage } from '../messages.ts';
import type { RowsFrame } from '../stream/frames.ts';
import { readContexts } from '../wire/contexts.ts';
import { readMempool, readTickers } from '../wire/others.ts';
import type { Reading, RowsContext } from '../wire/reading.ts';
import { readLiquidations, readTrades } from '../wire/trades.ts';

/** The good rows of a frame, and what was wrong with the others. */
export function readRows(
  frame: RowsFrame,
  channel: VenueChannel,
  at: { readonly receivedAtMs: number; readonly config: OxarchiveConfig },
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
    default:
      return { messages: [], refusals: [] };
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
