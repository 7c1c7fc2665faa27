/** The basalt source: one connection to the nodes of a chain, shared by the calls under way. */
import { blockCursor, type Cursor } from '../../model/cursor.ts';
import type { BlockUpdate, SourceUpdate } from '../../model/update.ts';
import { blockPosition } from '../block-position.ts';
import { rereadBlocks } from '../following/reread.ts';
import { SharedConnection } from '../shared-connection.ts';
import type { HeightRange, Source, SourceRuntime } from '../source.ts';
import { BlockFetcher } from './block-fetcher.ts';
import { needsTransactions } from './channels.ts';
import type { BasaltConfig } from './config.ts';
import { HeadFeeds } from './head-feed.ts';
import type { BasaltMessage } from './messages.ts';
import { type BasaltNodes, createBasaltNodes } from './nodes.ts';
import { runSession } from './session.ts';
import type { SessionScope } from './session-scope.ts';

/** See the rules on `Source`. Connections are closed when the last call under way has ended. */
export class BasaltSource implements Source<BasaltMessage> {
  readonly #config: BasaltConfig;
  readonly #datasets: ReadonlySet<string>;
  readonly #runtime: SourceRuntime;
  readonly #feeds: HeadFeeds;
  readonly #shared: SharedConnection<BasaltNodes>;

  constructor(config: BasaltConfig, datasets: ReadonlySet<string>, runtime: SourceRuntime) {
    this.#config = config;
    this.#datasets = datasets;
    this.#runtime = runtime;
    this.#feeds = new HeadFeeds(config, runtime);
    const budgets = new Map();
    this.#shared = new SharedConnection(() => createBasaltNodes(config, runtime, budgets));
  }

  /** `<chain>/<genesis hash>`. A chain that begins anew may keep both: see the README. */
  identity(signal: AbortSignal): Promise<string> {
    return this.#shared.using(async (nodes) => {
      return `${this.#config.chain}/${await nodes.genesisHash(signal)}`;
    });
  }

  head(signal: AbortSignal): Promise<Cursor> {
    return this.#shared.using(async (nodes) => {
      const { head } = await nodes.run((node) => node.tips(signal), signal);
      return blockCursor(head);
    });
  }

  updates(after: Cursor | null, signal: AbortSignal): AsyncIterable<SourceUpdate<BasaltMessage>> {
    return this.#shared.yielding(
      (nodes) => runSession(this.#scope(nodes), blockPosition(after, 'basalt'), signal),
      signal,
    );
  }

  blocks(range: HeightRange, signal: AbortSignal): AsyncIterable<BlockUpdate<BasaltMessage>> {
    return this.#shared.yielding(
      (nodes) => rereadBlocks(this.#scope(nodes), range, signal),
      signal,
    );
  }

  #scope(nodes: BasaltNodes): SessionScope {
    const fetcher = new BlockFetcher(nodes, needsTransactions(this.#datasets));
    return { config: this.#config, runtime: this.#runtime, feeds: this.#feeds, nodes, fetcher };
  }
}
