/**
 * A reorg of 64 blocks with 100,000 rows: from the update that reports the fork to the acknowledged
 * commit of all retractions and of the new branch, which is one transaction.
 */
import { systemClock } from '../src/model/system-clock.ts';
import type { Bench, Figure } from './support/bench.ts';
import { CommitWatch } from './support/commit-watch.ts';
import { heldBlocks, heldRows, rowsPerHeldBlock } from './support/held-window.ts';
import { profiled } from './support/profiler.ts';
import type { Scene } from './support/scene.ts';
import { aborted, blockUpdate, hashOf, logsMessage, scripted } from './support/script.ts';
import { openStage } from './support/stage.ts';
import { median } from './support/statistics.ts';

const cases = [
  { label: 'new branch of 64 rows', rowsPerNewBlock: 1 },
  { label: 'new branch with as many rows again', rowsPerNewBlock: rowsPerHeldBlock },
];

export const reorg: Bench = {
  name: 'reorg',
  about: '64 blocks with 100,000 rows taken back',
  async run(scene) {
    const figures: Figure[] = [];
    const raw: Record<string, unknown> = { blocks: heldBlocks, rows: heldRows };
    for (const { label, rowsPerNewBlock } of cases) {
      const rounds = scene.options.isQuick ? 1 : 3;
      const seconds: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        seconds.push(await reorgOnce(scene, rowsPerNewBlock));
      }
      const what = `fork to committed, ${label}`;
      figures.push({ what, value: median(seconds), unit: 's', budget: { atMost: 3 } });
      raw[label] = { seconds };
    }
    return { figures, raw };
  },
};

async function reorgOnce(scene: Scene, rowsPerNewBlock: number): Promise<number> {
  const stage = await openStage(scene, { datasets: ['logs'] });
  const watch = new CommitWatch();
  const end = new AbortController();
  let seconds = Number.NaN;
  const source = scripted(async function* play(_, signal) {
    const old = logsMessage(rowsPerHeldBlock);
    const heights = Array.from({ length: heldBlocks }, (_unused, index) => index + 1);
    for (const height of [0, ...heights]) {
      yield blockUpdate(
        { height, branch: 'a' },
        height === 0 ? logsMessage(1) : old,
        systemClock.nowUs(),
      );
    }
    // A session record, the block below, and per block its rows and its control record.
    const before = 1 + 2 + heldBlocks + heldRows;
    await watch.committed(before);
    const fresh = logsMessage(rowsPerNewBlock);
    const startedAtMs = performance.now();
    const after = before + heldRows + 1 + heldBlocks * (1 + rowsPerNewBlock);
    const done = watch.committed(after);
    const canonical = [0, ...heights].map((height) => ({
      height,
      hash: hashOf(height, height === 0 ? 'a' : 'b'),
    }));
    yield { kind: 'fork', canonical, reason: 'parent_hash' };
    for (const height of heights) {
      const parentBranch = height === 1 ? 'a' : 'b';
      yield blockUpdate({ height, branch: 'b', parentBranch }, fresh, systemClock.nowUs());
    }
    // The pipeline goes on only when it is asked for the next update.
    void done.then((atMs) => {
      seconds = (atMs - startedAtMs) / 1_000;
      end.abort();
    });
    await aborted(signal);
  });
  const run = () => stage.task(source, watch).run(end.signal);
  await profiled(scene.options.profileDir, `reorg-${rowsPerNewBlock}`, run);
  stage.close();
  return seconds;
}
