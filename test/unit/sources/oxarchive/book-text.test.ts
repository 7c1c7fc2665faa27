/** The quick reading of live books, held against the built-in parser. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBookText } from '../../../../src/sources/oxarchive/wire/book-text.ts';

const bids = [
  { px: '2501.1', sz: '12.500', n: 4 },
  { px: '2501.0', sz: '0', n: 0 },
];
const asks = [{ px: '2501.2', sz: '.5', n: 123456789 }];

function frame(levels: readonly unknown[], coin = 'xyz:SP500'): string {
  const data = { coin, time: 1790000001200, levels };
  return JSON.stringify({ type: 'data', channel: 'hip3_orderbook', coin, symbol: coin, data });
}

describe('the quick reading of a live book', () => {
  it('gives what the built-in parser gives', () => {
    for (const coin of ['ETH', 'xyz:SP500', '#520', 'HYPE-USDC']) {
      const text = frame([bids, asks], coin);
      assert.deepEqual(parseBookText(text), JSON.parse(text));
    }
  });

  it('leaves every other text to the built-in parser', () => {
    const texts = [
      frame([]),
      frame([[], asks]),
      frame([bids, []]),
      frame([bids]),
      frame([bids, asks, bids]),
      frame([bids, asks]).replace('"time"', '"extra":1,"time"'),
      frame([bids, asks]).replace('"n":4', '"n":4,"more":1'),
      frame([bids, asks]).replace('1790000001200', '0790000001200'),
      frame([bids, asks]).replace('2501.1', '2.5e3'),
      frame([bids, asks], 'a"b'),
      frame([bids, asks], 'é'),
      JSON.stringify({ type: 'pong' }),
    ];
    for (const text of texts) assert.equal(parseBookText(text), undefined, text);
  });

  it('never gives another value, whatever single character is changed, put in or left out', () => {
    const text = frame([bids, asks], 'ETH');
    for (let at = 0; at < text.length; at += 1) {
      for (const put of ['', '"', '0', '1', '.', '-', ',', ']', '}', '\\', ' ', 'e']) {
        for (const end of [at, at + 1]) {
          const changed = `${text.slice(0, at)}${put}${text.slice(end)}`;
          const quick = parseBookText(changed);
          if (quick !== undefined) assert.deepEqual(quick, JSON.parse(changed), changed);
        }
      }
    }
  });
});
