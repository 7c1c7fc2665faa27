/** Names of markets and channels against the matrix of the reference. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  channelNamed,
  channelOf,
  parseMarket,
  restPath,
  venueChannels,
  venues,
} from '../../../../src/sources/oxarchive/markets.ts';

describe('a market', () => {
  it('has a venue before the first colon and a symbol behind it', () => {
    const cases = [
      ['hyperliquid:kPEPE', 'hyperliquid', 'kPEPE'],
      ['hip3:xyz:SP500', 'hip3', 'xyz:SP500'],
      ['hip4:#520', 'hip4', '#520'],
      ['hip4:520', 'hip4', '#520'],
      ['spot:HYPE-USDC', 'spot', 'HYPE-USDC'],
      ['lighter:btc', 'lighter', 'BTC'],
      ['rh_lighter:AAPL-USDG', 'rh_lighter', 'AAPL-USDG'],
      ['rh-lighter:btc', 'rh_lighter', 'BTC'],
    ];
    for (const [text = '', venue, symbol] of cases) {
      assert.deepEqual(parseMarket(text), { venue, symbol });
    }
  });

  it('is refused with what was expected', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['BTC', /"BTC" names no venue before its first colon: expected one of hyperliquid, hip3/],
      ['binance:BTC', /names no venue/],
      ['toString:BTC', /names no venue/],
      ['hip3:SP500', /is no market of hip3: expected a name like hip3:xyz:SP500/],
      ['spot:HYPE', /expected a name like spot:HYPE-USDC/],
      ['hip4:#', /expected a name like hip4:#520/],
      ['hyperliquid:', /expected a name like hyperliquid:BTC/],
      ['hyperliquid:xyz:SP500', /expected a name like hyperliquid:BTC/],
    ];
    for (const [text, expected] of cases) {
      const found = parseMarket(text);
      assert.ok('problem' in found, text);
      assert.match(found.problem, expected);
    }
  });

  it('has a path of REST', () => {
    assert.equal(
      restPath({ venue: 'hip3', symbol: 'xyz:SP500' }, 'trades'),
      '/v1/hyperliquid/hip3/trades/xyz%3ASP500',
    );
    assert.equal(
      restPath({ venue: 'hip4', symbol: '#520' }, 'trades'),
      '/v1/hyperliquid/hip4/trades/520',
    );
    assert.equal(
      restPath({ venue: 'rh_lighter', symbol: 'BTC' }, 'openinterest'),
      '/v1/rh-lighter/openinterest/BTC',
    );
  });
});

describe('a channel', () => {
  it('is of one venue', () => {
    assert.equal(new Set(venueChannels.map(({ name }) => name)).size, venueChannels.length);
    assert.deepEqual(
      venues.map((venue) => venueChannels.filter((each) => each.venue === venue).length),
      [12, 9, 5, 5, 6, 5],
    );
    assert.equal(channelNamed('rh_lighter_trades')?.venue, 'rh_lighter');
    assert.equal(channelNamed('trades')?.venue, 'hyperliquid');
    assert.equal(channelNamed('market_data'), undefined);
    assert.equal(channelOf('spot', 'liquidations'), undefined);
  });

  it('is live, replayed or silent as the matrix says', () => {
    const named = (test: (channel: (typeof venueChannels)[number]) => boolean): string =>
      venueChannels
        .filter(test)
        .map(({ name }) => name)
        .join(' ');
    assert.equal(
      named(({ live }) => live === 'silent'),
      'hip4_orderbook hip4_open_interest spot_twap',
    );
    assert.equal(
      named(({ live }) => live === 'no'),
      'candles hip3_candles lighter_candles lighter_l3_orderbook rh_lighter_candles',
    );
    assert.equal(
      named(({ replay }) => replay === 'no'),
      'ticker all_tickers mempool spot_orderbook spot_trades spot_twap',
    );
    assert.equal(
      named(({ replay }) => replay === 'bulk'),
      'orderbook_full l4_diffs l4_orders hip3_orderbook_full hip3_l4_diffs hip3_l4_orders hip4_l4_diffs hip4_l4_orders spot_l4_diffs spot_l4_orders',
    );
    for (const { replay, archiveStartMs } of venueChannels) {
      assert.equal(archiveStartMs === null, replay === 'no');
    }
    assert.equal(
      channelNamed('rh_lighter_trades')?.archiveStartMs,
      Date.UTC(2026, 5, 26, 20, 10, 26),
    );
    assert.equal(channelNamed('mempool')?.streamHost, 'only');
    assert.equal(channelNamed('lighter_trades')?.streamHost, 'no');
  });
});
