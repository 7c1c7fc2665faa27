/** What a session works with: passed down as one value. */
import type { SourceRuntime } from '../source.ts';
import type { BlockFetcher } from './block-fetcher.ts';
import type { EvmConfig } from './config.ts';
import type { EvmNodes } from './nodes.ts';

/** Nothing in it changes during the session. */
export interface SessionScope {
  readonly config: EvmConfig;
  readonly runtime: SourceRuntime;
  readonly nodes: EvmNodes;
  readonly fetcher: BlockFetcher;
}
