/** Preflight of a 0xArchive source: REST, the key, the socket and every subscription. Never throws. */
import { type ErrorCode, TransientError } from '../../model/errors.ts';
import { Bell } from '../bell.ts';
import type { SourceCheck, SourceRuntime } from '../source.ts';
import { type Finding, verdict } from '../verdict.ts';
import { Archive } from './archive/archive.ts';
import { RestReader } from './archive/rest-reader.ts';
import { oxarchiveChannels } from './channels.ts';
import { marketsOf, type OxarchiveConfig, venueOf } from './config.ts';
import { channelOf } from './markets.ts';
import type { OxarchiveDataset } from './messages.ts';
import { refusalOf } from './refusal.ts';
import { wordsOf } from './stream/frames.ts';
import { liveChannels, socketPlan } from './stream/plan.ts';
import { OxarchiveStream } from './stream/stream.ts';
import { subscriptionKey } from './stream/subscriptions.ts';

type Refusals = ReadonlyMap<string, { readonly code: ErrorCode; readonly words: string }>;

/** In this order: REST, socket, each market. What is not there is not asked for more. */
export async function checkOxarchive(
  config: OxarchiveConfig,
  datasets: ReadonlySet<string>,
  runtime: SourceRuntime,
): Promise<SourceCheck[]> {
  const archive = new Archive(config, runtime);
  const { signal } = new AbortController();
  const wanted = wantedDatasets(datasets);
  try {
    const rest = await verdict('rest', () => archiveDetail(archive, { config, runtime, signal }));
    if (!rest.ok) return [rest];
    let refusals: Refusals = new Map();
    const socket = await verdict('socket', async () => {
      refusals = await subscribe(config, { runtime, wanted, signal });
      return `key accepted, contract ${config.contract}, subscriptions answered`;
    });
    if (!socket.ok) return [rest, socket];
    const channels = liveChannels(config, wanted);
    const markets = marketsOf(config).map(({ symbol }) =>
      verdict(`market ${symbol}`, async (): Promise<Finding> => {
        for (const { name } of channels) {
          const refusal = refusals.get(subscriptionKey(name, symbol));
          if (refusal !== undefined) return [false, `${name}: ${refusal.words}`, refusal.code];
        }
        return channels.map(({ name }) => name).join(', ');
      }),
    );
    return [rest, socket, ...(await Promise.all(markets)), ...(await withoutLive(config, wanted))];
  } finally {
    await archive.close();
  }
}

/** Datasets of these names, in the order of the channels. */
export function wantedDatasets(names: ReadonlySet<string>): readonly OxarchiveDataset[] {
  return Object.keys(oxarchiveChannels).filter(
    (name): name is OxarchiveDataset => names.has(name) && Object.hasOwn(oxarchiveChannels, name),
  );
}

async function archiveDetail(
  archive: Archive,
  of: {
    readonly config: OxarchiveConfig;
    readonly runtime: SourceRuntime;
    readonly signal: AbortSignal;
  },
): Promise<string> {
  const { config, runtime, signal } = of;
  const [market] = marketsOf(config);
  if (market === undefined) return archive.origin;
  const reader = new RestReader(archive, config, runtime.clock);
  const range = { fromMs: 0, toMs: 0 };
  const reachedMs = await reader.reachedMs({ market, dataset: 'trades', range }, signal);
  if (reachedMs === null) return `${archive.origin}, which does not say how far its archive is`;
  const behindS = Math.round((runtime.clock.nowMs() - reachedMs) / 1000);
  return `${archive.origin}, archive of ${market.symbol} ${behindS} s behind`;
}

/** Datasets that this venue does not send: said, because a topic would stay empty. */
async function withoutLive(
  config: OxarchiveConfig,
  wanted: readonly OxarchiveDataset[],
): Promise<readonly SourceCheck[]> {
  const venue = venueOf(config);
  const silent = wanted.filter((dataset) => {
    if (dataset === 'settlements') return venue !== 'hip4';
    if (dataset === 'candles') return channelOf(venue, 'candles') === undefined;
    return liveChannels(config, [dataset]).length === 0;
  });
  return Promise.all(
    silent.map((dataset) =>
      verdict(
        dataset,
        async () =>
          `${venue} has no live channel of it: no rows, or those of REST or of a replay only`,
      ),
    ),
  );
}

/** Subscribes to everything, and ends when all was answered. */
async function subscribe(
  config: OxarchiveConfig,
  of: {
    readonly runtime: SourceRuntime;
    readonly wanted: readonly OxarchiveDataset[];
    readonly signal: AbortSignal;
  },
): Promise<Refusals> {
  const { runtime, wanted, signal } = of;
  const { clock } = runtime;
  const bell = new Bell();
  const refusals = new Map<string, { readonly code: ErrorCode; readonly words: string }>();
  const plan = socketPlan(config, wanted, () => false);
  const stream = await OxarchiveStream.open(plan, { config, runtime, bell, signal });
  const total = plan.reduce((sum, { subscriptions }) => sum + subscriptions.length, 0);
  const sendingMs = (total / config.subscribesPerSecondMax) * 1_000;
  const untilMs = clock.nowMs() + config.ackTimeoutMs * 3 + sendingMs;
  try {
    for (;;) {
      const nowMs = clock.nowMs();
      for (let event = stream.take(nowMs); event !== undefined; event = stream.take(nowMs)) {
        if (event.kind === 'refused') {
          const { channel, symbol } = event.subscription;
          const { code, advice } = refusalOf(event.word);
          const words = `refused (${wordsOf(event)}). ${advice}`;
          refusals.set(subscriptionKey(channel, symbol), { code, words });
        } else if (event.kind === 'unanswered') {
          const { channel, symbol } = event.subscription;
          const code = 'source.subscription_unanswered';
          refusals.set(subscriptionKey(channel, symbol), { code, words: 'never answered' });
        }
      }
      if (stream.isSettled) return refusals;
      if (nowMs > untilMs) throw unsettled();
      const waitMs = Math.max(1, Math.min(config.ackTimeoutMs, stream.nextAtMs(nowMs) - nowMs));
      await bell.wait(waitMs, { clock, signal });
    }
  } finally {
    stream.close();
    bell.close();
  }
}

function unsettled(): TransientError {
  return new TransientError('source.session_lost', {
    stage: 'sources',
    message: 'Not every subscription was answered: 0xArchive goes on putting some of them off.',
  });
}
