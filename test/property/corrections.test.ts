/**
 * Random lives of a venue's trades through the ledger: told once, again, corrected, with a crash
 * possible at every record. fast-check prints seed and path of a failure, and shrinks it.
 */
import { it } from 'node:test';
import fc from 'fast-check';
import { type MarketStep, MarketWalk } from '../support/market/market-walk.ts';

const picks = fc.array(fc.nat({ max: 60 }), { minLength: 1, maxLength: 5 });
const step: fc.Arbitrary<MarketStep> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('trades' as const),
      symbols: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('again' as const, 'correct' as const), picks }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('book' as const), symbol: fc.nat({ max: 2 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat({ max: 8_000 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), isFlushed: fc.boolean() }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('crash' as const),
      at: fc.nat({ max: 12 }),
      overlap: fc.nat({ max: 4 }),
    }),
  },
);

for (const delivery of ['exactly_once', 'low_latency'] as const) {
  it(`shows each row once, as it was told last, after any life of it (${delivery})`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const walk = new MarketWalk(delivery);
        for (const next of steps) await walk.take(next);
        await walk.assertSameAfterRestart();
      }),
      { numRuns: Number(process.env['OMMER_PROPERTY_RUNS'] ?? 300) },
    );
  });
}
