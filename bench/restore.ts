/**
 * The restart of a source that holds an undo window of 100,000 rows: from taking over its transactional
 * ids to its first request to the node, in a fresh process, as after a crash.
 */
import { systemClock } from '../src/model/system-clock.ts';
import type { Bench } from './support/bench.ts';
import { CommitWatch } from './support/commit-watch.ts';
import { askChild } from './support/forwarder-run.ts';
import { heldBlocks, heldRows, rowsPerHeldBlock } from './support/held-window.ts';
import { blockUpdate, logsMessage, scripted } from './support/script.ts';
import { openStage } from './support/stage.ts';
import { median } from './support/statistics.ts';

const restorer = new URL('support/restorer.ts', import.meta.url);

/** What the restarted process answers. */
export interface Restored {
  readonly seconds: number;
  readonly rows: number;
  readonly cpuSeconds: number;
}

export const restore: Bench = {
  name: 'restore',
  about: 'a restart with an undo window of 100,000 rows',
  async run(scene) {
    const stage = await openStage(scene, { datasets: ['logs'] });
    const end = new AbortController();
    const source = scripted(async function* play() {
      const message = logsMessage(rowsPerHeldBlock);
      for (let height = 1; height <= heldBlocks; height += 1) {
        yield blockUpdate({ height, branch: 'a' }, message, systemClock.nowUs());
      }
      end.abort();
    });
    await stage.task(source, new CommitWatch()).run(end.signal);
    stage.close();
    const runs: Restored[] = [];
    const order = { file: stage.file };
    for (let round = 0; round < (scene.options.isQuick ? 1 : 5); round += 1) {
      runs.push(await askChild<{ file: string }, Restored>(scene, restorer, order));
    }
    const short = runs.find(({ rows }) => rows !== heldRows);
    if (short !== undefined) throw new Error(`${short.rows} rows were restored, not ${heldRows}`);
    const value = median(runs.map(({ seconds }) => seconds));
    return {
      figures: [{ what: 'open to first request', value, unit: 's', budget: { atMost: 3 } }],
      raw: { rows: heldRows, runs },
    };
  },
};
