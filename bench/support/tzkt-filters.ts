/** What a thousand filters of a live Tezos source keep in memory, early and late. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { CanonicalChain } from '../../src/continuity/canonical-chain.ts';
import { systemClock } from '../../src/model/system-clock.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import { type TzktConfig, tzktConfig } from '../../src/sources/tzkt/config.ts';
import { tzktSource } from '../../src/sources/tzkt/index.ts';
import { BoundedQueue } from '../../src/transport/bounded-queue.ts';
import { benchLogger } from './stage.ts';
import type { FiltersVenueAnswer } from './tzkt-filters-venue.ts';

/** The simulated network. */
export const tzktChain = 'tezos:NetXSCw6Rghzp68';
/** Blocks that come at once, so that something waits to be read. */
const burstBlocks = 10;

/** Live heap after forced collections, in bytes, and what was seen meanwhile. */
export interface FiltersHeap {
  readonly beforeBytes: number;
  /** At each quarter of the blocks. */
  readonly quarterBytes: readonly number[];
  /** Most messages that waited to be read. */
  readonly queuedMost: number;
  readonly transfers: number;
}

/** Follows so many live blocks with so many filters on `token_transfers`. */
export async function filtersHeap(filters: number, blocks: number): Promise<FiltersHeap> {
  const venue = await openVenue(filters);
  const queue = watchQueue();
  const beforeBytes = liveHeapBytes();
  const quarterBytes: number[] = [];
  let seen = 0;
  let transfers = 0;
  const stop = new AbortController();
  const chain = new CanonicalChain(tzktChain);
  for await (const update of connect(venue, filters, chain).updates(null, stop.signal)) {
    if (update.kind === 'finalized') chain.finalize(update.block);
    if (update.kind !== 'block') continue;
    chain.apply(update.header);
    transfers += update.messages.length - 1;
    if (seen > 0 && seen % (blocks / 4) === 0) quarterBytes.push(liveHeapBytes());
    if (seen === blocks) stop.abort();
    else if (seen % burstBlocks === 0) venue.produce(burstBlocks);
    seen += 1;
  }
  venue.close();
  return { beforeBytes, quarterBytes, queuedMost: queue.unwatch(), transfers };
}

/** The options' defaults, with others in their place. */
export function tzktConfigWith(other: Partial<TzktConfig>): TzktConfig {
  const defaults = Object.entries(tzktConfig).map(([name, option]) => [name, option.default]);
  return { ...(Object.fromEntries(defaults) as unknown as TzktConfig), ...other };
}

function connect(venue: FiltersVenueAnswer, filters: number, chain: CanonicalChain) {
  const accounts = Array.from(
    { length: filters },
    (_, index) => venue.accounts[index] ?? `tz1${String(index).padStart(33, 'x')}`,
  );
  const config = tzktConfigWith({
    ...{ url: venue.url, chain: tzktChain, subscriptionsMax: filters },
    tokenTransfers: accounts.map((account) => ({ account })),
    requestsPerSecondMax: 10_000,
  });
  return tzktSource.connect(config, new Set(['blocks', 'token_transfers']), {
    ...{ name: 'bench', clock: systemClock, logger: benchLogger, onFrame: undefined },
    metrics: createMetrics(),
    random: Math.random,
    canonicalHash: (height) => chain.hashAt(height),
    finalizedHeight: () => chain.finalized?.height,
  });
}

/** Counts what waits, from outside: the program itself has no use for the number. */
function watchQueue() {
  const { push } = BoundedQueue.prototype;
  let most = 0;
  BoundedQueue.prototype.push = function (item, sizeBytes) {
    const isTaken = push.call(this, item, sizeBytes);
    most = Math.max(most, this.length);
    return isTaken;
  };
  return {
    unwatch: () => {
      BoundedQueue.prototype.push = push;
      return most;
    },
  };
}

function liveHeapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

async function openVenue(filters: number) {
  const path = fileURLToPath(new URL('tzkt-filters-venue.ts', import.meta.url));
  const child = fork(path, [], { execArgv: ['--import', 'tsx'] });
  child.send(filters);
  const [answer] = (await once(child, 'message')) as [FiltersVenueAnswer];
  return {
    ...answer,
    produce: (blocks: number) => child.send(blocks),
    close: () => child.disconnect(),
  };
}
