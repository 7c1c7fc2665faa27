/**
 * What a Tezos source costs by itself: catching up from prepared answers, and live blocks, up to the
 * encoded row. Venue and transport's other end are another process; Kafka has no part in it.
 */
import { systemClock } from '../src/model/system-clock.ts';
import type { TzktConfig } from '../src/sources/tzkt/config.ts';
import { tzktSource } from '../src/sources/tzkt/index.ts';
import type { TzktMessage } from '../src/sources/tzkt/messages.ts';
import type { FrameTap } from '../src/transport/frame-tap.ts';
import type { Bench, Figure } from './support/bench.ts';
import { profiled } from './support/profiler.ts';
import { type IsLast, readSource } from './support/source-reader.ts';
import { median, percentile } from './support/statistics.ts';
import {
  type FiltersHeap,
  filtersHeap,
  tzktChain,
  tzktConfigWith,
} from './support/tzkt-filters.ts';
import type { LiveOrder, VenueAnswer, VenueOrder } from './support/tzkt-venue.ts';
import { openVenue } from './support/venue-process.ts';

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
  const venue = await open({ blocks, operationsPerBlock });
  const last = venue.firstLevel + blocks - 1;
  const before = process.cpuUsage();
  const startedAtMs = performance.now();
  let heapBytesMost = 0;
  await read({ url: venue.url, perBlock: operationsPerBlock }, (update) => {
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
  const venue = await open({ blocks: 5, operationsPerBlock: operationsPerLiveBlock });
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
  const perBlock = operationsPerLiveBlock;
  await read({ url: venue.url, perBlock, onFrame }, ({ header }, { reportedAtUs }) => {
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

/** Follows the venue; a block that has not so many operations is a defect of the bench. */
function read(
  { url, perBlock, onFrame }: { url: string; perBlock: number; onFrame?: FrameTap },
  isLast: IsLast<TzktMessage>,
): Promise<void> {
  const watched = onFrame === undefined ? {} : { onFrame };
  const options = { definition: tzktSource, config: configOf(url), datasets, ...watched };
  return readSource(options, (update, read) => {
    if (read.rows !== perBlock + 1) throw new Error(`${read.rows} rows came.`);
    return isLast(update, read);
  });
}

function configOf(url: string): TzktConfig {
  return tzktConfigWith({
    ...{ url, chain: tzktChain, start: 'earliest', operations: [{ types: ['transaction'] }] },
    requestsPerSecondMax: 10_000,
  });
}

async function open(order: VenueOrder) {
  const venue = await openVenue<VenueOrder, VenueAnswer>('tzkt-venue', order);
  return { ...venue.answer, order: (live: LiveOrder) => venue.send(live), close: venue.close };
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
