/** Messages as rows: what identifies them, and that every dataset has a channel. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Origin } from '../../../../src/model/event.ts';
import { oxarchiveChannels } from '../../../../src/sources/oxarchive/channels.ts';
import type { OxarchiveMessage } from '../../../../src/sources/oxarchive/messages.ts';

const origin: Origin = {
  chain: 'lighter',
  source: 'oxa',
  height: 0,
  blockHash: 'oxarchive',
  blockTimeMs: 0,
  isBackfill: false,
  receivedAtUs: 1_790_000_002_400_000,
};

const trade: OxarchiveMessage = {
  dataset: 'trades',
  symbol: 'BTC',
  eventTimeMs: 1_790_000_002_340,
  tradeId: 40_011_223_344,
  side: 'sell',
  leg: 0,
  price: '64209.8',
  quantity: '0.003',
  txHash: '00aa',
  orderId: 610_000_000_001_234,
  isTaker: false,
  account: '281000000000042',
  users: null,
  direction: null,
  fee: null,
  feeToken: null,
  closedPnl: null,
  startPosition: '1.25',
  isLiquidation: null,
  finality: 'preliminary',
  details: null,
};

function rowsOf(message: OxarchiveMessage) {
  return Object.values(oxarchiveChannels)
    .filter((channel) => channel.accepts(message))
    .flatMap((channel) => [...channel.normalize(message, origin)]);
}

describe('a message', () => {
  it('makes one row of its dataset', () => {
    assert.deepEqual(rowsOf(trade), [
      {
        dataset: 'trades',
        index: 'BTC/40011223344/sell/0',
        timeMs: 1_790_000_002_340,
        row: {
          chain: 'lighter',
          symbol: 'BTC',
          event_time: 1_790_000_002_340,
          trade_id: 40_011_223_344,
          side: 'sell',
          leg: 0,
          price: '64209.8',
          quantity: '0.003',
          tx_hash: '00aa',
          order_id: 610_000_000_001_234,
          is_taker: false,
          account: '281000000000042',
          users: null,
          direction: null,
          fee: null,
          fee_token: null,
          closed_pnl: null,
          start_position: '1.25',
          is_liquidation: null,
          finality: 'preliminary',
          details: null,
        },
      },
    ]);
  });

  it('is the same fact when it is final', () => {
    const final: OxarchiveMessage = { ...trade, finality: 'final', fee: '0.01' };
    assert.equal(rowsOf(final)[0]?.index, rowsOf(trade)[0]?.index);
    assert.notEqual(rowsOf({ ...trade, side: 'buy' })[0]?.index, rowsOf(trade)[0]?.index);
  });

  it('is told from others by what identifies its dataset', () => {
    const common = { symbol: '#520', eventTimeMs: 1_790_000_000_000, details: null };
    const book = { ...common, epoch: 1_790_000_000_000_000, sequence: 3, checksum: 7 };
    const level = { price: '0.5', quantity: '10', orders: 1 };
    const place = { ...common, blockNumber: 12, sequence: 0, orderId: 5, account: null };
    const messages: readonly (readonly [OxarchiveMessage, string])[] = [
      [
        {
          ...book,
          dataset: 'book_tops',
          change: 'snapshot',
          bid: level,
          ask: null,
          blockNumber: null,
          reason: null,
        },
        '#520/1790000000000000/3',
      ],
      [
        {
          ...place,
          dataset: 'order_diffs',
          occurrence: 1,
          side: 'buy',
          price: '0.5',
          diffType: 'remove',
          newQuantity: null,
          insertBefore: null,
        },
        '#520/12/0/5/remove/1',
      ],
      [
        {
          ...common,
          dataset: 'candles',
          interval: '5m',
          open: '1',
          high: '1',
          low: '1',
          close: '1',
          volume: '0',
          quoteVolume: null,
          tradeCount: 0,
        },
        '#520/5m/1790000000000',
      ],
      [
        {
          ...common,
          dataset: 'settlements',
          timeSource: 'exchange',
          outcomeId: 52,
          outcomeSide: 0,
          isWinningSide: null,
          settlementValue: '1',
        },
        '52/0',
      ],
    ];
    for (const [message, index] of messages) {
      const [event] = rowsOf(message);
      assert.equal(event?.index, index);
      assert.equal(event?.dataset, message.dataset);
      assert.deepEqual(Object.keys(event?.row ?? {}).slice(0, 3), [
        'chain',
        'symbol',
        'event_time',
      ]);
    }
  });
});
