/** Readers of tzkt sources, and their settings. */
import type { TzktServer } from '../../../src/devnet/tzkt/server.ts';
import type { Source } from '../../../src/sources/source.ts';
import { tzktChannels } from '../../../src/sources/tzkt/channels.ts';
import { type TzktConfig, tzktConfig } from '../../../src/sources/tzkt/config.ts';
import { tzktSource } from '../../../src/sources/tzkt/index.ts';
import type { TzktMessage } from '../../../src/sources/tzkt/messages.ts';
import { optionsOf } from '../sources/options.ts';
import { SourceFold } from '../sources/source-fold.ts';
import { clockSpeed, QuickClock } from './quick-clock.ts';

export const allDatasets: ReadonlySet<string> = new Set(Object.keys(tzktChannels));
/** Kinds that every simulated chain has; reading all forty-four takes as many requests a level. */
export const someKinds = [
  'transaction',
  'origination',
  'reveal',
  'attestation',
  'baking',
  'staking',
];
export const simulatedChain = 'tezos:NetXSCw6Rghzp68';

/** A reader of one tzkt source. */
export type TzktFold = SourceFold<TzktMessage>;

/** With a clock that is in a hurry. */
export function createTzktFold(): TzktFold {
  return new SourceFold({
    chain: simulatedChain,
    channels: tzktChannels,
    clock: new QuickClock(),
    nameOf: ({ height, hash }) => `${height}:${hash.slice(-4)}`,
  });
}

/** Quick settings for a local simulator; anything can be overridden. */
export function testConfig(overrides: Partial<TzktConfig>): TzktConfig {
  return optionsOf(tzktConfig, {
    chain: simulatedChain,
    start: 'earliest',
    silenceMs: 5,
    auditIntervalMs: 200,
    rewindConfirmMs: 100,
    restLagMaxMs: 3_000,
    retryDelayMs: 5,
    retryDelayMaxMs: 20,
    requestTimeoutMs: 3_000,
    requestsPerSecondMax: 10_000,
    concurrency: 8,
    ...overrides,
  });
}

/** Times that the source counts on its clock last as long as they say; its constants are shorter. */
function quick(config: TzktConfig): TzktConfig {
  return {
    ...config,
    silenceMs: config.silenceMs * clockSpeed,
    auditIntervalMs: config.auditIntervalMs * clockSpeed,
    rewindConfirmMs: config.rewindConfirmMs * clockSpeed,
    restLagMaxMs: config.restLagMaxMs * clockSpeed,
    requestTimeoutMs: config.requestTimeoutMs * clockSpeed,
    retryDelayMs: config.retryDelayMs * clockSpeed,
    retryDelayMaxMs: config.retryDelayMaxMs * clockSpeed,
  };
}

/** A source on this server with a fold at its other end. */
export function open(
  server: TzktServer,
  overrides: Partial<TzktConfig> = {},
  datasets: ReadonlySet<string> = allDatasets,
): { fold: TzktFold; source: Source<TzktMessage> } {
  const fold = createTzktFold();
  const config = quick(testConfig({ url: server.http, ...overrides }));
  return { fold, source: tzktSource.connect(config, datasets, fold.runtime) };
}
