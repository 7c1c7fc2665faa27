/**
 * The evm source: one connection to the nodes of a chain, shared by the calls that are under way.
 */
import { blockCursor, type Cursor } from '../../model/cursor.ts';
import type { BlockUpdate, SourceUpdate } from '../../model/update.ts';
import { blockPosition } from '../block-position.ts';
import { rereadBlocks } from '../following/reread.ts';
import { followChain } from '../following/session.ts';
import { SharedConnection } from '../shared-connection.ts';
import type { HeightRange, Source, SourceRuntime } from '../source.ts';
import { BlockFetcher, type FetchPlan } from './block-fetcher.ts';
import { needsOf } from './channels.ts';
import type { EvmConfig } from './config.ts';
import type { EvmMessage } from './messages.ts';
import { createEvmNodes, type EvmNodes } from './nodes.ts';
import { followingOf } from './session.ts';
import type { SessionScope } from './session-scope.ts';
import { traceMethodOf } from './trace-method.ts';

/** See the rules on `Source`. Connections are closed when the last call under way has ended. */
export class EvmSource implements Source<EvmMessage> {
  readonly #config: EvmConfig;
  readonly #datasets: ReadonlySet<string>;
  readonly #runtime: SourceRuntime;
  readonly #shared: SharedConnection<EvmNodes>;

  constructor(config: EvmConfig, datasets: ReadonlySet<string>, runtime: SourceRuntime) {
    this.#config = config;
    this.#datasets = datasets;
    this.#runtime = runtime;
    this.#shared = new SharedConnection(() => createEvmNodes(config, runtime));
  }

  /** `<CAIP-2 id>/<genesis hash>`. */
  identity(signal: AbortSignal): Promise<string> {
    return this.#shared.using(async (nodes) => {
      return `${this.#config.chain}/${await nodes.genesisHash(signal)}`;
    });
  }

  head(signal: AbortSignal): Promise<Cursor> {
    return this.#shared.using(async (nodes) => {
      const { head } = await nodes.run((node) => node.tips(false, signal), signal);
      return blockCursor(head);
    });
  }

  updates(after: Cursor | null, signal: AbortSignal): AsyncIterable<SourceUpdate<EvmMessage>> {
    return this.#shared.yielding((nodes) => this.#session(nodes, after, signal), signal);
  }

  blocks(range: HeightRange, signal: AbortSignal): AsyncIterable<BlockUpdate<EvmMessage>> {
    return this.#shared.yielding((nodes) => this.#reread(nodes, range, signal), signal);
  }

  async *#session(nodes: EvmNodes, after: Cursor | null, signal: AbortSignal) {
    const scope = await this.#scope(nodes, signal);
    yield* followChain(followingOf(scope), blockPosition(after, 'evm'), signal);
  }

  async *#reread(nodes: EvmNodes, range: HeightRange, signal: AbortSignal) {
    yield* rereadBlocks(await this.#scope(nodes, signal), range, signal);
  }

  async #scope(nodes: EvmNodes, signal: AbortSignal): Promise<SessionScope> {
    const fetcher = new BlockFetcher(nodes, await this.#plan(nodes, signal));
    return { config: this.#config, runtime: this.#runtime, nodes, fetcher };
  }

  async #plan(nodes: EvmNodes, signal: AbortSignal): Promise<FetchPlan> {
    const needs = needsOf(this.#datasets);
    if (!needs.traces) return { needs, traceMethod: 'none' };
    const traceMethod = await traceMethodOf(nodes, this.#config, signal);
    if (traceMethod === 'none' && this.#datasets.has('internal_transactions')) {
      const level = this.#config.traces === 'off' ? 'debug' : 'warn';
      this.#runtime.logger[level]({}, 'no traces, so no internal transactions');
    }
    return { needs, traceMethod };
  }
}
