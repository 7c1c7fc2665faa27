/** What counts as repaired of a hole that the archive names: no single row is enough. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FatalError } from '../../../../../src/model/errors.ts';
import { repaired } from '../../../../../src/sources/oxarchive/archive/repaired.ts';
import type { BackfillReader } from '../../../../../src/sources/oxarchive/holes/backfill.ts';
import { pageOf, tradeAt } from './page.ts';

const range = { fromMs: 1_000_000, toMs: 5_200_000 };
const market = { venue: 'hyperliquid', symbol: 'BTC' } as const;

/** What stays lacking where REST has rows of these times. */
async function lackingOf(timesMs: readonly number[], error?: Error) {
  const reader: BackfillReader = {
    async *pages() {
      if (error !== undefined) throw error;
      yield pageOf(...timesMs.map(tradeAt));
      return null;
    },
  };
  const { signal } = new AbortController();
  const found: (readonly [number, number, string])[] = [];
  for await (const { lacking } of repaired(reader, { market, dataset: 'trades', range }, signal)) {
    found.push(...lacking.map(({ fromMs, toMs, reason }) => [fromMs, toMs, reason] as const));
  }
  return found;
}

describe('a hole of the archive', () => {
  it('lacks each silence that is left in it, up to its end', async () => {
    const minutes = [1_060_000, 1_120_000, 3_000_000];
    assert.deepEqual(await lackingOf([range.fromMs, ...minutes, range.toMs]), [
      [1_120_000, 3_000_000, 'archive_hole'],
      [3_000_000, 5_200_000, 'archive_hole'],
    ]);
  });

  it('is repaired where rows lie in all of it', async () => {
    const everyMinute = Array.from({ length: 69 }, (_, n) => range.fromMs + (n + 1) * 60_000);
    assert.deepEqual(await lackingOf(everyMinute), []);
  });

  it('lacks all of it where REST has its edges only, or refuses', async () => {
    const whole = [[range.fromMs, range.toMs, 'archive_hole']];
    assert.deepEqual(await lackingOf([range.fromMs, range.toMs]), whole);
    const refusal = { stage: 'sources', message: 'no', context: {} } as const;
    assert.deepEqual(await lackingOf([], new FatalError('source.request_failed', refusal)), whole);
  });
});
