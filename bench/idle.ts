/**
 * What a source costs that has nothing to do, and whether memory stays flat over busy minutes with
 * reorgs.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { startTraffic } from '../src/devnet/traffic/traffic.ts';
import type { Bench } from './support/bench.ts';
import { cpuSecondsOf, residentMiB } from './support/machine.ts';
import { startOmmer } from './support/ommer-run.ts';
import type { Scene } from './support/scene.ts';
import { openStage } from './support/stage.ts';
import { rounded, slope } from './support/statistics.ts';

const datasets = [
  'blocks',
  'transactions',
  'logs',
  'internal_transactions',
  'contracts',
  'token_transfers',
];

interface Sample {
  readonly x: number;
  readonly y: number;
}

export const idle: Bench = {
  name: 'idle',
  about: 'CPU of an idle source, memory over devnet traffic (--minutes N)',
  async run(scene) {
    const stage = await openStage(scene, { datasets, start: 'latest', hasWebSocket: true });
    const ommer = startOmmer(scene, stage);
    try {
      await ommer.logged('session opened');
      await delay(5_000);
      const share = await cpuShare(ommer.pid, scene.options.isQuick ? 10 : 30);
      const { samples, blocks } = await memoryUnderTraffic(scene, ommer.pid);
      // The first third fills caches and the heap's young generation.
      const settled = samples.slice(Math.floor(samples.length / 3));
      const unit = 'MiB/min';
      return {
        figures: [
          { what: 'idle: share of a core', value: share * 100, unit: '%', budget: { atMost: 1 } },
          {
            what: 'memory: resident at the end',
            value: settled.at(-1)?.y ?? Number.NaN,
            unit: 'MiB',
            budget: null,
          },
          {
            what: 'memory: slope over the last two thirds',
            value: slope(settled),
            unit,
            budget: null,
          },
        ],
        raw: {
          minutes: scene.options.minutes,
          blocks,
          residentMiB: samples.map(({ x, y }) => [rounded(x, 4), rounded(y, 4)]),
        },
      };
    } finally {
      await ommer.stop();
      stage.close();
    }
  },
};

async function cpuShare(pid: number, seconds: number): Promise<number> {
  const before = cpuSecondsOf(pid);
  const startedAtMs = performance.now();
  await delay(seconds * 1_000);
  return (cpuSecondsOf(pid) - before) / ((performance.now() - startedAtMs) / 1_000);
}

async function memoryUnderTraffic(scene: Scene, pid: number) {
  const stop = new AbortController();
  let blocks = 0;
  const traffic = await startTraffic({
    url: scene.devnet.evm.http,
    seed: 3,
    transactionsPerBlock: 20,
    blockTimeMs: 500,
    reorgEveryMs: [5_000, 10_000],
    reorgDepth: [1, 6],
    signal: stop.signal,
    onEvent: () => {
      blocks += 1;
    },
  });
  const samples: Sample[] = [];
  const startedAtMs = performance.now();
  const minutes = () => (performance.now() - startedAtMs) / 60_000;
  while (minutes() < scene.options.minutes) {
    await delay(1_000);
    samples.push({ x: minutes(), y: residentMiB(pid) });
  }
  stop.abort();
  await traffic.finished;
  return { samples, blocks };
}
