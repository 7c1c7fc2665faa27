import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentIdentities } from '../../../src/consumer/recent-identities.ts';
import { count, openReader } from '../../../src/consumer.ts';

const change = (eventId: string, isRetraction = false, incarnation = 1) => ({
  ...{ isRetraction, row: {}, eventId, incarnation, reorgId: null, madeAtMs: 0 },
});

test('a row of market data passes once, and its retraction once', () => {
  const filter = new RecentIdentities(10);
  const seen = [
    filter.lets(change('a')),
    filter.lets(change('a')),
    filter.lets(change('a', true)),
    filter.lets(change('a', true)),
    filter.lets(change('a')),
    filter.lets(change('a', false, 2)),
    filter.lets(change('never', true)),
  ];
  assert.deepEqual(seen, [true, false, true, false, false, true, false]);
});

test('the oldest rows are forgotten, and their retractions pass', () => {
  const filter = new RecentIdentities(3);
  for (let number = 0; number < 100; number += 1) assert.ok(filter.lets(change(`e${number}`)));
  assert.equal(filter.size, 3);
  assert.deepEqual(
    [filter.lets(change('e99')), filter.lets(change('e97')), filter.lets(change('e1', true))],
    [false, false, true],
  );
});

test('market data is read by records alone, apart from chains', async () => {
  const base = {
    kafka: { brokers: ['127.0.0.1:1'] },
    registry: { url: 'http://127.0.0.1:1' },
  };
  const market = { dataset: 'oxarchive/trades', chain: 'hyperliquid' } as const;
  const reader = openReader({ ...base, topics: [market] });
  await assert.rejects(() => reader.steps()[Symbol.asyncIterator]().next(), /no steps/);
  assert.throws(() => reader.map({ entries: () => [], fold: count() }), /a map follows steps/);
  await reader.close();
  const blocks = { dataset: 'evm/blocks', chain: 'eip155:1' } as const;
  assert.throws(() => openReader({ ...base, topics: [market, blocks] }), /are read apart/);
  assert.throws(() => openReader({ ...base, topics: [market], from: { height: 7 } }), /no blocks/);
});
