/** Candles, orders and contexts: how they come, and what is said of what they lack. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { SimulatorOptions } from '../../../../src/devnet/oxarchive/simulator.ts';
import { TransientError } from '../../../../src/model/errors.ts';
import { OxarchiveScene } from '../../../support/oxarchive/oxarchive-scene.ts';

let scene: OxarchiveScene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function open(options: SimulatorOptions = {}) {
  const opened = await OxarchiveScene.open(options);
  scene = opened;
  const reader = (...given: Parameters<OxarchiveScene['connect']>) => opened.connect(...given);
  return { simulator: opened.simulator, reader };
}

const minuteMs = 60_000;

describe('other channels', () => {
  it('give each candle once it is closed, since the position', async () => {
    const { simulator, reader } = await open();
    simulator.produce(10);
    const start = simulator.nowMs - 10 * minuteMs;
    const { fold, source } = reader({ markets: ['hyperliquid:BTC'], start }, ['candles', 'trades']);
    await fold.run(source, () => fold.rows('candles').length >= 10);
    const begins = fold.rows('candles').map(({ timeMs }) => timeMs);
    assert.deepEqual(
      begins,
      [...new Set(begins)].sort((a, b) => a - b),
    );
    assert(begins.every((each) => each % minuteMs === 0));
    assert((begins[0] ?? 0) <= start, 'the candle of the position itself is there');
    assert((begins.at(-1) ?? 0) + minuteMs <= simulator.nowMs, 'no candle is still growing');
  });

  it('give orders one by one beside the book that is built from the same frames', async () => {
    const { reader } = await open();
    const datasets = ['order_diffs', 'orders', 'order_snapshots', 'book_deltas'];
    const options = { markets: ['hyperliquid:BTC'], bookDepth: 'orders' } as const;
    const { fold, source } = reader(options, datasets);
    await fold.run(source, () => datasets.every((dataset) => fold.rows(dataset).length > 0));
    const chunks = fold.rows('order_snapshots').map(({ row }) => Number(row['chunk_index']));
    assert.deepEqual(
      chunks,
      chunks.map((_, index) => index),
    );
    assert.deepEqual(fold.letters, []);
  });

  it('say from when to when contexts are missing after a lost socket', async () => {
    const { simulator, reader } = await open();
    const { fold, source } = reader({ markets: ['hyperliquid:BTC'] }, ['funding', 'open_interest']);
    let isCut = false;
    const cut = fold.run(source, () => {
      if (!isCut && fold.rows('funding').length > 1) {
        isCut = true;
        for (const { outlet } of simulator.connections) outlet.kill();
      }
      return false;
    });
    await assert.rejects(cut, (error) => error instanceof TransientError);
    const lastMs = Math.max(...fold.rows('funding').map(({ timeMs }) => timeMs));
    await fold.run(source, () => fold.told.length >= 2);
    assert.deepEqual(
      fold.told.map(({ dataset, state, fromMs, reason }) => [dataset, state, fromMs, reason]),
      ['funding', 'open_interest'].map((each) => [each, 'gap', lastMs, 'not_backfilled']),
    );
  });
});
