/** Preflight of a BlockDB source: REST and its lag, the chain, the stream, every dataset. Never throws. */
import { type ErrorCode, TransientError } from '../../model/errors.ts';
import { Bell } from '../bell.ts';
import type { SourceCheck, SourceRuntime } from '../source.ts';
import { type Finding, verdict } from '../verdict.ts';
import { Archive } from './archive/archive.ts';
import { archiveHead, archiveIdentity } from './archive/archive-head.ts';
import { restFilters } from './archive/rest-filters.ts';
import { heightOf } from './assembly/said-row.ts';
import { isBarDataset } from './bars.ts';
import type { BlockdbConfig } from './config.ts';
import { configuredIds, wantedDatasets } from './datasets.ts';
import type { BlockdbDataset } from './messages.ts';
import { refusalCode } from './refusal.ts';
import type { SocketEvent } from './stream/socket.ts';
import { BlockdbStream } from './stream/stream.ts';
import {
  filtersOf,
  subscribedDatasets,
  subscriptionPlan,
  unfiltered,
} from './stream/subscriptions.ts';
import { blockdbDatasets, blockdbTables } from './tables/tables.ts';

type Refusals = ReadonlyMap<BlockdbDataset, { readonly code: ErrorCode; readonly words: string }>;

type HeardMessage = Extract<SocketEvent, { kind: 'message' }>['message'];

interface Heard {
  readonly refusals: Refusals;
  /** Height of a block that was announced meanwhile. */
  readonly newest: number | undefined;
}

/** In this order: REST, chain, stream, each dataset. What is not there is not asked for more. */
export async function checkBlockdb(
  config: BlockdbConfig,
  datasets: ReadonlySet<string>,
  runtime: SourceRuntime,
): Promise<SourceCheck[]> {
  const archive = new Archive(config, runtime);
  const { signal } = new AbortController();
  let head = config.identityHeight;
  let headTimeMs = 0;
  try {
    const rest = await verdict('rest', async () => {
      const search = { near: config.identityHeight, lowest: config.identityHeight };
      const { height, hash, timeMs } = await archiveHead(archive, search, signal);
      head = height;
      headTimeMs = timeMs;
      const behindS = Math.round((runtime.clock.nowMs() - timeMs) / 1000);
      return `${archive.origin}, head ${height} (${hash}), ${behindS} s old`;
    });
    if (!rest.ok) return [rest];
    const chain = await verdict('chain', () => archiveIdentity(archive, config, signal));
    let refusals: Refusals = new Map();
    let wanted: readonly BlockdbDataset[] = [];
    const stream = await verdict('stream', async () => {
      wanted = wantedDatasets(config, datasets, runtime);
      const heard = await subscribe(config, { runtime, wanted, signal });
      refusals = heard.refusals;
      const { newest } = heard;
      if (newest === undefined) return `key accepted, no block came in ${config.ackTimeoutMs} ms`;
      const search = { near: head, lowest: config.identityHeight };
      ({ height: head } = await archiveHead(archive, search, signal));
      // Asked after the block was heard: on a busy machine REST may have come past it.
      const behind = Math.max(0, newest - head);
      return `key accepted, block ${newest} announced, rest is ${behind} blocks behind`;
    });
    const checks = [rest, chain, stream];
    if (!stream.ok) return checks;
    for (const dataset of subscribedDatasets(wanted)) {
      checks.push(
        await verdict(dataset, async (): Promise<Finding> => {
          const refusal = refusals.get(dataset);
          if (refusal !== undefined) return [false, refusal.words, refusal.code];
          const [params = {}] = filtersOf(config, dataset);
          const range = isBarDataset(dataset)
            ? { fromMs: headTimeMs - 60_000, toMs: headTimeMs }
            : { from: head, to: head };
          const [filter = {}] = restFilters(dataset, params);
          await archive.rows({ dataset, range, params: filter, rowsMax: 1 }, signal);
          return 'on the stream and over rest';
        }),
      );
    }
    return [...checks, ...leftOut(config, datasets)];
  } finally {
    await archive.close();
  }
}

/** Datasets that somebody wants and BlockDB gives only with parameters, of which none are configured. */
function leftOut(config: BlockdbConfig, datasets: ReadonlySet<string>): SourceCheck[] {
  const wanted = blockdbDatasets.filter((dataset) => datasets.has(dataset));
  return unfiltered(config, wanted).map((dataset) => {
    const needed = blockdbTables[dataset].params.filter(({ isRequired }) => isRequired);
    const names = needed.map(({ name }) => name).join(' and ');
    return { name: dataset, ok: true, detail: `left out: filters.${dataset} needs ${names}` };
  });
}

/** Subscribes to everything; ends when all was answered and a block came, or none for a while. */
async function subscribe(
  config: BlockdbConfig,
  {
    runtime,
    wanted,
    signal,
  }: {
    readonly runtime: SourceRuntime;
    readonly wanted: readonly BlockdbDataset[];
    readonly signal: AbortSignal;
  },
): Promise<Heard> {
  const bell = new Bell();
  const ids = configuredIds(config);
  const plan = subscriptionPlan(config, wanted, ids);
  const stream = await BlockdbStream.open({ config, runtime, plan, bell, signal });
  const refusals = new Map<BlockdbDataset, { readonly code: ErrorCode; readonly words: string }>();
  let newest: number | undefined;
  const startedMs = runtime.clock.nowMs();
  try {
    for (;;) {
      for (let event = stream.take(); event !== undefined; event = stream.take()) {
        if (event.kind === 'refused') {
          const { subscription, error } = event;
          const words = `refused: ${error.code}: ${error.message}`;
          refusals.set(subscription.dataset, { code: refusalCode(error), words });
        } else newest = heightIn(event.message, ids.idOf.blocks) ?? newest;
      }
      const waitedMs = runtime.clock.nowMs() - startedMs;
      const isOver = newest !== undefined || waitedMs >= config.ackTimeoutMs;
      if (stream.isSettled && isOver) return { refusals, newest };
      if (waitedMs > config.ackTimeoutMs * 2) throw unsettled();
      await bell.wait(config.ackTimeoutMs, { clock: runtime.clock, signal });
    }
  } finally {
    stream.close();
    bell.close();
  }
}

/** The height of an announced block; undefined for any other message. */
function heightIn(message: HeardMessage, blocksId: string): number | undefined {
  if (message.kind !== 'row' || message.datasetId !== blocksId) return undefined;
  return heightOf('blocks', message.data);
}

function unsettled(): TransientError {
  return new TransientError('source.session_lost', {
    stage: 'sources',
    message: 'Not every subscription was answered: BlockDB goes on putting some of them off.',
  });
}
