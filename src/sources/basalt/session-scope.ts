/** What a session works with: passed down as one value. */
import type { ChainScope } from '../following/chain.ts';
import type { BlockFetcher } from './block-fetcher.ts';
import type { BasaltConfig } from './config.ts';
import type { HeadFeeds } from './head-feed.ts';
import type { BasaltMessage } from './messages.ts';
import type { BasaltNode } from './node.ts';
import type { BasaltNodes } from './nodes.ts';

/** Nothing in it changes during the session. */
export interface SessionScope extends ChainScope<BasaltNode, BasaltMessage> {
  readonly config: BasaltConfig;
  readonly nodes: BasaltNodes;
  readonly fetcher: BlockFetcher;
  readonly feeds: HeadFeeds;
}
