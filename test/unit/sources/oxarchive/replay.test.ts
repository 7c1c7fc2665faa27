/** Missed rows by replay: the same rows as over REST, whatever happens to the replay. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { FaultRequest } from '../../../../src/devnet/oxarchive/faults.ts';
import { OxarchiveScene } from '../../../support/oxarchive/oxarchive-scene.ts';
import { assertSameTrades } from '../../../support/oxarchive/oxarchive-truth.ts';

let scene: OxarchiveScene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function filled(faults: readonly FaultRequest[], symbols = ['BTC', 'ETH']) {
  const opened = await OxarchiveScene.open();
  scene = opened;
  const { simulator, server } = opened;
  const start = simulator.nowMs - 60_000;
  const markets = symbols.map((symbol) => `hyperliquid:${symbol}`);
  const options = { markets, start, backfill: 'replay', auditIntervalMs: 0 } as const;
  const { fold, source } = opened.connect({ ...options, replaySpeed: 100 });
  for (const fault of faults) simulator.faults.arm(fault);
  const closed = () => fold.told.filter(({ state }) => state === 'closed');
  const isFilled = () => closed().length >= symbols.length && fold.wholeToMs > start + 30_000;
  await fold.run(source, isFilled);
  return { fold, simulator, requests: server.requests, closed: closed(), start };
}

describe('a replay', () => {
  it('fills the hole of every market, one after the other, on a socket of its own', async () => {
    const { fold, simulator, requests, closed, start } = await filled([]);
    assertSameTrades(fold, simulator, { ...market, fromMs: start, toMs: start + 55_000 });
    assert.deepEqual(new Set(closed.map(({ reason }) => reason)), new Set(['filled']));
    assert(requests.filter((each) => each.startsWith('/ws')).length >= 3);
    assert(!requests.some((each) => each.includes('/trades/')));
  });

  for (const name of ['replay-error', 'replay-killed'] as const) {
    it(`is asked for again after ${name}`, async () => {
      const { fold, simulator, start } = await filled([{ name }]);
      assertSameTrades(fold, simulator, { ...market, fromMs: start, toMs: start + 55_000 });
      assert(fold.warnings.includes('history not read'));
    });
  }
});

const market = { venue: 'hyperliquid', symbols: ['BTC', 'ETH'] } as const;
