/**
 * How fast `ommer run` takes a long chain into Kafka, against what the node serves to a loop that
 * asks for the same and throws it away, and for how much CPU, against a bare forwarder.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { bareFetch } from './support/bare-fetch.ts';
import type { Bench, Figure } from './support/bench.ts';
import { checkpointAt } from './support/checkpoint-wait.ts';
import { type Forwarded, runForwarder } from './support/forwarder-run.ts';
import { cpuSecondsOf } from './support/machine.ts';
import { startOmmer } from './support/ommer-run.ts';
import { type Scene, transfersPerBlock } from './support/scene.ts';
import { openStage, type Stage } from './support/stage.ts';
import { median } from './support/statistics.ts';

const withoutTraces = ['blocks', 'transactions', 'logs', 'token_transfers'];
const all = [...withoutTraces, 'internal_transactions', 'contracts'];
const rowsPerBlock = 1 + 3 * transfersPerBlock;

interface Run {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** With the start of the process. */
  readonly cpuSecondsWhole: number;
  /** CPU seconds of node and broker in the same time. */
  readonly nodeSeconds: number;
  readonly brokerSeconds: number;
}

interface Measured {
  readonly blocks: number;
  readonly served: readonly number[];
  readonly cores: readonly number[];
  readonly runs: readonly Run[];
}

export const catchUp: Bench = {
  name: 'catch-up',
  about: 'a long chain into Kafka, against what the node serves',
  async run(scene) {
    const { firstHeight, lastHeight } = await scene.filled();
    const blocks = lastHeight - firstHeight + 1;
    const cases = [
      { label: 'without traces', datasets: withoutTraces, hasTraces: false, blocksMax: blocks },
      // anvil executes a block again to trace it, at a tenth of its speed.
      { label: 'all datasets', datasets: all, hasTraces: true, blocksMax: 300 },
    ];
    const figures: Figure[] = [];
    const raw: Record<string, unknown> = { blocks, rowsPerBlock };
    for (const { label, datasets, hasTraces, blocksMax } of cases) {
      const count = Math.min(blocks, blocksMax);
      const to = firstHeight + count - 1;
      const range = { from: firstHeight, to, hasTraces };
      const served: number[] = [];
      const cores: number[] = [];
      const runs: Run[] = [];
      // Alternating, so that what else the machine does meets both.
      for (let round = 0; round < (scene.options.isQuick ? 1 : 3); round += 1) {
        const node = scene.devnet.evm.process.pid ?? 0;
        const cpuBefore = cpuSecondsOf(node);
        const seconds = await bareFetch(scene.devnet.evm.http, range);
        cores.push((cpuSecondsOf(node) - cpuBefore) / seconds);
        served.push(count / seconds);
        const stage = await openStage(scene, { datasets, start: firstHeight });
        runs.push(await runOnce(scene, stage, to));
        stage.close();
      }
      raw[label] = { blocks: count, servedBlocksPerSecond: served, nodeCores: cores, runs };
      figures.push(...figuresOf(label, { blocks: count, served, cores, runs }));
    }
    const forwarded = await runForwarder(scene, { from: firstHeight, to: lastHeight });
    raw['forwarder'] = forwarded;
    return { figures: [...figures, ...forwarderFigures(forwarded)], raw };
  },
};

async function runOnce(scene: Scene, stage: Stage, height: number): Promise<Run> {
  const ommer = startOmmer(scene, stage);
  try {
    const startedAtMs = await ommer.logged('session opened');
    const before = cpuSecondsOfAll(scene, ommer.pid);
    const doneAtMs = await checkpointAt(stage, height);
    const after = cpuSecondsOfAll(scene, ommer.pid);
    const seconds = (doneAtMs - startedAtMs) / 1_000;
    return {
      seconds,
      cpuSeconds: after.ommer - before.ommer,
      cpuSecondsWhole: after.ommer,
      nodeSeconds: after.node - before.node,
      brokerSeconds: after.broker - before.broker,
    };
  } finally {
    await ommer.stop();
    await delay(200);
  }
}

function cpuSecondsOfAll({ devnet }: Scene, ommer: number) {
  const broker = devnet.kafka.brokers[0]?.process.pid ?? 0;
  return {
    ommer: cpuSecondsOf(ommer),
    node: cpuSecondsOf(devnet.evm.process.pid ?? 0),
    broker: cpuSecondsOf(broker),
  };
}

function figuresOf(label: string, { blocks, served, cores, runs }: Measured): Figure[] {
  const perRun = runs.map((run, index) => blocks / run.seconds / (served[index] ?? Number.NaN));
  const per100k = (pick: (run: Run) => number) =>
    (median(runs.map(pick)) / (blocks * rowsPerBlock)) * 100_000;
  return [
    figure(`node alone, ${label}`, median(served), 'blocks/s'),
    figure('  cores that the node then uses', median(cores), ''),
    figure(`ommer, ${label}`, median(runs.map(({ seconds }) => blocks / seconds)), 'blocks/s'),
    ...coreFigures(runs),
    { ...figure(`ratio, ${label}`, median(perRun), ''), budget: { atLeast: 0.9 } },
    {
      ...figure(
        `CPU per 100,000 rows, ${label}`,
        per100k((run) => run.cpuSeconds),
        's',
      ),
      budget: { atMost: 12 },
    },
    figure(
      '  with the start of the process',
      per100k((run) => run.cpuSecondsWhole),
      's',
    ),
  ];
}

/** Who used the cores while ommer ran: where they add up to the machine's, nobody waited. */
function coreFigures(runs: readonly Run[]): Figure[] {
  const cores = (pick: (run: Run) => number) => median(runs.map((run) => pick(run) / run.seconds));
  return [
    figure(
      '  cores that the node then uses',
      cores((run) => run.nodeSeconds),
      '',
    ),
    figure(
      '  cores that ommer uses',
      cores((run) => run.cpuSeconds),
      '',
    ),
    figure(
      '  cores that the broker uses',
      cores((run) => run.brokerSeconds),
      '',
    ),
  ];
}

function forwarderFigures({ seconds, blocks, cpuSeconds, rows }: Forwarded): Figure[] {
  return [
    figure('bare forwarder (kafkajs, JSON), without traces', blocks / seconds, 'blocks/s'),
    figure('  CPU per 100,000 rows', (cpuSeconds / rows) * 100_000, 's'),
  ];
}

function figure(what: string, value: number, unit: string): Figure {
  return { what, value, unit, budget: null };
}
