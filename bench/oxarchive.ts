/**
 * What `ommer run` does with the frames of a live 0xArchive socket in `low_latency`: how many it
 * sustains, how late a consumer has them, and its memory; beside a minimal forwarder on the same frames.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Bench, Figure } from './support/bench.ts';
import { LatencyReader } from './support/latency-reader.ts';
import { cpuSecondsOf, residentMiB } from './support/machine.ts';
import type { Load } from './support/oxarchive-frames.ts';
import { type LoadSize, type LoadTimes, subscribed, sustained } from './support/oxarchive-load.ts';
import {
  demand,
  openForwarderSide,
  openOmmerSide,
  type Side,
  type SideOptions,
} from './support/oxarchive-side.ts';
import type { Scene } from './support/scene.ts';
import { median, percentile, rounded, slope } from './support/statistics.ts';

const markets = 50;
const framesPerSecond = 2_000;

interface Case {
  readonly what: string;
  readonly load: Load;
  readonly dataset: string;
  readonly atLeast: number;
  readonly size: LoadSize;
}

const trades = { warmUp: 60_000, frames: 200_000, ahead: 8_192 };
const books = { warmUp: 20_000, frames: 80_000, ahead: 4_096 };
const cases: readonly Case[] = [
  { what: 'trades', load: 'trades', dataset: 'trades', atLeast: 25_000, size: trades },
  {
    ...{ what: 'books, snapshots', load: 'books', dataset: 'book_snapshots' },
    ...{ atLeast: 20_000, size: books },
  },
  {
    ...{ what: 'books, deltas', load: 'books', dataset: 'book_deltas' },
    ...{ atLeast: 20_000, size: books },
  },
];

export const oxarchive: Bench = {
  name: 'oxarchive',
  about: 'live frames of 0xArchive: sustained, late, and memory (--minutes N)',
  async run(scene) {
    const figures: Figure[] = [];
    const raw: Record<string, unknown> = { markets, framesPerSecond };
    for (const each of cases) {
      const measured = await comparedLoad(scene, each);
      raw[each.what] = { ...each, ...measured };
      figures.push(...loadFigures(each, measured));
    }
    const late = await comparedLatency(scene);
    raw['latency'] = late;
    figures.push(...latencyFigures(late));
    const memory = await memoryOverMinutes(scene);
    raw['memory'] = memory.samples.map(({ x, y }) => [rounded(x, 4), rounded(y, 4)]);
    figures.push(...memoryFigures(memory.samples));
    return { figures, raw };
  },
};

/** Rounds of both sides, one after the other. */
interface Compared<T> {
  readonly ours: readonly T[];
  readonly theirs: readonly T[];
}

async function comparedLoad(scene: Scene, each: Case): Promise<Compared<LoadTimes>> {
  const { load, dataset, size } = each;
  const options: SideOptions = { markets, datasets: { [load]: dataset } };
  const share = scene.options.isQuick ? 0.1 : 1;
  const { warmUp, frames, ahead } = size;
  const scaled = { warmUp: warmUp * share, frames: frames * share, ahead };
  return inTurn(scene, options, scene.options.isQuick ? 1 : 3, async (side) => {
    await subscribed(side, markets);
    return sustained(side, scaled);
  });
}

async function inTurn<T>(
  scene: Scene,
  options: SideOptions,
  rounds: number,
  measure: (side: Side) => Promise<T>,
): Promise<Compared<T>> {
  const ours: T[] = [];
  const theirs: T[] = [];
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await withSide(() => openOmmerSide(scene, options), measure));
    theirs.push(await withSide(() => openForwarderSide(scene, options), measure));
  }
  return { ours, theirs };
}

async function withSide<T>(open: () => Promise<Side>, measure: (side: Side) => Promise<T>) {
  const side = await open();
  try {
    return await measure(side);
  } finally {
    await side.stop();
  }
}

function loadFigures({ what, atLeast, size }: Case, { ours, theirs }: Compared<LoadTimes>) {
  const speed = ({ records, seconds }: LoadTimes) => (records * shareOf(size)) / seconds;
  const cpuUs = ({ records, cpuSeconds }: LoadTimes) =>
    (cpuSeconds * 1e6) / (records * shareOf(size));
  const ratios = ours.map((own, index) => {
    const other = theirs[index];
    return other === undefined ? Number.NaN : speed(own) / speed(other);
  });
  const disordered = ours.reduce((sum, own) => sum + own.disordered, 0);
  return [
    { ...figure(`${what}: ommer`, median(ours.map(speed)), 'messages/s'), budget: { atLeast } },
    figure(`${what}: minimal forwarder`, median(theirs.map(speed)), 'messages/s'),
    figure(`${what}: ratio`, median(ratios), ''),
    figure(`${what}: CPU per message, ommer`, median(ours.map(cpuUs)), 'µs'),
    figure(`${what}: CPU per message, forwarder`, median(theirs.map(cpuUs)), 'µs'),
    { ...figure(`${what}: out of order, ommer`, disordered, 'records'), budget: { atMost: 0 } },
  ];
}

/** Of all records, those that were measured. */
function shareOf({ warmUp, frames }: LoadSize): number {
  return frames / (warmUp + frames);
}

/** One round at the pace, after the warm-up. */
interface LatencyTimes {
  readonly samplesMs: readonly number[];
  /** Of the side alone. */
  readonly cpuUsPerFrame: number;
}

/** A broker compiles for so long what this pace asks of it; whoever is measured first would pay. */
const brokerWarmUpMs = 45_000;

/** What compiles in the first seconds is no part of it: a trading system warms up too. */
async function comparedLatency(scene: Scene): Promise<Compared<LatencyTimes>> {
  const datasets = { trades: 'trades', books: 'book_snapshots' };
  const [warmUpSeconds, seconds] = scene.options.isQuick ? [8, 5] : [10, 20];
  const options = { markets, datasets };
  const begun = async (side: Side): Promise<LatencyReader> => {
    await subscribed(side, markets * 2);
    const { brokers } = side.stage.config.kafka;
    const stamps = { kind: 'stamped' } as const;
    const reader = await LatencyReader.open({ brokers, topics: side.topics, stamps });
    demand(side, { perSecond: framesPerSecond });
    return reader;
  };
  await withSide(
    () => openForwarderSide(scene, options),
    async (side) => {
      const reader = await begun(side);
      await delay(brokerWarmUpMs);
      await reader.close(0);
    },
  );
  return inTurn(scene, options, scene.options.isQuick ? 1 : 3, async (side) => {
    const reader = await begun(side);
    await delay(warmUpSeconds * 1_000);
    await reader.reset();
    const cpuBefore = cpuSecondsOf(side.pid);
    await delay(seconds * 1_000);
    const cpuSeconds = cpuSecondsOf(side.pid) - cpuBefore;
    const { samplesMs, disordered } = await reader.close((seconds - 1) * framesPerSecond);
    demand(side, { perSecond: 0 });
    if (disordered > 0) throw new Error(`${disordered} records came out of order.`);
    return { samplesMs, cpuUsPerFrame: (cpuSeconds * 1e6) / (seconds * framesPerSecond) };
  });
}

function latencyFigures({ ours, theirs }: Compared<LatencyTimes>): Figure[] {
  const at = (rounds: readonly LatencyTimes[], share: number) =>
    rounds.map(({ samplesMs }) => percentile(samplesMs, share));
  const cpuUs = (rounds: readonly LatencyTimes[]) =>
    median(rounds.map(({ cpuUsPerFrame }) => cpuUsPerFrame));
  const [our99, their99] = [at(ours, 0.99), at(theirs, 0.99)];
  const ratios = our99.map((value, index) => value / (their99[index] ?? Number.NaN));
  const ms = (what: string, values: readonly number[], atMost: number | null = null) => ({
    ...figure(`latency: ${what}`, median(values), 'ms'),
    budget: atMost === null ? null : { atMost },
  });
  return [
    ms('ommer p50', at(ours, 0.5), 2),
    ms('ommer p99', our99, 10),
    ms('ommer max', at(ours, 1)),
    ms('minimal forwarder p50', at(theirs, 0.5)),
    ms('minimal forwarder p99', their99),
    ms('minimal forwarder max', at(theirs, 1)),
    { ...figure('latency: ratio of the p99', median(ratios), ''), budget: { atMost: 1.5 } },
    figure('latency: CPU per message, ommer', cpuUs(ours), 'µs'),
    figure('latency: CPU per message, forwarder', cpuUs(theirs), 'µs'),
  ];
}

interface Sample {
  readonly x: number;
  readonly y: number;
}

/** Resident memory, in MiB over minutes. */
function memoryOverMinutes(scene: Scene): Promise<{ readonly samples: readonly Sample[] }> {
  const datasets = { trades: 'trades', books: 'book_deltas' };
  return withSide(
    () => openOmmerSide(scene, { markets, datasets }),
    async (side) => {
      await subscribed(side, markets * 2);
      demand(side, { perSecond: framesPerSecond });
      const samples: Sample[] = [];
      const startedAtMs = performance.now();
      const minutes = () => (performance.now() - startedAtMs) / 60_000;
      while (minutes() < scene.options.minutes) {
        await delay(1_000);
        samples.push({ x: minutes(), y: residentMiB(side.pid) });
      }
      return { samples };
    },
  );
}

function memoryFigures(samples: readonly Sample[]): Figure[] {
  // The first third fills caches and the heap's young generation.
  const settled = samples.slice(Math.floor(samples.length / 3));
  const last = settled.at(-1)?.y ?? Number.NaN;
  return [
    figure('memory: resident at the end', last, 'MiB'),
    figure('memory: slope over the last two thirds', slope(settled), 'MiB/min'),
  ];
}

function figure(what: string, value: number, unit: string): Figure {
  return { what, value, unit, budget: null };
}
