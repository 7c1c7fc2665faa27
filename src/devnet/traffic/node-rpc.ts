/**
 * JSON-RPC over HTTP for driving a devnet node: single calls and batches, one time limit, no retry.
 * Whoever drives the node knows whether a step may be done twice.
 */
import { request } from 'undici';

import { FatalError, TransientError } from '../../model/errors.ts';

/** One call of a batch. */
export interface RpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** The answer to one call of a batch. */
export type RpcOutcome = { readonly result: unknown } | { readonly error: string };

const requestTimeoutMs = 120_000;

/**
 * A node's HTTP endpoint. Every method throws `TransientError` (`devnet.node_unreachable`) when no
 * usable answer comes, and `FatalError` (`devnet.node_refused`) when the node answers an error.
 */
export class NodeRpc {
  readonly #url: string;
  readonly #signal: AbortSignal | undefined;

  constructor(url: string, signal?: AbortSignal) {
    this.#url = url;
    this.#signal = signal;
  }

  /** The result of one call. */
  async call(method: string, ...params: readonly unknown[]): Promise<unknown> {
    const answer = await this.#post({ jsonrpc: '2.0', id: 0, method, params });
    return resultOf({ method, params }, parseOutcome(answer));
  }

  /** The results in the order of the calls. anvil runs the calls of a batch in any order. */
  async batch(calls: readonly RpcCall[]): Promise<readonly unknown[]> {
    const outcomes = await this.batchOutcomes(calls);
    return calls.map((call, index) => resultOf(call, outcomes[index]));
  }

  /** Like `batch`, but an error of one call is a value and not thrown. */
  async batchOutcomes(calls: readonly RpcCall[]): Promise<readonly RpcOutcome[]> {
    if (calls.length === 0) return [];
    const answers = await this.#post(calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call })));
    if (!Array.isArray(answers)) throw unreachable(this.#url, 'answered a batch with no list');
    const outcomes = new Map<unknown, RpcOutcome>();
    for (const answer of answers as readonly { readonly id?: unknown }[]) {
      outcomes.set(answer.id, parseOutcome(answer));
    }
    return calls.map((call, id) => outcomes.get(id) ?? { error: `no answer to ${call.method}` });
  }

  async #post(body: unknown): Promise<unknown> {
    try {
      const response = await request(this.#url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        headersTimeout: requestTimeoutMs,
        bodyTimeout: requestTimeoutMs,
        ...(this.#signal === undefined ? {} : { signal: this.#signal }),
      });
      return await response.body.json();
    } catch (cause) {
      this.#signal?.throwIfAborted();
      throw unreachable(this.#url, 'gave no usable answer', cause);
    }
  }
}

function parseOutcome(answer: unknown): RpcOutcome {
  if (typeof answer !== 'object' || answer === null) return { error: 'no JSON-RPC answer' };
  if ('error' in answer) return { error: JSON.stringify(answer.error) };
  return { result: 'result' in answer ? answer.result : null };
}

function resultOf(call: RpcCall, outcome: RpcOutcome | undefined): unknown {
  if (outcome !== undefined && 'result' in outcome) return outcome.result;
  throw new FatalError('devnet.node_refused', {
    stage: 'devnet',
    message: `The devnet node refused ${call.method}: ${outcome?.error ?? 'no answer'}`,
    context: { method: call.method },
  });
}

function unreachable(url: string, what: string, cause?: unknown): TransientError {
  return new TransientError('devnet.node_unreachable', {
    stage: 'devnet',
    message: `The devnet node at ${url} ${what}; is it running?`,
    cause,
    context: { url },
  });
}
