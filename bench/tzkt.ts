/**
 * What a Tezos source costs by itself: catching up from prepared answers, and live blocks, up to the
 * encoded row. Venue and transport's other end are another process; Kafka has no part in it.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CanonicalChain } from '../src/continuity/canonical-chain.ts';
import { loadDataset } from '../src/encoding/dataset.ts';
import { RowEncoder } from '../src/encoding/row-encoder.ts';
import { ScratchBuffer } from '../src/encoding/scratch-buffer.ts';
import { systemClock } from '../src/model/system-clock.ts';
import type { BlockUpdate } from '../src/model/update.ts';
import { createNormalizer } from '../src/normalization/normalizer.ts';
import { createMetrics } from '../src/observability/metrics.ts';
import { tzktChannels } from '../src/sources/tzkt/channels.ts';
import type { TzktConfig } from '../src/sources/tzkt/config.ts';
import { tzktSource } from '../src/sources/tzkt/index.ts';
import type { TzktMessage } from '../src/sources/tzkt/messages.ts';
import type { FrameTap } from '../src/transport/frame-tap.ts';
import type { Bench, Figure } from './support/bench.ts';
import { profiled } from './support/profiler.ts';
import { benchLogger } from './support/stage.ts';
import { median, percentile } from './support/statistics.ts';
import {
  type FiltersHeap,
  filtersHeap,
  tzktChain,
  tzktConfigWith,
} from './support/tzkt-filters.ts';
import type { LiveOrder, VenueAnswer, VenueOrder } from './support/tzkt-venue.ts';

const operationsPerBlock = 500;
/** About what a block of the main network holds. */
const operationsPerLiveBlock = 100;
const datasets: ReadonlySet<string> = new Set(['blocks', 'operations']);

export const tzkt: Bench = {
  name: 'tzkt',
  about: 'a Tezos source by itself: catching up over REST, live blocks, a thousand filters',
  async run({ options }) {
    const blocks = options.isQuick ? 40 : 200;
    const runs: CaughtUp[] = [];
    for (let round = 0; round < (options.isQuick ? 1 : 5); round += 1) {
      const name = `tzkt-catch-up-${round}`;
      runs.push(await profiled(options.profileDir, name, () => caughtUp(blocks)));
    }
    const live = options.isQuick ? { blocks: 40, everyMs: 20 } : { blocks: 300, everyMs: 50 };
    const addedMs = await profiled(options.profileDir, 'tzkt-live', () => addedLive(live));
    const filtered = options.isQuick ? 40 : 400;
    const heap = await filtersHeap(1_000, filtered);
    return {
      figures: [
        ...catchUpFigures(blocks, runs),
        ...liveFigures(addedMs),
        ...filtersFigures(heap, filtered),
      ],
      raw: { blocks, runs, addedMs, heap },
    };
  },
};

interface CaughtUp {
  /** CPU of this process, its garbage collection included. */
  readonly cpuSeconds: number;
  readonly seconds: number;
  readonly heapBytesMost: number;
}

/** Reads all blocks once. The venue's time is not this process's. */
async function caughtUp(blocks: number): Promise<CaughtUp> {
  const venue = await openVenue({ blocks, operationsPerBlock });
  const reader = new Reader(operationsPerBlock);
  const last = venue.firstLevel + blocks - 1;
  const before = process.cpuUsage();
  const startedAtMs = performance.now();
  let heapBytesMost = 0;
  await reader.read(venue.url, {}, (update) => {
    heapBytesMost = Math.max(heapBytesMost, process.memoryUsage().heapUsed);
    return update.header.height === last;
  });
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const { user, system } = process.cpuUsage(before);
  venue.close();
  return { cpuSeconds: (user + system) / 1e6, seconds, heapBytesMost };
}

/** Milliseconds per block from the arrival of its last message. */
interface Added {
  /** Until the source has reported it. */
  readonly reported: readonly number[];
  /** Until its rows are encoded. */
  readonly encoded: readonly number[];
}

async function addedLive(order: LiveOrder): Promise<Added> {
  const venue = await openVenue({ blocks: 5, operationsPerBlock: operationsPerLiveBlock });
  const reader = new Reader(operationsPerLiveBlock);
  const first = venue.firstLevel + 5;
  const heardAtUs = new Map<number, number>();
  const reported: number[] = [];
  const encoded: number[] = [];
  const onFrame: FrameTap = (frame) => {
    if (frame.kind !== 'socket' || frame.direction !== 'in') return;
    const level = /"target":"operations","arguments":\[\{"type":1,"state":(\d+)/.exec(
      frame.text,
    )?.[1];
    if (level !== undefined) heardAtUs.set(Number(level), frame.atUs);
  };
  await reader.read(venue.url, { onFrame }, ({ header }, reportedAtUs) => {
    if (header.height === first - 1) venue.order(order);
    const atUs = heardAtUs.get(header.height);
    if (atUs !== undefined) {
      reported.push((reportedAtUs - atUs) / 1_000);
      encoded.push((systemClock.nowUs() - atUs) / 1_000);
    }
    return header.height === first + order.blocks - 1;
  });
  venue.close();
  // The first blocks are those for which the code is compiled.
  const warm = (all: readonly number[]) => all.slice(Math.floor(all.length / 10));
  return { reported: warm(reported), encoded: warm(encoded) };
}

/** What follows a source, up to the encoded row. */
class Reader {
  readonly #chain = new CanonicalChain(tzktChain);
  readonly #normalize = createNormalizer(tzktChannels, datasets);
  readonly #encoders = new Map(
    [...datasets].map((name) => [name, new RowEncoder(loadDataset(`tzkt/${name}`))]),
  );
  readonly #scratch = new ScratchBuffer();
  readonly #operationsPerBlock: number;

  constructor(perBlock: number) {
    this.#operationsPerBlock = perBlock;
  }

  /** Ends when `isLast` says so, after the block was encoded. */
  async read(
    url: string,
    { onFrame }: { readonly onFrame?: FrameTap },
    isLast: (update: BlockUpdate<TzktMessage>, reportedAtUs: number) => boolean,
  ): Promise<void> {
    const stop = new AbortController();
    const source = tzktSource.connect(configOf(url), datasets, {
      ...{ name: 'bench', clock: systemClock, logger: benchLogger, onFrame },
      metrics: createMetrics(),
      random: Math.random,
      canonicalHash: (height) => this.#chain.hashAt(height),
      finalizedHeight: () => this.#chain.finalized?.height,
    });
    for await (const update of source.updates(null, stop.signal)) {
      if (update.kind === 'finalized') this.#chain.finalize(update.block);
      if (update.kind === 'fork') throw new Error('The venue has one branch only.');
      if (update.kind !== 'block') continue;
      const reportedAtUs = systemClock.nowUs();
      this.#encode(update);
      if (isLast(update, reportedAtUs)) stop.abort();
    }
  }

  #encode(update: BlockUpdate<TzktMessage>): void {
    const { header, messages, isBackfill, receivedAtUs } = update;
    this.#chain.apply(header);
    const block = { height: header.height, blockHash: header.hash, blockTimeMs: header.timeMs };
    const origin = { chain: tzktChain, source: 'bench', ...block, isBackfill, receivedAtUs };
    const events = this.#normalize(messages, origin, (error) => {
      throw error;
    });
    if (events.length !== this.#operationsPerBlock + 1)
      throw new Error(`${events.length} rows came.`);
    for (const { dataset, row } of events) {
      this.#encoders.get(dataset)?.encode(row, this.#scratch, 0);
    }
  }
}

function configOf(url: string): TzktConfig {
  return tzktConfigWith({
    ...{ url, chain: tzktChain, start: 'earliest', operations: [{ types: ['transaction'] }] },
    requestsPerSecondMax: 10_000,
  });
}

async function openVenue(order: VenueOrder) {
  const child = fork(fileURLToPath(new URL('support/tzkt-venue.ts', import.meta.url)), [], {
    execArgv: [
      ...['--import', 'tsx', '--import'],
      fileURLToPath(new URL('support/compiled.mjs', import.meta.url)),
    ],
  });
  child.send(order);
  const [answer] = (await once(child, 'message')) as [VenueAnswer];
  return {
    ...answer,
    order: (live: LiveOrder) => child.send(live),
    close: () => child.disconnect(),
  };
}

function catchUpFigures(blocks: number, runs: readonly CaughtUp[]): Figure[] {
  const operations = blocks * operationsPerBlock;
  const of = (pick: (run: CaughtUp) => number) => median(runs.map(pick));
  return [
    {
      what: `catch-up, ${blocks} blocks of ${operationsPerBlock} operations, own CPU`,
      value: operations / of((run) => run.cpuSeconds),
      unit: 'operations/s',
      budget: { atLeast: 20_000 },
    },
    {
      what: '  with the waits for the venue',
      value: operations / of((run) => run.seconds),
      unit: 'operations/s',
      budget: null,
    },
    {
      what: '  most heap in use',
      value: of((run) => run.heapBytesMost) / 2 ** 20,
      unit: 'MiB',
      budget: null,
    },
  ];
}

function liveFigures({ reported, encoded }: Added): Figure[] {
  const what = `live blocks of ${operationsPerLiveBlock} operations: last message to report`;
  return [
    { what: `${what}, p50`, value: median(reported), unit: 'ms', budget: null },
    { what: '  p99', value: percentile(reported, 0.99), unit: 'ms', budget: { atMost: 5 } },
    { what: '  to encoded rows, p50', value: median(encoded), unit: 'ms', budget: null },
    { what: '  to encoded rows, p99', value: percentile(encoded, 0.99), unit: 'ms', budget: null },
  ];
}

function filtersFigures(heap: FiltersHeap, blocks: number): Figure[] {
  const { beforeBytes, quarterBytes, queuedMost } = heap;
  const early = quarterBytes[0] ?? Number.NaN;
  const late = quarterBytes.at(-1) ?? Number.NaN;
  const mib = (bytes: number) => bytes / 2 ** 20;
  return [
    {
      what: `1,000 filters, live heap after ${blocks / 4} blocks, above that before the session`,
      value: mib(early - beforeBytes),
      unit: 'MiB',
      budget: null,
    },
    {
      what: `  grown by after ${blocks} blocks`,
      value: mib(late - early),
      unit: 'MiB',
      budget: { atMost: 2 },
    },
    { what: '  most messages that waited', value: queuedMost, unit: 'messages', budget: null },
  ];
}
