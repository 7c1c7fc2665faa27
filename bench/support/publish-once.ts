/** One publication of everything a source reports, from the first update to the acknowledged commit. */
import type { SourceUpdate } from '../../src/model/update.ts';
import { CommitWatch } from './commit-watch.ts';
import { mainThreadCpuSeconds } from './machine.ts';
import { scripted } from './script.ts';
import type { Stage } from './stage.ts';

/** How long one publication of everything took. */
export interface Timed {
  readonly seconds: number;
  /** Of all threads, those of the garbage collector too. */
  readonly cpuSeconds: number;
  /** Of the thread that does everything else. */
  readonly mainThreadSeconds: number;
  /** Share of the time in which the event loop did not wait (for Kafka, here). */
  readonly utilization: number;
}

/** What was committed, and how long it took. */
export interface Committed extends Timed {
  readonly records: number;
  readonly bytes: number;
}

/** From the first update asked for to the acknowledged commit of the last. */
export async function publishOnce(
  stage: Stage,
  updates: Iterable<SourceUpdate<unknown>>,
): Promise<Committed> {
  const watch = new CommitWatch();
  const end = new AbortController();
  let stop = stopWatch();
  let timed = stop();
  watch.onCommit = () => {
    timed = stop();
  };
  const source = scripted(async function* play() {
    stop = stopWatch();
    yield* updates;
    // What is not published yet is published before the task ends.
    end.abort();
  });
  await stage.task(source, watch).run(end.signal);
  return { ...timed, records: watch.records, bytes: watch.bytes };
}

/** Begins to measure; what it gives tells how far it has come. */
export function stopWatch(): () => Timed {
  const before = process.cpuUsage();
  const threadBefore = mainThreadCpuSeconds();
  const loopBefore = performance.eventLoopUtilization();
  const startedAtMs = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - startedAtMs) / 1_000;
    return {
      ...{ seconds, cpuSeconds: (user + system) / 1e6 },
      mainThreadSeconds: mainThreadCpuSeconds() - threadBefore,
      utilization: performance.eventLoopUtilization(loopBefore).utilization,
    };
  };
}
