/** Books, level changes and orders of the wire: the reference's examples, and what is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  readBook,
  readFullBook,
  readLevelChanges,
} from '../../../../src/sources/oxarchive/wire/books.ts';
import {
  readL3Book,
  readOrderBook,
  readOrderDiffs,
  readOrders,
} from '../../../../src/sources/oxarchive/wire/orders.ts';
import { contextOf, dataOf, problemsOf } from './wire-context.ts';

const liveBook =
  '{"type":"data","channel":"orderbook","coin":"ETH","symbol":"ETH","data":{"coin":"ETH","time":1790000001200,"levels":[[{"px":"2501.1","sz":"12.5","n":4}],[{"px":"2501.2","sz":"3.75","n":2}]]}}';
const archivedBook =
  '{"type":"historical_data","channel":"orderbook","coin":"ETH","symbol":"ETH","timestamp":1790000001200,"data":{"coin":"ETH","timestamp":1790000001200,"bids":[{"px":"2501.1","sz":"12.5","n":4}],"asks":[{"px":"2501.2","sz":"3.75","n":2}],"midPrice":"2501.15","spread":"0.1","spreadBps":"0.4"}}';
const fullBatch =
  '{"type":"l4_batch","channel":"orderbook_full","coin":"ETH","symbol":"ETH","data":[{"side":"B","px":2501.1,"sz":0,"n":0,"bn":1170000011},{"side":"B","px":2501.0,"sz":7.0,"n":3,"bn":1170000011},{"side":"A","px":1e-7,"sz":1,"n":1,"bn":1170000014}]}';
const orderSnapshot =
  '{"type":"l4_snapshot","channel":"l4_diffs","coin":"ETH","symbol":"ETH","last_block_number":1100000500,"timestamp":1790000000000,"data":{"bids":[["0xaa01",{"coin":"ETH","side":"B","limitPx":"2501.1","sz":"2.0","oid":510000000001,"timestamp":1789999990000,"orderType":"Limit","tif":"Alo","reduceOnly":false,"isTrigger":false,"triggerPx":"0.0","triggerCondition":"N/A","isPositionTpsl":false,"cloid":null}]],"asks":[]}}';
const diffBatch =
  '{"type":"l4_batch","channel":"l4_diffs","coin":"ETH","symbol":"ETH","data":[{"timestamp":1790000000110,"block_number":1100000501,"seq":7,"oid":510000000852,"user":"0xbb02","side":"B","price":2501.0,"diff_type":"new","new_size":1.5,"insert_before":null},{"timestamp":1790000000110,"block_number":1100000501,"seq":9,"oid":509999999500,"user":"0xcc03","side":"A","price":2502.0,"diff_type":"remove","new_size":null,"insert_before":null}]}';
const orderBatch =
  '{"type":"l4_batch","channel":"l4_orders","coin":"ETH","symbol":"ETH","data":[{"timestamp":1790000000110,"block_number":1100000501,"seq":41,"oid":510000000852,"user":"0xbb02","status":"open","side":"B","limit_price":2501.0,"size":1.5,"orig_size":1.5,"order_type":"Limit","trigger_condition":"N/A","is_trigger":false,"trigger_price":0,"is_position_tpsl":false,"reduce_only":false,"tif":"Gtc","cloid":null}]}';

const eth = contextOf({ venue: 'hyperliquid', symbol: 'ETH', channel: 'orderbook' });
const book = {
  timeMs: 1_790_000_001_200,
  bids: [{ price: '2501.1', quantity: '12.5', orders: 4 }],
  asks: [{ price: '2501.2', quantity: '3.75', orders: 2 }],
  blockNumber: null,
};

describe('a book', () => {
  it('is read from levels, and from bids and asks', () => {
    assert.deepEqual(readBook(dataOf(liveBook), eth), book);
    assert.deepEqual(readBook(dataOf(archivedBook), eth), book);
    const rest = {
      timestamp: '2026-09-21T14:13:21.200Z',
      bids: [{ price: '2501.10', size: '12.5', count: '4' }],
      asks: [{ price: '2501.20', size: '3.75', count: 2 }],
    };
    assert.deepEqual(readBook(rest, eth), book);
  });

  it('may have an empty side, or none', () => {
    const time = 1_790_000_001_200;
    const empty = { timeMs: time, bids: [], asks: [], blockNumber: null };
    assert.deepEqual(readBook({ time, levels: [] }, eth), empty);
    assert.deepEqual(readBook({ time, levels: [[], []] }, eth), empty);
  });

  it('is read at full depth with the block that it ends with', () => {
    const timed = { ...eth, envelopeTimeMs: 1_790_000_001_200 };
    const full = { bids: [{ px: 2501.1, sz: 12.5, n: 4 }], asks: [{ px: 2501.2, sz: 3.75, n: 2 }] };
    assert.deepEqual(readFullBook(full, timed, 12), { ...book, blockNumber: 12 });
    assert.throws(
      () => readFullBook(full, timed, null),
      /"last_block_number" .* is null, expected/,
    );
  });

  it('is refused with the value that is wrong', () => {
    const time = 1_790_000_001_200;
    const cases: readonly (readonly [unknown, string, RegExp])[] = [
      [[{ px: 'x', sz: '1', n: 1 }], 'market.number_invalid', /"px" .* is "x", expected a decimal/],
      [[{ px: '1', sz: '-1', n: 1 }], 'market.negative_amount', /"sz" .* is "-1"/],
      [[{ px: '-1', sz: '1', n: 1 }], 'market.negative_amount', /"px" .* is "-1"/],
      [[{ px: '1', sz: '1', n: 0.5 }], 'row.invalid', /"n" .* is 0.5, expected a number of orders/],
      ['none', 'row.invalid', /"bids" .* is "none", expected a list/],
      [[7], 'row.invalid', /"data" .* is 7, expected a JSON object/],
    ];
    for (const [bids, code, message] of cases) {
      assert.throws(() => readBook({ time, levels: [bids, []] }, eth), { code, message });
    }
    assert.throws(
      () => readBook({ time, levels: [[]] }, eth),
      /"levels" .* expected a list of bids/,
    );
    const late = { time: 1_790_000_202_004, levels: [] };
    assert.throws(() => readBook(late, eth), { code: 'market.time_in_future' });
  });
});

describe('changes of a book', () => {
  it('are read by block, exact', () => {
    assert.deepEqual(readLevelChanges(dataOf(fullBatch), eth), [
      {
        blockNumber: 1_170_000_011,
        changes: [
          { side: 'buy', price: '2501.1', quantity: '0', orders: 0 },
          { side: 'buy', price: '2501', quantity: '7', orders: 3 },
        ],
      },
      {
        blockNumber: 1_170_000_014,
        changes: [{ side: 'sell', price: '0.0000001', quantity: '1', orders: 1 }],
      },
    ]);
  });
});

describe('orders', () => {
  it('rest in a snapshot as tuples or as flat objects', () => {
    const timed = { ...eth, envelopeTimeMs: 1_790_000_000_000 };
    const expected = {
      timeMs: 1_790_000_000_000,
      blockNumber: 1_100_000_500,
      bids: [{ orderId: 510_000_000_001, account: '0xaa01', price: '2501.1', quantity: '2' }],
      asks: [],
    };
    assert.deepEqual(readOrderBook(dataOf(orderSnapshot), timed, 1_100_000_500), expected);
    const flat = [{ oid: 510_000_000_001, user_address: '0xaa01', price: 2501.1, size: 2 }];
    const data = { bids: flat, asks: [] };
    assert.deepEqual(readOrderBook(data, timed, 1_100_000_500), expected);
    const l3 = [{ order_index: 7, owner_account_index: 42, price: '1.0', remaining_size: '0.5' }];
    assert.deepEqual(readL3Book({ timestamp: 1_790_000_000_000, bids: l3, asks: [] }, eth), {
      timeMs: 1_790_000_000_000,
      blockNumber: null,
      bids: [{ orderId: 7, account: '42', price: '1', quantity: '0.5' }],
      asks: [],
    });
  });

  it('change by diffs', () => {
    const common = {
      dataset: 'order_diffs',
      symbol: 'ETH',
      eventTimeMs: 1_790_000_000_110,
      blockNumber: 1_100_000_501,
      occurrence: 0,
      insertBefore: null,
      details: null,
    };
    const expected = [
      {
        ...common,
        sequence: 7,
        orderId: 510_000_000_852,
        account: '0xbb02',
        side: 'buy',
        price: '2501',
        diffType: 'new',
        newQuantity: '1.5',
      },
      {
        ...common,
        sequence: 9,
        orderId: 509_999_999_500,
        account: '0xcc03',
        side: 'sell',
        price: '2502',
        diffType: 'remove',
        newQuantity: null,
      },
    ];
    assert.deepEqual(readOrderDiffs(dataOf(diffBatch), eth).messages, expected);
  });

  it('without a sequence are told apart by order, kind and how often they occur', () => {
    const [row] = dataOf(diffBatch) as readonly object[];
    const update = { ...row, seq: 0, diff_type: 'update' };
    const { messages } = readOrderDiffs([update, { ...update, new_size: 1 }, row], eth);
    assert.deepEqual(
      messages.map(({ sequence, occurrence }) => [sequence, occurrence]),
      [
        [0, 0],
        [0, 1],
        [7, 0],
      ],
    );
  });

  it('live through steps', () => {
    const [message] = readOrders(dataOf(orderBatch), eth).messages;
    assert.deepEqual(message, {
      dataset: 'orders',
      symbol: 'ETH',
      eventTimeMs: 1_790_000_000_110,
      blockNumber: 1_100_000_501,
      sequence: 41,
      occurrence: 0,
      orderId: 510_000_000_852,
      account: '0xbb02',
      status: 'open',
      side: 'buy',
      limitPrice: '2501',
      quantity: '1.5',
      originalQuantity: '1.5',
      orderType: 'Limit',
      triggerCondition: 'N/A',
      isTrigger: false,
      triggerPrice: '0',
      isPositionTpsl: false,
      isReduceOnly: false,
      timeInForce: 'Gtc',
      clientOrderId: null,
      details: null,
    });
    const { refusals } = readOrders(
      [{ ...(dataOf(orderBatch) as object[])[0], status: null }],
      eth,
    );
    assert.deepEqual(problemsOf(refusals), ['row.invalid']);
  });

  it('with an unknown kind of diff are refused', () => {
    const [row] = dataOf(diffBatch) as readonly object[];
    const { messages, refusals } = readOrderDiffs([{ ...row, diff_type: 'move' }, row], eth);
    assert.equal(messages.length, 1);
    assert.match(refusals[0]?.message ?? '', /"diff_type" .* is "move", expected new, update or/);
  });
});
