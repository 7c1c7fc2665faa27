/** A process that restarts a source as `ommer run` does and stops at its first request to the node. */
import type { Restored } from '../restore.ts';
import { CommitWatch } from './commit-watch.ts';
import { scripted } from './script.ts';
import { reopenStage } from './stage.ts';

process.once('disconnect', () => process.exit(0));
process.once('message', (order) => {
  void restart((order as { file: string }).file).then((answer) => process.send?.(answer));
});

async function restart(file: string): Promise<Restored> {
  const stage = await reopenStage(file);
  const end = new AbortController();
  const before = process.cpuUsage();
  const startedAtMs = performance.now();
  let seconds = Number.NaN;
  let cpuSeconds = Number.NaN;
  const source = scripted(async function* play(after) {
    const { user, system } = process.cpuUsage(before);
    seconds = (performance.now() - startedAtMs) / 1_000;
    cpuSeconds = (user + system) / 1e6;
    // With it the task says how many rows it holds.
    if (after !== null) yield { kind: 'idle', cursor: after };
    end.abort();
  });
  const watch = new CommitWatch();
  await stage.task(source, watch).run(end.signal);
  stage.close();
  return { seconds, rows: watch.undoRows, cpuSeconds };
}
