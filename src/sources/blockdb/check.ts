/** Preflight of a BlockDB source: REST and its lag, the chain, the stream, every dataset. Never throws. */
import { type ErrorCode, TransientError } from '../../model/errors.ts';
import type { SourceCheck, SourceRuntime } from '../source.ts';
import { type Finding, verdict } from '../verdict.ts';
import { Archive } from './archive/archive.ts';
import { archiveHead, archiveIdentity } from './archive/archive-head.ts';
import type { BlockdbConfig } from './config.ts';
import { configuredIds, wantedDatasets } from './datasets.ts';
import type { BlockdbDataset } from './messages.ts';
import { refusalCode } from './refusal.ts';
import { Bell } from './stream/bell.ts';
import { BlockdbStream } from './stream/stream.ts';
import { filtersOf, subscribedDatasets, subscriptionPlan } from './stream/subscriptions.ts';

type Refusals = ReadonlyMap<BlockdbDataset, { readonly code: ErrorCode; readonly words: string }>;

/** In this order: REST, chain, stream, each dataset. What is not there is not asked for more. */
export async function checkBlockdb(
  config: BlockdbConfig,
  datasets: ReadonlySet<string>,
  runtime: SourceRuntime,
): Promise<SourceCheck[]> {
  const archive = new Archive(config, runtime);
  const { signal } = new AbortController();
  let head = config.identityHeight;
  try {
    const rest = await verdict('rest', async () => {
      const search = { near: config.identityHeight, lowest: config.identityHeight };
      const { height, hash, timeMs } = await archiveHead(archive, search, signal);
      head = height;
      const behindS = Math.round((runtime.clock.nowMs() - timeMs) / 1000);
      return `${archive.origin}, head ${height} (${hash}), ${behindS} s old`;
    });
    if (!rest.ok) return [rest];
    const chain = await verdict('chain', () => archiveIdentity(archive, config, signal));
    let refusals: Refusals = new Map();
    let wanted: readonly BlockdbDataset[] = [];
    const stream = await verdict('stream', async () => {
      wanted = wantedDatasets(config, datasets, runtime);
      refusals = await subscribe(config, { runtime, wanted, signal });
      return 'key accepted, subscriptions answered';
    });
    const checks = [rest, chain, stream];
    if (!stream.ok) return checks;
    for (const dataset of subscribedDatasets(wanted)) {
      checks.push(
        await verdict(dataset, async (): Promise<Finding> => {
          const refusal = refusals.get(dataset);
          if (refusal !== undefined) return [false, refusal.words, refusal.code];
          const [params = {}] = filtersOf(config, dataset);
          const range = { from: head, to: head };
          await archive.rows({ dataset, range, params, rowsMax: 1 }, signal);
          return 'on the stream and over rest';
        }),
      );
    }
    return checks;
  } finally {
    await archive.close();
  }
}

/** Subscribes to everything, and ends when all was answered. */
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
): Promise<Refusals> {
  const bell = new Bell();
  const plan = subscriptionPlan(config, wanted, configuredIds(config));
  const stream = await BlockdbStream.open({ config, runtime, plan, bell, signal });
  const refusals = new Map<BlockdbDataset, { readonly code: ErrorCode; readonly words: string }>();
  const untilMs = runtime.clock.nowMs() + config.ackTimeoutMs * 2;
  try {
    for (;;) {
      for (let event = stream.take(); event !== undefined; event = stream.take()) {
        if (event.kind !== 'refused') continue;
        const { subscription, error } = event;
        const words = `refused: ${error.code}: ${error.message}`;
        refusals.set(subscription.dataset, { code: refusalCode(error), words });
      }
      if (stream.isSettled) return refusals;
      if (runtime.clock.nowMs() > untilMs) throw unsettled();
      await bell.wait(config.ackTimeoutMs, { clock: runtime.clock, signal });
    }
  } finally {
    stream.close();
  }
}

function unsettled(): TransientError {
  return new TransientError('source.session_lost', {
    stage: 'sources',
    message: 'Not every subscription was answered: BlockDB goes on putting some of them off.',
  });
}
