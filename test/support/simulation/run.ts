/** One seeded life of a source task: growth, reorgs, lost sessions, crashes, restarts, a quiet end. */
import type { StoredRecord } from '../../../src/encoding/encoded-record.ts';
import type { KeptTable } from '../../../src/model/checkpoint.ts';
import type { Clock } from '../../../src/model/runtime.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import type { TaskMonitor } from '../../../src/pipeline/monitor.ts';
import type { RestoreReader } from '../../../src/pipeline/restore.ts';
import { SourceTask, type TaskOptions } from '../../../src/pipeline/source-task.ts';
import type { TableSpec } from '../../../src/pipeline/table-spec.ts';
import {
  ChainWorld,
  type SimulatedBlock,
  SimulatedSource,
  seeded,
  simulatedChannels,
  simulatedDatasets,
} from './chain-world.ts';
import { parseCheckpoint, readSimulatedChange, simulatedEncoders } from './encoders.ts';
import { SimulatedKafka } from './kafka.ts';
import { Crash, SimulatedPublisher } from './publisher.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly steps: number;
  readonly delivery: 'exactly_once' | 'low_latency';
  readonly faultRate: number;
}

export interface SimulationResult {
  readonly canonical: readonly SimulatedBlock[];
  readonly kafka: SimulatedKafka;
  readonly restarts: number;
}

export const changelogs = simulatedDatasets;

/** Every changelog keeps its tables. */
export function simulatedTables(delivery: 'exactly_once' | 'low_latency'): TableSpec[] {
  return changelogs.map((changelog) => {
    const topic = `${changelog}.state`;
    const superseding =
      changelog === 'balances' ? { covered: `${topic}.finalized`, keysMax: 5 } : null;
    return {
      changelog,
      state: { topic, isPartial: false, superseding },
      final: delivery === 'low_latency' ? null : { topic: `${changelog}.final`, isPartial: false },
    };
  });
}

/** As a checkpoint names tables that nothing was published without. */
export function keptFromStart(specs: readonly TableSpec[]): KeptTable[] {
  return specs
    .flatMap(({ state, final }) => [state?.topic, state?.superseding?.covered, final?.topic])
    .flatMap((topic) =>
      topic === undefined || topic === null ? [] : [{ topic, fromHeight: null }],
    );
}

/** Runs until the world has stopped moving and a task without faults has caught up with it. */
export async function simulate(options: SimulationOptions): Promise<SimulationResult> {
  const random = seeded(options.seed);
  const world = new ChainWorld(random);
  const kafka = new SimulatedKafka();
  const budget = { steps: options.steps };
  let restarts = 0;
  while (budget.steps > 0) {
    await runLife({ options, world, kafka, budget, random, faultRate: options.faultRate });
    restarts += 1;
  }
  await runLife({ options, world, kafka, budget, random, faultRate: 0 });
  return { canonical: world.canonical, kafka, restarts };
}

async function runLife(life: {
  readonly options: SimulationOptions;
  readonly world: ChainWorld;
  readonly kafka: SimulatedKafka;
  readonly budget: { steps: number };
  readonly random: () => number;
  readonly faultRate: number;
}): Promise<void> {
  const { options, world, kafka, budget, random, faultRate } = life;
  const done = new AbortController();
  let task: SourceTask<SimulatedBlock> | null = null;
  const view = () => task?.chain ?? null;
  const isTransactional = options.delivery === 'exactly_once';
  task = new SourceTask(taskOptions(options), {
    source: new SimulatedSource({ world, random, view, budget }),
    normalize: createNormalizer(simulatedChannels, new Set(changelogs)),
    encoders: simulatedEncoders(),
    reader: simulatedReader(kafka),
    createPublisher: () => new SimulatedPublisher({ kafka, random, isTransactional, faultRate }),
    adopt: () => undefined,
    clock: virtualClock(),
    monitor: quietMonitor((kind) => {
      const atHead = view()?.hashAt(world.head.height) === world.head.hash;
      // A source that is idle has reported every revision too.
      if (kind === 'idle' && budget.steps <= 0 && atHead) done.abort();
    }),
    random,
  });
  try {
    await task.run(done.signal);
  } catch (error) {
    if (!(error instanceof Crash)) throw error;
  }
}

export function taskOptions(options: SimulationOptions): TaskOptions {
  return {
    name: 'sim',
    chain: 'test:1',
    kind: 'sim',
    delivery: options.delivery,
    dataErrors: 'stop',
    tables: simulatedTables(options.delivery),
    undo: { blocksMax: 1000, rowsMax: 100_000, correctionsMs: 3_600_000 },
    limits: { rowsMax: 20, blocksMax: 8 },
    sessions: null,
    backoff: { minMs: 1, maxMs: 2, retriesMax: 0 },
    heartbeatMs: 1_000_000,
    headEveryMs: 1_000_000,
    drainMs: 1_000_000,
  };
}

export function simulatedReader(kafka: SimulatedKafka): RestoreReader {
  return {
    async readCheckpoint() {
      const last = kafka.read('checkpoints').at(-1);
      return last === undefined ? null : parseCheckpoint(last.value);
    },
    async *readRanges(ranges) {
      for (const range of ranges) yield kafka.readRange(range) satisfies StoredRecord[];
    },
    async readEnds() {
      return kafka.ends(changelogs);
    },
    readChange: readSimulatedChange,
    async *readTable(topic) {
      yield kafka.read(topic);
    },
    hasRecords: async (topic) => kafka.readTable(topic).length > 0,
  };
}

/** Time passes only by sleeping; a long sleep (the heartbeat's) lasts until it is aborted. */
export function virtualClock(startMs = 1_700_000_000_000): Clock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    nowUs: () => nowMs * 1000,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
        if (ms > 100_000) return;
        nowMs += ms;
        setImmediate(resolve);
      }),
  };
}

export function quietMonitor(onProgress: (updateKind: string) => void): TaskMonitor {
  const nothing = () => undefined;
  return {
    state: nothing,
    restored: nothing,
    unanswered: nothing,
    keeping: nothing,
    sessionOpened: nothing,
    head: nothing,
    progressed: onProgress,
    published: nothing,
    retrying: nothing,
    stopped: nothing,
    applied: nothing,
    reverted: nothing,
    revised: nothing,
    finalized: nothing,
    batched: nothing,
    quarantined: nothing,
  };
}
