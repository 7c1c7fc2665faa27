/** Readers of evm sources, and their settings. */
import { type EvmConfig, evmConfig } from '../../../src/sources/evm/config.ts';
import { evmSource } from '../../../src/sources/evm/index.ts';
import type { EvmMessage } from '../../../src/sources/evm/messages.ts';
import type { Source } from '../../../src/sources/source.ts';
import { optionsOf } from '../sources/options.ts';
import { SourceFold } from '../sources/source-fold.ts';
import { WallClock } from '../sources/wall-clock.ts';

export const allDatasets: ReadonlySet<string> = new Set(Object.keys(evmSource.channels));

/** A reader of one evm source. */
export type Fold = SourceFold<EvmMessage>;

/** Quick settings for a local node; anything can be overridden. */
export function testConfig(overrides: Partial<EvmConfig>): EvmConfig {
  return optionsOf(evmConfig, {
    chain: 'eip155:31337',
    start: 'earliest',
    pollIntervalMs: 20,
    blockTimeMs: 50,
    rewindConfirmMs: 150,
    retryDelayMs: 5,
    retryDelayMaxMs: 20,
    requestTimeoutMs: 2_000,
    ...overrides,
  });
}

/** The end of a legible hash; all of an ordinary one. */
function nameOf({ hash }: { readonly hash: string }): string {
  return hash.replace(/^0x0*/, '') || '0';
}

/** A source of these settings with a fold at its other end. */
export function open(
  overrides: Partial<EvmConfig>,
  datasets: ReadonlySet<string> = allDatasets,
): { fold: Fold; source: Source<EvmMessage> } {
  const { channels } = evmSource;
  const clock = new WallClock();
  const fold = new SourceFold({ chain: 'eip155:31337', channels, clock, nameOf });
  return { fold, source: evmSource.connect(testConfig(overrides), datasets, fold.runtime) };
}
