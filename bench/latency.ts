/**
 * From the moment a block's bytes are there to the moment a consumer in another process has its rows,
 * at 1,000 rows a second, for both kinds of delivery.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../src/model/system-clock.ts';
import type { Bench, Figure } from './support/bench.ts';
import { CommitWatch } from './support/commit-watch.ts';
import { openLogsReader } from './support/latency-reader.ts';
import { profiled } from './support/profiler.ts';
import type { Scene } from './support/scene.ts';
import { blockUpdate, logsMessage, scripted } from './support/script.ts';
import { openStage } from './support/stage.ts';
import { percentile } from './support/statistics.ts';

const blocksPerSecond = 50;
const rowsPerBlock = 20;
const finalityDepth = 64;

const cases = [
  { delivery: 'low_latency', p99Ms: 10 },
  { delivery: 'exactly_once', p99Ms: 30 },
] as const;

export const latency: Bench = {
  name: 'latency',
  about: 'received to consumed, at 1,000 rows a second',
  async run(scene) {
    const figures: Figure[] = [];
    const raw: Record<string, unknown> = { blocksPerSecond, rowsPerBlock };
    for (const { delivery, p99Ms } of cases) {
      const samplesMs = await measure(scene, delivery);
      const at = (share: number) => percentile(samplesMs, share);
      figures.push(
        { what: `${delivery} p50`, value: at(0.5), unit: 'ms', budget: null },
        { what: `${delivery} p99`, value: at(0.99), unit: 'ms', budget: { atMost: p99Ms } },
      );
      const shares = [0.5, 0.9, 0.95, 0.99, 0.999, 1];
      raw[delivery] = {
        samples: samplesMs.length,
        percentilesMs: Object.fromEntries(shares.map((share) => [share, at(share)])),
      };
    }
    return { figures, raw };
  },
};

async function measure(scene: Scene, delivery: 'low_latency' | 'exactly_once') {
  const stage = await openStage(scene, { datasets: ['logs'], delivery });
  const reader = await openLogsReader(stage);
  const end = new AbortController();
  // The compilers of the broker take half a minute.
  const [warmUpSeconds, seconds] = scene.options.isQuick ? [2, 5] : [30, 20];
  const watch = new CommitWatch();
  const source = scripted(async function* play() {
    const message = logsMessage(rowsPerBlock);
    const startedAtMs = performance.now();
    const blocks = (warmUpSeconds + seconds) * blocksPerSecond;
    for (let height = 1; height <= blocks; height += 1) {
      const waitMs = startedAtMs + (height * 1_000) / blocksPerSecond - performance.now();
      if (waitMs > 0) await delay(waitMs);
      if (height === warmUpSeconds * blocksPerSecond) await reader.reset();
      yield blockUpdate({ height, branch: 'a' }, message, systemClock.nowUs());
      const final = blockUpdate({ height: height - finalityDepth, branch: 'a' }, message, 0).header;
      if (height > finalityDepth) yield { kind: 'finalized', block: final };
    }
    end.abort();
  });
  const { profileDir } = scene.options;
  await profiled(profileDir, `latency-${delivery}`, () =>
    stage.task(source, watch).run(end.signal),
  );
  const { samplesMs } = await reader.close((seconds - 1) * blocksPerSecond * rowsPerBlock);
  stage.close();
  return samplesMs;
}
