/** Funding, open interest, candles, tickers, actions and settlements of the wire as messages. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseExactJson } from '../../../../src/sources/decimal.ts';
import { readCandles } from '../../../../src/sources/oxarchive/wire/candles.ts';
import { readContexts, readStates } from '../../../../src/sources/oxarchive/wire/contexts.ts';
import {
  readMempool,
  readSettlement,
  readTickers,
} from '../../../../src/sources/oxarchive/wire/others.ts';
import { contextOf, dataOf, problemsOf } from './wire-context.ts';

const liveContext =
  '{"type":"data","channel":"open_interest","coin":"ETH","symbol":"ETH","data":{"coin":"ETH","ctx":{"openInterest":"412000.55","funding":"0.0000125","premium":"0.00031","markPx":"2501.3","oraclePx":"2500.9","midPx":"2501.15","dayNtlVlm":"910000000.1","dayBaseVlm":"363900.2","prevDayPx":"2480.0","impactPxs":["2501.0","2501.4"]}}}';
const fundingRow =
  '{"type":"historical_data","channel":"funding","coin":"ETH","symbol":"ETH","timestamp":1790000041000,"data":{"coin":"ETH","fundingRate":"0.0000125","premium":"0.00029","timestamp":1790000041000}}';
const candleRow =
  '{"type":"historical_data","channel":"candles","coin":"ETH","symbol":"ETH","timestamp":1790000100000,"data":{"coin":"ETH","timestamp":1790000100000,"open":2501.0,"high":2503.5,"low":2499.8,"close":2502.2,"volume":812.44,"quoteVolume":2032100.2,"tradeCount":1511}}';

const figures = {
  markPrice: '2501.3',
  oraclePrice: '2500.9',
  midPrice: '2501.15',
  dayNotionalVolume: '910000000.1',
  dayBaseVolume: '363900.2',
  previousDayPrice: '2480',
  impactBidPrice: '2501',
  impactAskPrice: '2501.4',
};
const nothing = Object.fromEntries(Object.keys(figures).map((name) => [name, null]));
const eth = contextOf({ venue: 'hyperliquid', symbol: 'ETH', channel: 'open_interest' });
const received = {
  symbol: 'ETH',
  eventTimeMs: 1_790_000_092_004,
  timeSource: 'received',
  details: null,
};

describe('the state of a market', () => {
  it('has the time of its receipt where the frame has none', () => {
    const rates = { fundingRate: '0.0000125', premium: '0.00031' };
    const openInterest = '412000.55';
    assert.deepEqual(readContexts(dataOf(liveContext), eth), {
      messages: [
        { ...received, dataset: 'market_contexts', ...rates, openInterest, ...figures },
        { ...received, dataset: 'funding', ...rates },
        { ...received, dataset: 'open_interest', openInterest, ...figures },
      ],
      refusals: [],
    });
  });

  it('is read in snake case too', () => {
    const ctx = { open_interest: '5', mark_px: '7', prev_day_px: '8', impact_pxs: ['1', '2'] };
    const [context] = readContexts({ coin: 'ETH', ctx }, eth).messages;
    assert(context?.dataset === 'market_contexts');
    const { openInterest, markPrice, previousDayPrice, impactAskPrice, details } = context;
    const read = [openInterest, markPrice, previousDayPrice, impactAskPrice, details];
    assert.deepEqual(read, ['5', '7', '8', '2', null]);
  });

  it('has its own time in the archive, flat or nested', () => {
    const at = { ...received, eventTimeMs: 1_790_000_041_000, timeSource: 'exchange' };
    assert.deepEqual(readStates(dataOf(fundingRow), eth, 'funding').messages, [
      { ...at, dataset: 'funding', fundingRate: '0.0000125', premium: '0.00029' },
    ]);
    const nested = { coin: 'ETH', ctx: { openInterest: '7.50', funding: null, impactPxs: null } };
    const timed = { ...eth, envelopeTimeMs: 1_790_000_041_000 };
    assert.deepEqual(readStates(nested, timed, 'open_interest').messages, [
      { ...at, dataset: 'open_interest', openInterest: '7.5', ...nothing },
    ]);
    const rest = {
      open_interest: '7.5',
      mark_price: '2501.3',
      oracle_price: '2500.9',
      mid_price: '2501.15',
      day_ntl_volume: '910000000.1',
      day_base_volume: '363900.2',
      prev_day_price: '2480',
      impact_bid_price: '2501.0',
      impact_ask_price: '2501.4',
      timestamp: '2026-09-21T14:14:01Z',
    };
    assert.deepEqual(readStates([rest], eth, 'open_interest').messages, [
      { ...at, dataset: 'open_interest', openInterest: '7.5', ...figures },
    ]);
  });

  it('is refused where it lacks what its channel is about', () => {
    const { refusals } = readStates(
      { premium: '0.1', timestamp: 1_790_000_041_000 },
      eth,
      'funding',
    );
    assert.match(refusals[0]?.message ?? '', /"fundingRate" .* is missing, expected a decimal/);
    const wrong = readContexts({ ctx: { openInterest: '1', markPx: 'high' } }, eth).refusals;
    assert.deepEqual(problemsOf(wrong), ['market.number_invalid']);
  });
});

describe('candles', () => {
  it('have numbers or text, and the interval that was asked for', () => {
    const context = { ...eth, receivedAtMs: 1_790_001_000_000 };
    const expected = {
      dataset: 'candles',
      symbol: 'ETH',
      eventTimeMs: 1_790_000_100_000,
      interval: '5m',
      open: '2501',
      high: '2503.5',
      low: '2499.8',
      close: '2502.2',
      volume: '812.44',
      quoteVolume: '2032100.2',
      tradeCount: 1511,
      details: null,
    };
    assert.deepEqual(readCandles(dataOf(candleRow), context, '5m').messages, [expected]);
    const rest = {
      timestamp: '2026-09-21T14:15:00Z',
      open: '2501.0',
      high: '2503.50',
      low: '2499.8',
      close: '2502.2',
      volume: '812.44',
      quote_volume: '2032100.2',
      trade_count: 1511,
    };
    assert.deepEqual(readCandles([rest], context, '5m').messages, [expected]);
  });
});

describe('what has no fixed shape', () => {
  it('is kept as it is: tickers', () => {
    const all = [
      { coin: 'BTC', price: '1' },
      { coin: 'ETH', price: '2' },
    ];
    assert.deepEqual(
      readTickers(all, eth).messages.map(({ symbol, ticker }) => [symbol, ticker]),
      [
        ['BTC', '{"coin":"BTC","price":"1"}'],
        ['ETH', '{"coin":"ETH","price":"2"}'],
      ],
    );
    for (const odd of ['ETH 2', [1, 2.5], null]) {
      const tickers = readTickers(odd, eth).messages.map(({ symbol, ticker }) => [symbol, ticker]);
      assert.deepEqual(tickers, [['ETH', JSON.stringify(odd)]]);
    }
  });

  it('is kept as it was signed: actions', () => {
    const row = parseExactJson(
      '{"received_at":"2026-09-21T14:14:01.000000001Z","received_at_ms":1790000041000,"symbols":["ETH"],"action":{"type":"order","a":12345678901234567890},"nonce":5,"vault_address":null,"expires_after_ms":null,"signature":{"r":"0x1","s":"0x2","v":27}}',
    );
    const { messages } = readMempool([row], eth);
    assert.deepEqual(messages, [
      {
        dataset: 'mempool',
        symbol: 'ETH',
        eventTimeMs: 1_790_000_041_000,
        timeSource: 'exchange',
        symbols: '["ETH"]',
        action: '{"type":"order","a":12345678901234567890}',
        nonce: 5,
        vaultAddress: null,
        expiresAfterMs: null,
        signature: '0x1/0x2/27',
        details: null,
      },
    ]);
    const { refusals } = readMempool([{ action: {} }], eth);
    assert.match(refusals[0]?.message ?? '', /"signature" .* expected an object of r, s and v/);
  });

  it('says how an outcome ended in either form', () => {
    const hip4 = contextOf({ venue: 'hip4', symbol: '#520', channel: 'outcome_settled' });
    const [bySide] = readSettlement(
      parseExactJson(
        '{"type":"outcome_settled","coin":"#520","outcome_id":52,"side":0,"settlement_value":1.0,"settlement_at":"2026-10-03T12:00:00Z"}',
      ),
      hip4,
    ).messages;
    assert.deepEqual(bySide, {
      dataset: 'settlements',
      symbol: '#520',
      eventTimeMs: Date.UTC(2026, 9, 3, 12),
      timeSource: 'exchange',
      outcomeId: 52,
      outcomeSide: 0,
      isWinningSide: null,
      settlementValue: '1',
      details: null,
    });
    const frame = { coin: '#520', outcome_id: 52, winning_side: 1 };
    const [byWinner] = readSettlement(frame, hip4).messages;
    assert.equal(byWinner?.outcomeSide, 1);
    assert.equal(byWinner?.isWinningSide, true);
    assert.equal(byWinner?.timeSource, 'received');
  });
});
