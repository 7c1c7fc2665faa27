/** Trades and liquidations of the wire as messages: the reference's examples, and what is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseExactJson } from '../../../../src/sources/decimal.ts';
import { readLiquidations, readTrades } from '../../../../src/sources/oxarchive/wire/trades.ts';
import { contextOf, dataOf, problemsOf } from './wire-context.ts';

const lighterFrame =
  '{"type":"data","channel":"lighter_trades","coin":"BTC","symbol":"BTC","data":[{"coin":"BTC","side":"A","px":"64209.8","sz":"0.00300","time":1790000002340,"hash":"00aa","tid":40011223344,"oid":610000000001234,"crossed":false,"dir":null,"fee":null,"fee_token":null,"closed_pnl":null,"start_position":"1.25000","users":["281000000000042"]},{"coin":"BTC","side":"B","px":"64209.8","sz":"0.00300","time":1790000002340,"hash":"00aa","tid":40011223344,"oid":820000000005678,"crossed":true,"dir":null,"fee":null,"fee_token":null,"closed_pnl":null,"start_position":"0.07700","users":["500123"]}]}';
const pairFrame =
  '{"type":"data","channel":"trades","coin":"ETH","symbol":"ETH","data":[{"coin":"ETH","side":"B","px":"2501.2","sz":"0.8","time":1790000002004,"hash":"0x3f","tid":881200345511022,"users":["0xaa01","0xbb02"]}]}';
const liquidationFrame =
  '{"type":"data","channel":"liquidations","coin":"ETH","symbol":"ETH","data":[{"coin":"ETH","side":"A","px":"2470.0","sz":"5.1","time":1790000050123,"hash":"0x51","tid":771200345511022,"dir":"Close Long","closed_pnl":"-812.4","users":["0xaa01","0xbb02"],"is_liquidation":true}]}';
const restPage =
  '{"success":true,"data":[{"coin":"ETH","side":"B","price":"2501.2","size":"0.8","timestamp":"2026-09-21T13:33:22.004Z","timestamp_ms":1790000002004,"trade_id":881200345511022,"tx_hash":"0x3f","crossed":true}],"meta":{"count":1}}';

const ethLeg = {
  dataset: 'trades',
  symbol: 'ETH',
  eventTimeMs: 1_790_000_002_004,
  tradeId: 881_200_345_511_022,
  side: 'buy',
  leg: 0,
  price: '2501.2',
  quantity: '0.8',
  txHash: '0x3f',
  orderId: null,
  isTaker: null,
  account: null,
  users: null,
  direction: null,
  fee: null,
  feeToken: null,
  closedPnl: null,
  startPosition: null,
  isLiquidation: null,
  finality: null,
  details: null,
};
const lighterLeg = {
  ...ethLeg,
  symbol: 'BTC',
  eventTimeMs: 1_790_000_002_340,
  tradeId: 40_011_223_344,
  side: 'sell',
  price: '64209.8',
  quantity: '0.003',
  txHash: '00aa',
  orderId: 610_000_000_001_234,
  isTaker: false,
  account: '281000000000042',
  startPosition: '1.25',
  finality: 'preliminary',
};

describe('trades', () => {
  const lighter = contextOf({ venue: 'lighter', symbol: 'BTC', channel: 'lighter_trades' });
  const eth = contextOf({ venue: 'hyperliquid', symbol: 'ETH', channel: 'trades' });

  it('are two legs where the wire has two rows', () => {
    assert.deepEqual(readTrades(dataOf(lighterFrame), lighter), {
      messages: [
        lighterLeg,
        {
          ...lighterLeg,
          side: 'buy',
          orderId: 820_000_000_005_678,
          isTaker: true,
          account: '500123',
          startPosition: '0.077',
        },
      ],
      refusals: [],
    });
  });

  it('are two legs where the wire has both accounts in one row', () => {
    const users = '["0xaa01","0xbb02"]';
    assert.deepEqual(readTrades(dataOf(pairFrame), eth).messages, [
      { ...ethLeg, users },
      { ...ethLeg, users, side: 'sell' },
    ]);
  });

  it('have no side made up that has a row, or whose row names its own account', () => {
    const [row] = dataOf(pairFrame) as readonly object[];
    const both = readTrades([row, { ...row, side: 'A' }], eth).messages;
    assert.deepEqual(
      both.map(({ side }) => side),
      ['buy', 'sell'],
    );
    const leg = readTrades([{ ...row, user: '0xaa01' }], eth).messages;
    assert.deepEqual(
      leg.map(({ side }) => side),
      ['buy'],
    );
  });

  it('are two legs of a row with both accounts that tells more of its own side', () => {
    const [row] = dataOf(pairFrame) as readonly object[];
    const own = { dir: 'Open Long', crossed: true, oid: 7, fee: '0.1', fee_token: 'USDC' };
    const [buy, sell] = readTrades([{ ...row, ...own }], eth).messages;
    assert.deepEqual(
      [buy?.direction, buy?.isTaker, buy?.orderId, buy?.fee, buy?.feeToken],
      ['Open Long', true, 7, '0.1', 'USDC'],
    );
    const { direction, isTaker, orderId, fee, feeToken } = sell ?? {};
    assert.deepEqual([direction, isTaker, orderId, fee, feeToken], [null, false, null, null, null]);
    assert.deepEqual([sell?.side, sell?.users], ['sell', buy?.users]);
  });

  it('are the same read live, replayed and over REST', () => {
    const rest = readTrades(dataOf(restPage), { ...eth, origin: 'rest' });
    assert.deepEqual(rest.messages, [{ ...ethLeg, isTaker: true }]);
    const replayed = readTrades(
      {
        coin: 'ETH',
        side: 'B',
        price: '2501.20',
        size: '0.80',
        timestamp: 1_790_000_002_004,
        hash: '0x3f',
        tradeId: 881_200_345_511_022,
        orderId: 5,
        userAddress: '0xaa01',
        crossed: true,
        fee: '0.40',
        feeToken: 'USDC',
        closedPnl: '0.0',
        direction: 'Open Long',
        startPosition: '-1.5',
      },
      { ...eth, origin: 'replay' },
    );
    assert.deepEqual(replayed.messages, [
      {
        ...ethLeg,
        isTaker: true,
        orderId: 5,
        account: '0xaa01',
        fee: '0.4',
        feeToken: 'USDC',
        closedPnl: '0',
        direction: 'Open Long',
        startPosition: '-1.5',
      },
    ]);
  });

  it('of Lighter are final in the archive and preliminary before', () => {
    for (const [origin, finality] of [
      ['live', 'preliminary'],
      ['recent', 'preliminary'],
      ['replay', 'final'],
      ['rest', 'final'],
    ] as const) {
      const { messages } = readTrades(dataOf(lighterFrame), { ...lighter, origin });
      assert.equal(messages[0]?.finality, finality);
    }
  });

  it('count the rows of one side by their orders, whatever their order in the frame', () => {
    const [, row] = dataOf(lighterFrame) as readonly object[];
    const rows = [
      { ...row, oid: 1000 },
      { ...row, oid: 999 },
      { ...row, oid: 1000 },
    ];
    const legs = readTrades(rows, lighter).messages;
    assert.deepEqual(
      legs.map(({ orderId, leg }) => [orderId, leg]),
      [
        [1000, 1],
        [999, 0],
        [1000, 1],
      ],
    );
  });

  it('keep what no column holds, and every digit of what one does', () => {
    const [row] = dataOf(pairFrame) as readonly object[];
    const text =
      '{"px":0.0000001,"sz":12345678901234567890.123456789,"tid":9007199254740991,"builderFee":"0.1","cloid":null}';
    const odd = { ...row, ...(parseExactJson(text) as object) };
    const [leg] = readTrades([odd], eth).messages;
    assert.equal(leg?.price, '0.0000001');
    assert.equal(leg?.quantity, '12345678901234567890.123456789');
    assert.equal(leg?.tradeId, 9_007_199_254_740_991);
    assert.equal(leg?.details, '{"builder_fee":"0.1"}');
    assert.equal(readTrades([{ ...row, px: 1e-7 }], eth).messages[0]?.price, '0.0000001');
    const account = { users: [281_000_000_000_042], crossed: true };
    assert.equal(readTrades([{ ...row, ...account }], eth).messages[0]?.account, '281000000000042');
  });

  it('are refused one by one, each with its reason', () => {
    const [row] = dataOf(pairFrame) as readonly object[];
    const cases: readonly (readonly [unknown, string, RegExp])[] = [
      [
        { ...row, px: 'abc' },
        'market.number_invalid',
        /^"px" of a row of trades of ETH is "abc", expected a decimal number/,
      ],
      [{ ...row, sz: null }, 'market.number_invalid', /"sz" .* is missing, expected a decimal/],
      [{ ...row, px: 'NaN' }, 'market.number_invalid', /"px"/],
      [
        { ...row, sz: '-1' },
        'market.negative_amount',
        /"sz" .* is "-1", expected a number not below/,
      ],
      [
        { ...row, time: 1_790_000_102_005 },
        'market.time_in_future',
        /"time" .* is 1790000102005, expected a time not after 2026-09-21T14:15:02.004Z/,
      ],
      [{ ...row, time: 1_790_000_002 }, 'row.invalid', /"time" .* is 1790000002, expected milli/],
      [{ ...row, time: undefined }, 'row.invalid', /"time" .* is missing/],
      [{ ...row, tid: 2 ** 53 }, 'row.invalid', /"tid" .* expected a whole number/],
      [{ ...row, side: 'X' }, 'row.invalid', /"side" .* is "X", expected A or B/],
      [{ ...row, side: 'constructor' }, 'row.invalid', /"side" .* expected A or B/],
      [{ ...row, coin: 'BTC' }, 'row.invalid', /"coin" .* is "BTC", expected ETH/],
      [{ ...row, users: 'me' }, 'row.invalid', /"users" .* expected a list of accounts/],
      [{ ...row, users: [null] }, 'row.invalid', /"users" .* expected text/],
      ['row', 'row.invalid', /"data" .* is "row", expected a JSON object/],
    ];
    for (const [bad, code, message] of cases) {
      const { messages, refusals } = readTrades([bad, row], eth);
      assert.equal(messages.length, 2, 'the good row beside it is read');
      assert.deepEqual(problemsOf(refusals), [code]);
      assert.match(refusals[0]?.message ?? '', message);
      assert.ok(refusals[0]?.raw);
    }
  });
});

describe('liquidations', () => {
  const eth = contextOf({ venue: 'hyperliquid', symbol: 'ETH', channel: 'liquidations' });

  it('name who was liquidated first, in rows of trades as in rows of REST', () => {
    const expected = {
      dataset: 'liquidations',
      symbol: 'ETH',
      eventTimeMs: 1_790_000_050_123,
      tradeId: 771_200_345_511_022,
      side: 'sell',
      leg: 0,
      price: '2470',
      quantity: '5.1',
      txHash: '0x51',
      liquidatedUser: '0xaa01',
      liquidatorUser: '0xbb02',
      account: null,
      direction: 'Close Long',
      closedPnl: '-812.4',
      markPrice: null,
      details: null,
    };
    assert.deepEqual(readLiquidations(dataOf(liquidationFrame), eth).messages, [expected]);
    const rest = {
      liquidated_user: '0xaa01',
      liquidator_user: '0xbb02',
      price: '2470.0',
      size: '5.1',
      side: 'S',
      closed_pnl: '-812.4',
      direction: 'Close Long',
      trade_id: 771_200_345_511_022,
      tx_hash: '0x51',
      timestamp: '2026-09-21T14:14:10.123Z',
    };
    assert.deepEqual(readLiquidations([rest], eth).messages, [expected]);
  });

  it('leave out fills that are none', () => {
    const [row] = dataOf(liquidationFrame) as readonly object[];
    const rows = [{ ...row, is_liquidation: false }, row];
    assert.equal(readLiquidations(rows, eth).messages.length, 1);
  });
});
