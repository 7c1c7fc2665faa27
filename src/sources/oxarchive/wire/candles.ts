/** Candles, replayed or of REST (reference section 4.8). */
import type { CandleMessage } from '../messages.ts';
import { RowFields, symbolNames, timeNames } from './fields.ts';
import { type Reading, type RowsContext, readEach } from './reading.ts';

const names = {
  open: ['open'],
  high: ['high'],
  low: ['low'],
  close: ['close'],
  volume: ['volume'],
  quoteVolume: ['quoteVolume', 'quote_volume'],
  tradeCount: ['tradeCount', 'trade_count'],
} as const;

const known = new Set([...Object.values(names).flat(), ...timeNames, ...symbolNames, 'interval']);

/** Candles of one interval, which rows do not name: it is the one that was asked for. */
export function readCandles(
  data: unknown,
  context: RowsContext,
  interval: string,
): Reading<CandleMessage> {
  return readEach(data, context, (row) => {
    const fields = new RowFields(row, context);
    fields.checkSymbol();
    return {
      dataset: 'candles',
      symbol: context.symbol,
      eventTimeMs: fields.eventTime(),
      interval,
      open: fields.amount(names.open),
      high: fields.amount(names.high),
      low: fields.amount(names.low),
      close: fields.amount(names.close),
      volume: fields.amount(names.volume),
      quoteVolume: fields.optionalAmount(names.quoteVolume),
      tradeCount: fields.optionalInteger(names.tradeCount),
      details: fields.details(known),
    };
  });
}
