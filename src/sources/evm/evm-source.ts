/**
 * The evm source: one connection to the nodes of a chain, shared by the calls that are under way.
 */
import { blockCursor, type Cursor } from '../../model/cursor.ts';
import type { BlockUpdate, SourceUpdate } from '../../model/update.ts';
import type { HeightRange, Source, SourceRuntime } from '../source.ts';
import { BlockFetcher, type FetchPlan } from './block-fetcher.ts';
import { needsOf } from './channels.ts';
import type { EvmConfig } from './config.ts';
import type { EvmMessage } from './messages.ts';
import { EvmNodes } from './nodes.ts';
import { rereadBlocks } from './reread.ts';
import { runSession } from './session.ts';
import { traceMethodOf } from './trace-method.ts';

/** See the rules on `Source`. Connections are closed when the last call under way has ended. */
export class EvmSource implements Source<EvmMessage> {
  readonly #config: EvmConfig;
  readonly #datasets: ReadonlySet<string>;
  readonly #runtime: SourceRuntime;
  #nodes: EvmNodes | undefined;
  #users = 0;

  constructor(config: EvmConfig, datasets: ReadonlySet<string>, runtime: SourceRuntime) {
    this.#config = config;
    this.#datasets = datasets;
    this.#runtime = runtime;
  }

  /** `<CAIP-2 id>/<genesis hash>`. */
  async identity(signal: AbortSignal): Promise<string> {
    return this.#using(async (nodes) => {
      return `${this.#config.chain}/${await nodes.genesisHash(signal)}`;
    });
  }

  async head(signal: AbortSignal): Promise<Cursor> {
    return this.#using(async (nodes) => {
      const { head } = await nodes.run((node) => node.tips(false, signal), signal);
      return blockCursor(head);
    });
  }

  async *updates(
    after: Cursor | null,
    signal: AbortSignal,
  ): AsyncGenerator<SourceUpdate<EvmMessage>> {
    const nodes = this.#enter();
    try {
      const fetcher = new BlockFetcher(nodes, await this.#plan(nodes, signal));
      const scope = { config: this.#config, runtime: this.#runtime, nodes, fetcher };
      yield* runSession(scope, after, signal);
    } catch (error) {
      // An abort is how a session ends, not an error.
      if (!signal.aborted) throw error;
    } finally {
      await this.#leave();
    }
  }

  async *blocks(range: HeightRange, signal: AbortSignal): AsyncGenerator<BlockUpdate<EvmMessage>> {
    const nodes = this.#enter();
    try {
      const fetcher = new BlockFetcher(nodes, await this.#plan(nodes, signal));
      const scope = { config: this.#config, runtime: this.#runtime, nodes, fetcher };
      yield* rereadBlocks(scope, range, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await this.#leave();
    }
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

  async #using<T>(use: (nodes: EvmNodes) => Promise<T>): Promise<T> {
    const nodes = this.#enter();
    try {
      return await use(nodes);
    } finally {
      await this.#leave();
    }
  }

  #enter(): EvmNodes {
    this.#nodes ??= new EvmNodes(this.#config, this.#runtime);
    this.#users += 1;
    return this.#nodes;
  }

  async #leave(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    const nodes = this.#nodes;
    this.#nodes = undefined;
    await nodes?.close();
  }
}
