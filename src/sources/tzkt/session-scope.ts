/** What a session works with: passed down as one value. */
import type { SourceRuntime } from '../source.ts';
import type { BlockReader } from './block-reader.ts';
import type { TzktConfig } from './config.ts';
import type { TzktDataset } from './messages.ts';

/** Nothing in it changes during the session. */
export interface SessionScope {
  readonly config: TzktConfig;
  readonly runtime: SourceRuntime;
  readonly reader: BlockReader;
  readonly datasets: readonly TzktDataset[];
  /** Throws `source.wrong_chain` or `source.other_genesis`. */
  assertSameChain(signal: AbortSignal): Promise<void>;
}
