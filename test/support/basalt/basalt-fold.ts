/** A reader of a basalt source on simulated nodes, with settings for a quick test. */
import type { Clock } from '../../../src/model/runtime.ts';
import { basaltChannels } from '../../../src/sources/basalt/channels.ts';
import { type BasaltConfig, basaltConfig } from '../../../src/sources/basalt/config.ts';
import { basaltSource } from '../../../src/sources/basalt/index.ts';
import type { BasaltMessage } from '../../../src/sources/basalt/messages.ts';
import type { Source } from '../../../src/sources/source.ts';
import { optionsOf } from '../sources/options.ts';
import { SourceFold } from '../sources/source-fold.ts';
import { WallClock } from '../sources/wall-clock.ts';

export const allDatasets: ReadonlySet<string> = new Set(Object.keys(basaltChannels));
const chain = 'basalt:31337';

/** Quick settings for local nodes; anything can be overridden. */
export function testConfig(overrides: Partial<BasaltConfig>): BasaltConfig {
  return optionsOf(basaltConfig, {
    chain,
    start: 'earliest',
    silenceMs: 100,
    pollIntervalMs: 20,
    blockTimeMs: 50,
    rewindConfirmMs: 150,
    gapConfirmMs: 20,
    retryDelayMs: 5,
    retryDelayMaxMs: 20,
    requestTimeoutMs: 3_000,
    requestsPerMinuteMax: 1_000_000,
    ...overrides,
  });
}

/** A reader of one basalt source. */
export type BasaltFold = SourceFold<BasaltMessage>;

export function createBasaltFold(clock: Clock = new WallClock()): BasaltFold {
  return new SourceFold({
    chain,
    channels: basaltChannels,
    clock,
    nameOf: ({ height, hash }) => `${height}:${hash.slice(-4)}`,
  });
}

/** A source of these settings with a fold at its other end. */
export function open(
  overrides: Partial<BasaltConfig>,
  fold = createBasaltFold(),
): { fold: BasaltFold; source: Source<BasaltMessage> } {
  return { fold, source: basaltSource.connect(testConfig(overrides), allDatasets, fold.runtime) };
}
