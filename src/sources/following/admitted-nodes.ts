/**
 * The nodes of one source, each admitted before its first use: it must serve the configured chain,
 * and the same genesis block as the others.
 */
import { FatalError } from '../../model/errors.ts';
import { type EndpointPolicy, Endpoints } from '../../transport/endpoints.ts';
import { HttpEndpoint } from '../../transport/http.ts';
import type { SourceRuntime } from '../source.ts';
import type { ChainNode, ChainNodes } from './chain.ts';

/** A node that can say which chain it serves. */
export interface AdmissibleNode extends ChainNode {
  /** CAIP-2 id of the chain that it serves. */
  chain(signal: AbortSignal): Promise<string>;
  genesisHash(signal: AbortSignal): Promise<string>;
}

/** Where the nodes are, which chain they must serve, and how hard to ask them. */
export interface NodesConfig extends Omit<EndpointPolicy, 'restMs'> {
  readonly chain: string;
  readonly http: readonly string[];
  readonly concurrency: number;
  readonly requestTimeoutMs: number;
  readonly responseBytesMax: number;
  readonly endpointRestMs: number;
}

/** Opened for one or more calls of the source; `close` must follow. */
export class AdmittedNodes<N extends AdmissibleNode> implements ChainNodes<N> {
  readonly #chain: string;
  readonly #https: readonly HttpEndpoint[];
  readonly #endpoints: Endpoints<N>;
  readonly #admitted = new Set<N>();
  #genesisHash: string | undefined;

  constructor(config: NodesConfig, runtime: SourceRuntime, nodeOf: (http: HttpEndpoint) => N) {
    this.#chain = config.chain;
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
    this.#endpoints = new Endpoints(
      this.#https.map(nodeOf),
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

  get all(): readonly N[] {
    return this.#endpoints.all;
  }

  /**
   * Runs one operation on one node: tried again, then on the next node. Throws what the last one
   * threw; `source.wrong_chain` and `source.other_genesis` at once.
   */
  run<T>(operation: (node: N) => Promise<T>, signal: AbortSignal): Promise<T> {
    return this.#endpoints.run(async (node) => {
      await this.admit(node, signal);
      return operation(node);
    }, signal);
  }

  /** Passes this node over for a while. */
  rest(node: N): void {
    this.#endpoints.rest(node);
  }

  /** Another admitted node than this one, if there is one that answers. */
  async second(first: N, signal: AbortSignal): Promise<N | undefined> {
    for (const node of this.all) {
      if (node === first) continue;
      try {
        await this.admit(node, signal);
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

  /** Makes sure once that a node is of our chain; throws like `run`. */
  async admit(node: N, signal: AbortSignal): Promise<void> {
    if (this.#admitted.has(node)) return;
    const [chain, genesisHash] = await Promise.all([node.chain(signal), node.genesisHash(signal)]);
    if (chain !== this.#chain) {
      throw new FatalError('source.wrong_chain', {
        stage: 'sources',
        message: `${node.origin} serves chain ${chain}; the configuration says ${this.#chain}. Correct "chain" or the addresses of this source.`,
        context: { origin: node.origin, chain, expectedChain: this.#chain },
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
