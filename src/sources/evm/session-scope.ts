/** What a session works with: passed down as one value. */
import type { ChainScope } from '../following/chain.ts';
import type { BlockFetcher } from './block-fetcher.ts';
import type { EvmConfig } from './config.ts';
import type { EvmMessage } from './messages.ts';
import type { EvmNode } from './node.ts';
import type { EvmNodes } from './nodes.ts';

/** Nothing in it changes during the session. */
export interface SessionScope extends ChainScope<EvmNode, EvmMessage> {
  readonly config: EvmConfig;
  readonly nodes: EvmNodes;
  readonly fetcher: BlockFetcher;
}
