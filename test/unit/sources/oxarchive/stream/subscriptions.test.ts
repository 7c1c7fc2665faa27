/** One command at a time, never too many in a second, and one that fails does not hold up the others. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type Subscription,
  Subscriptions,
} from '../../../../../src/sources/oxarchive/stream/subscriptions.ts';

const limits = {
  subscribesPerSecondMax: 3,
  ackTimeoutMs: 10_000,
  attemptsMax: 3,
  retryDelayMs: 1_000,
  retryDelayMaxMs: 1_500,
};
const of = (symbol: string): Subscription => ({ channel: 'trades', symbol });
const registry = (...symbols: readonly string[]) => new Subscriptions(symbols.map(of), limits);

describe('the subscriptions of a socket', () => {
  it('are asked for one after the other, each when the one before is answered', () => {
    const subscriptions = registry('BTC', 'ETH');
    assert.deepEqual(subscriptions.next(0), of('BTC'));
    assert.equal(subscriptions.next(1), undefined);
    assert.equal(subscriptions.acknowledge('trades', 'BTC'), true);
    assert.deepEqual(subscriptions.next(2), of('ETH'));
    assert.equal(subscriptions.acknowledge('trades', 'ETH'), true);
    assert.deepEqual([subscriptions.active, subscriptions.size], [2, 2]);
    assert.equal(subscriptions.nextAtMs(2), Number.POSITIVE_INFINITY);
  });

  it('are never asked for more often than allowed, in any second', () => {
    const symbols = Array.from({ length: 10 }, (_, n) => `S${n}`);
    const subscriptions = registry(...symbols);
    const sentAtMs: number[] = [];
    for (let nowMs = 0; sentAtMs.length < symbols.length; nowMs += 50) {
      const next = subscriptions.next(nowMs);
      if (next === undefined) continue;
      sentAtMs.push(nowMs);
      subscriptions.acknowledge(next.channel, next.symbol);
    }
    for (const [at, sentMs] of sentAtMs.entries()) {
      const within = sentAtMs.slice(at).filter((each) => each < sentMs + 1_000);
      assert(within.length <= 3, `${within.join()} are within a second`);
    }
  });

  it('leave an error without a name to the one under way', () => {
    const subscriptions = registry('BTC', 'ETH');
    assert.equal(subscriptions.concerned(null, null), undefined);
    subscriptions.next(0);
    assert.deepEqual(subscriptions.concerned(null, null), of('BTC'));
    assert.deepEqual(subscriptions.concerned('trades', 'ETH'), of('ETH'));
    assert.equal(subscriptions.concerned('trades', 'SOL'), undefined);
  });

  it('are asked for once more after a silence, behind the others, and then given up', () => {
    const subscriptions = registry('BTC', 'ETH');
    subscriptions.next(0);
    assert.deepEqual(subscriptions.unanswered(9_999), []);
    assert.deepEqual(subscriptions.unanswered(10_000), []);
    assert.deepEqual(subscriptions.next(10_000), of('ETH'));
    subscriptions.acknowledge('trades', 'ETH');
    assert.deepEqual(subscriptions.next(10_001), of('BTC'));
    assert.deepEqual(subscriptions.unanswered(20_001), [of('BTC')]);
    assert.equal(subscriptions.has('trades', 'BTC'), false);
    assert.deepEqual([subscriptions.active, subscriptions.size], [1, 1]);
  });

  it('are tried again after pauses that grow, and so many times at most', () => {
    const subscriptions = registry('BTC');
    const refusedAt = (nowMs: number) => {
      assert.deepEqual(subscriptions.next(nowMs), of('BTC'));
      return subscriptions.retry(of('BTC'), nowMs);
    };
    assert.equal(refusedAt(0), true);
    assert.equal(subscriptions.next(999), undefined);
    assert.equal(subscriptions.nextAtMs(999), 1_000);
    assert.equal(refusedAt(1_000), true);
    assert.equal(subscriptions.next(2_499), undefined);
    assert.equal(refusedAt(2_500), false);
    assert.equal(subscriptions.size, 0);
  });

  it('begin anew when the server has ended one that was active', () => {
    const subscriptions = registry('BTC');
    subscriptions.next(0);
    subscriptions.acknowledge('trades', 'BTC');
    assert.equal(subscriptions.retry(of('BTC'), 5_000), true);
    assert.deepEqual([subscriptions.active, subscriptions.size], [0, 1]);
    assert.deepEqual(subscriptions.next(6_000), of('BTC'));
  });

  it('are not there any more once they are dropped', () => {
    const subscriptions = registry('BTC', 'ETH');
    subscriptions.next(0);
    for (const each of subscriptions.matching(null, 'BTC')) subscriptions.drop(each);
    assert.equal(subscriptions.acknowledge('trades', 'BTC'), false);
    assert.deepEqual(subscriptions.next(1), of('ETH'));
  });
});
