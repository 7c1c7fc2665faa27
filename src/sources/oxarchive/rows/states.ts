/** Rows of what a market is like at a time: funding, open interest, contexts, candles, tickers. */
import type { Event, Origin } from '../../../model/event.ts';
import type {
  CandleMessage,
  ContextMessage,
  FundingMessage,
  OpenInterestMessage,
  TickerMessage,
} from '../messages.ts';

/** Funding rate and premium at a time. */
export function fundingRow(message: FundingMessage, origin: Origin): Event {
  return stateEvent(message, {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    time_source: message.timeSource,
    funding_rate: message.fundingRate,
    premium: message.premium,
    details: message.details,
  });
}

/** Open interest, with the prices that came with it. */
export function openInterestRow(message: OpenInterestMessage, origin: Origin): Event {
  return stateEvent(message, {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    time_source: message.timeSource,
    open_interest: message.openInterest,
    ...figures(message),
    details: message.details,
  });
}

/** The whole context of a market. */
export function contextRow(message: ContextMessage, origin: Origin): Event {
  return stateEvent(message, {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    time_source: message.timeSource,
    funding_rate: message.fundingRate,
    premium: message.premium,
    open_interest: message.openInterest,
    ...figures(message),
    details: message.details,
  });
}

/** What the venue says of a market's price and volume, as it says it. */
export function tickerRow(message: TickerMessage, origin: Origin): Event {
  return stateEvent(message, {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    time_source: message.timeSource,
    ticker: message.ticker,
    details: message.details,
  });
}

/** One interval; its event time is when it began. */
export function candleRow(message: CandleMessage, origin: Origin): Event {
  const row = {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    interval: message.interval,
    open_price: message.open,
    high_price: message.high,
    low_price: message.low,
    close_price: message.close,
    volume: message.volume,
    quote_volume: message.quoteVolume,
    trade_count: message.tradeCount,
    details: message.details,
  };
  const { symbol, interval, eventTimeMs } = message;
  const index = `${symbol}/${interval}/${eventTimeMs}`;
  return { dataset: 'candles', index, row, timeMs: eventTimeMs };
}

type State = FundingMessage | OpenInterestMessage | ContextMessage | TickerMessage;

function stateEvent({ dataset, symbol, eventTimeMs }: State, row: Event['row']): Event {
  return { dataset, index: `${symbol}/${eventTimeMs}`, row, timeMs: eventTimeMs };
}

function figures(message: OpenInterestMessage | ContextMessage) {
  return {
    mark_price: message.markPrice,
    oracle_price: message.oraclePrice,
    mid_price: message.midPrice,
    day_notional_volume: message.dayNotionalVolume,
    day_base_volume: message.dayBaseVolume,
    previous_day_price: message.previousDayPrice,
    impact_bid_price: message.impactBidPrice,
    impact_ask_price: message.impactAskPrice,
  };
}
