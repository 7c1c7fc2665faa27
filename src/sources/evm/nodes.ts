/**
 * The nodes of one source, each admitted before its first use: it must serve the configured chain,
 * and the same genesis block as the others.
 */
import { FatalError } from '../../model/errors.ts';
import { Endpoints } from '../../transport/endpoints.ts';
import { HttpEndpoint } from '../../transport/http.ts';
import { JsonRpcEndpoint } from '../../transport/json-rpc.ts';
import type { SourceRuntime } from '../source.ts';
import { chainIdOf, type EvmConfig } from './config.ts';
import { EvmNode } from './node.ts';

/** Opened for one or more calls of the source; `close` must follow. */
export class EvmNodes {
  readonly #config: EvmConfig;
  readonly #https: readonly HttpEndpoint[];
  readonly #endpoints: Endpoints<EvmNode>;
  readonly #admitted = new Set<EvmNode>();
  #genesisHash: string | undefined;

  constructor(config: EvmConfig, runtime: SourceRuntime) {
    this.#config = config;
    const { clock, metrics, name: source } = runtime;
    this.#https = config.http.map(
      (url) =>
        new HttpEndpoint({
          url,
          connectionsMax: config.concurrency,
          timeoutMs: config.requestTimeoutMs,
          responseBytesMax: config.responseBytesMax,
          clock,
          onFrame: runtime.onFrame,
        }),
    );
    const nodes = this.#https.map(
      (http) => new EvmNode(new JsonRpcEndpoint(http, config), { source, clock, metrics }),
    );
    this.#endpoints = new Endpoints(
      nodes,
      { ...config, restMs: config.endpointRestMs },
      {
        clock,
        random: () => runtime.random(),
        onRetry: (error) => {
          metrics.add('rpc_retries', { source, code: error.code });
          runtime.logger.debug({ err: error }, 'request retried');
        },
      },
    );
  }

  get all(): readonly EvmNode[] {
    return this.#endpoints.all;
  }

  /**
   * Runs one operation on one node: tried again, then on the next node. Throws what the last one
   * threw; `source.wrong_chain` and `source.other_genesis` at once.
   */
  run<T>(operation: (node: EvmNode) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#endpoints.run(async (node) => {
      if (!this.#admitted.has(node)) await this.#admit(node, signal);
      return operation(node);
    }, signal);
  }

  /** Passes this node over for a while. */
  rest(node: EvmNode): void {
    this.#endpoints.rest(node);
  }

  /** Another admitted node than this one, if there is one that answers. */
  async second(first: EvmNode, signal: AbortSignal): Promise<EvmNode | undefined> {
    for (const node of this.all) {
      if (node === first) continue;
      try {
        if (!this.#admitted.has(node)) await this.#admit(node, signal);
        return node;
      } catch (error) {
        signal.throwIfAborted();
        // A second opinion is welcome, not needed: only a wrong chain must stop the source.
        if (error instanceof FatalError) throw error;
      }
    }
    return undefined;
  }

  /** Hash of block 0, asked anew, because a node can be replaced by one of another chain. */
  async genesisHash(signal: AbortSignal): Promise<string> {
    this.#admitted.clear();
    return this.run(() => Promise.resolve(this.#genesisHash ?? ''), signal);
  }

  async close(): Promise<void> {
    await Promise.all(this.#https.map((http) => http.close()));
  }

  async #admit(node: EvmNode, signal: AbortSignal): Promise<void> {
    const expected = chainIdOf(this.#config);
    const [chainId, genesisHash] = await Promise.all([
      node.chainId(signal),
      node.genesisHash(signal),
    ]);
    if (chainId !== expected) {
      throw new FatalError('source.wrong_chain', {
        stage: 'sources',
        message: `${node.origin} serves chain eip155:${chainId}; the configuration says ${this.#config.chain}. Correct "chain" or "http" of this source.`,
        context: { origin: node.origin, chainId, expectedChainId: expected },
      });
    }
    this.#genesisHash ??= genesisHash;
    if (this.#genesisHash !== genesisHash) {
      throw new FatalError('source.other_genesis', {
        stage: 'sources',
        message: `${node.origin} has genesis block ${genesisHash}; this source began with ${this.#genesisHash}. It is another chain with the same id: correct "http", or give the new chain a source and topics of its own.`,
        context: { origin: node.origin, genesisHash, expectedGenesisHash: this.#genesisHash },
      });
    }
    this.#admitted.add(node);
  }
}
