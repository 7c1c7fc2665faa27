/** One EVM node: typed calls over JSON-RPC. It knows nothing of chains, positions or retries. */
import { TransientError } from '../../model/errors.ts';
import type { Clock, Metrics } from '../../model/runtime.ts';
import type { JsonRpcAnswer, JsonRpcCall, JsonRpcEndpoint } from '../../transport/json-rpc.ts';
import { classifyRpcError, type JsonRpcError } from '../../transport/rpc-error.ts';
import type { AdmissibleNode } from '../following/admitted-nodes.ts';
import type { HeadView } from '../following/chain.ts';
import type { EvmBlock, WireReceipt } from './messages.ts';
import { isQuantity } from './quantity.ts';
import { isHash, malformed, parseBlock, parseReceipt, parseReceipts } from './wire.ts';

/** How a node makes call trees. */
export type TraceMethod = 'callTracer' | 'trace_block' | 'none';

/** A node's own view of its chain at one moment. */
export interface Tips extends HeadView {
  readonly head: EvmBlock;
  /** Null while the node knows of none, or was not asked. */
  readonly finalized: EvmBlock | null;
}

/** Whose requests are counted, and on which clock. */
export interface NodeScope {
  readonly source: string;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

const absentHash = `0x${'0'.repeat(64)}`;

/** QUANTITY form of a height. */
function heightParameter(height: number): string {
  return `0x${height.toString(16)}`;
}

/** Errors by which nodes say that they do not have the block, instead of answering null. */
function isUnknownBlock(error: JsonRpcError): boolean {
  // "Method not found" must not pass for a missing block.
  if (classifyRpcError(error) === 'unsupported') return false;
  return (
    error.code === -32001 ||
    /(block|header|resource|transaction)s? .{0,40}not found|unknown block|not found/i.test(
      error.message,
    )
  );
}

/** Calls may run concurrently. All throw `PipelineError`s; an abort throws the signal's reason. */
export class EvmNode implements AdmissibleNode {
  readonly #rpc: JsonRpcEndpoint;
  readonly #scope: NodeScope;
  #hasBlockReceipts = true;

  constructor(rpc: JsonRpcEndpoint, scope: NodeScope) {
    this.#rpc = rpc;
    this.#scope = scope;
  }

  get origin(): string {
    return this.#rpc.origin;
  }

  async chain(signal: AbortSignal): Promise<string> {
    const { answers } = await this.#ask([{ method: 'eth_chainId', params: [] }], signal);
    const id = this.#result(answers[0], 'eth_chainId');
    // Null, as of a node that does not know yet, must not pass for the id of another chain.
    const isId = isQuantity(id) && Number.isSafeInteger(Number(id));
    if (!isId) throw malformed(this.origin, 'eth_chainId', id);
    return `eip155:${Number(id)}`;
  }

  async genesisHash(signal: AbortSignal): Promise<string> {
    const [block] = await this.blocksByHeight([0], false, signal);
    if (block === null || block === undefined) {
      throw new TransientError('source.missing_block', {
        stage: 'sources',
        message: `${this.origin} does not serve block 0, by which a chain is told from another one. Use a node that keeps all headers.`,
        context: { origin: this.origin, height: 0 },
      });
    }
    return block.hash;
  }

  async hashAt(height: number, signal: AbortSignal): Promise<string | null> {
    const [block] = await this.blocksByHeight([height], false, signal);
    return block?.hash ?? null;
  }

  /** The head, and the finalized block if wanted, in one request. */
  async tips(withFinalized: boolean, signal: AbortSignal): Promise<Tips> {
    const calls = [byTag('latest'), ...(withFinalized ? [byTag('finalized')] : [])];
    const { answers, receivedAtUs } = await this.#ask(calls, signal);
    const head = parseBlock(this.#result(answers[0], 'eth_getBlockByNumber'), 'latest');
    if (head === null) throw malformed(this.origin, 'latest', null);
    return { head, finalized: this.#finalizedOf(answers[1]), receivedAtUs };
  }

  /** Null where the node has no block of that height. */
  async blocksByHeight(
    heights: readonly number[],
    isFull: boolean,
    signal: AbortSignal,
  ): Promise<(EvmBlock | null)[]> {
    const method = 'eth_getBlockByNumber';
    const calls = heights.map((height) => ({ method, params: [heightParameter(height), isFull] }));
    const { answers } = await this.#ask(calls, signal);
    return answers.map((answer, index) =>
      parseBlock(this.#known(answer, method), `height ${heights[index]}`),
    );
  }

  /** Null when the node does not have it (any more). */
  async blockByHash(hash: string, isFull: boolean, signal: AbortSignal): Promise<EvmBlock | null> {
    const method = 'eth_getBlockByHash';
    const { answers } = await this.#ask([{ method, params: [hash, isFull] }], signal);
    return parseBlock(this.#known(answers[0], method), hash);
  }

  /**
   * A block that was just announced, with its receipts and the block that is canonical at its height,
   * in one request.
   */
  async announced(
    ref: { readonly height: number; readonly hash: string },
    wants: { readonly isFull: boolean; readonly receipts: boolean },
    signal: AbortSignal,
  ): Promise<{
    block: EvmBlock | null;
    canonical: EvmBlock | null;
    receipts: readonly WireReceipt[] | null;
  }> {
    const withReceipts = wants.receipts && this.#hasBlockReceipts;
    const { answers } = await this.#ask(
      [
        { method: 'eth_getBlockByNumber', params: [heightParameter(ref.height), false] },
        { method: 'eth_getBlockByHash', params: [ref.hash, wants.isFull] },
        ...(withReceipts ? [{ method: 'eth_getBlockReceipts', params: [ref.hash] }] : []),
      ],
      signal,
    );
    const canonical = parseBlock(this.#known(answers[0], 'eth_getBlockByNumber'), ref.hash);
    const block = parseBlock(this.#known(answers[1], 'eth_getBlockByHash'), ref.hash);
    const answer = answers[2];
    const isAnswered = answer !== undefined && answer.error === undefined;
    return {
      block,
      canonical,
      receipts: isAnswered ? parseReceipts(answer.result, `block ${ref.hash}`) : null,
    };
  }

  /** Receipts by block hash; null for a block that the node does not have (any more). */
  async receiptsOf(
    blocks: readonly EvmBlock[],
    signal: AbortSignal,
  ): Promise<(readonly WireReceipt[] | null)[]> {
    if (!this.#hasBlockReceipts) return this.#receiptsOneByOne(blocks, signal);
    const method = 'eth_getBlockReceipts';
    const { answers } = await this.#ask(
      blocks.map(({ hash }) => ({ method, params: [hash] })),
      signal,
    );
    if (answers.some((answer) => givesNoBlockReceipts(answer))) {
      this.#hasBlockReceipts = false;
      return this.#receiptsOneByOne(blocks, signal);
    }
    return answers.map((answer, index) =>
      parseReceipts(this.#known(answer, method), `block ${blocks[index]?.hash}`),
    );
  }

  /** Raw answers of the trace method per block; null for a block the node does not have. */
  async tracesOf(
    blocks: readonly EvmBlock[],
    method: Exclude<TraceMethod, 'none'>,
    signal: AbortSignal,
  ): Promise<unknown[]> {
    const calls = blocks.map((block) => traceCall(block, method));
    const { answers } = await this.#ask(calls, signal);
    return answers.map((answer) => this.#known(answer, calls[0]?.method ?? method));
  }

  /** True when the node offers `eth_getBlockReceipts` by block hash. */
  async canGiveBlockReceipts(signal: AbortSignal): Promise<boolean> {
    const call = { method: 'eth_getBlockReceipts', params: [absentHash] };
    const { answers } = await this.#ask([call], signal);
    return !givesNoBlockReceipts(answers[0]);
  }

  /** True when the node offers the method: asked for a block that cannot exist, so it is cheap. */
  async canTrace(method: Exclude<TraceMethod, 'none'>, signal: AbortSignal): Promise<boolean> {
    const call = traceCall({ hash: absentHash, height: 0 }, method);
    const { answers } = await this.#ask([call], signal);
    return !isUnsupported(answers[0]);
  }

  async #receiptsOneByOne(
    blocks: readonly EvmBlock[],
    signal: AbortSignal,
  ): Promise<(readonly WireReceipt[] | null)[]> {
    const method = 'eth_getTransactionReceipt';
    const hashes = blocks.flatMap(({ transactionHashes }) => transactionHashes);
    const calls = hashes.map((hash) => ({ method, params: [hash] }));
    const { answers } = await this.#ask(calls, signal);
    const results = answers.map((answer) => this.#known(answer, method));
    let next = 0;
    return blocks.map(({ hash, transactionHashes }) => {
      const own = results.slice(next, next + transactionHashes.length);
      next += transactionHashes.length;
      return own.includes(null) ? null : own.map((each) => parseReceipt(each, `block ${hash}`));
    });
  }

  #finalizedOf(answer: JsonRpcAnswer | undefined): EvmBlock | null {
    // Before its first finalized block a node answers null or an error, each in words of its own.
    if (answer === undefined || answer.error !== undefined) return null;
    return parseBlock(answer.result, 'finalized');
  }

  async #ask(calls: readonly JsonRpcCall[], signal: AbortSignal) {
    if (calls.length === 0) return { answers: [], receivedAtUs: 0 };
    const { source, clock, metrics } = this.#scope;
    const method = calls[0]?.method ?? '';
    const startedAtUs = clock.nowUs();
    const answers = await this.#rpc.ask(calls, signal);
    metrics.add('rpc_requests', { source, method }, calls.length);
    metrics.observe(
      'rpc_duration_seconds',
      { source, method },
      (clock.nowUs() - startedAtUs) / 1e6,
    );
    return answers;
  }

  /** The result; null also when the node says by an error that it does not have the block. */
  #known(answer: JsonRpcAnswer | undefined, method: string): unknown {
    if (answer?.error !== undefined && isUnknownBlock(answer.error)) return null;
    return this.#result(answer, method);
  }

  #result(answer: JsonRpcAnswer | undefined, method: string): unknown {
    if (answer === undefined) throw malformed(this.origin, method, answer);
    if (answer.error === undefined) return answer.result;
    const { code, message } = answer.error;
    const kind = classifyRpcError(answer.error);
    const context = { origin: this.origin, method, rpcCode: code };
    if (kind === 'unsupported') {
      throw new TransientError('source.unsupported', {
        stage: 'sources',
        message: `${this.origin} does not offer ${method} ("${message}"). Use a node that does, or switch off the datasets that need it.`,
        context,
      });
    }
    throw new TransientError(
      kind === 'too_large' ? 'transport.frame_too_large' : 'source.request_failed',
      {
        stage: 'sources',
        message: `${this.origin} answered ${method} with error ${code}: "${message}". Look into the node's log if it persists.`,
        context,
      },
    );
  }
}

/** True for a hash that a node could have sent: used on hints. */
export function isUsableRef(height: number, hash: unknown): hash is string {
  return Number.isSafeInteger(height) && height >= 0 && isHash(hash);
}

function byTag(tag: string): JsonRpcCall {
  return { method: 'eth_getBlockByNumber', params: [tag, false] };
}

function isUnsupported(answer: JsonRpcAnswer | undefined): boolean {
  return answer?.error !== undefined && classifyRpcError(answer.error) === 'unsupported';
}

/** Invalid params: some nodes take a height there and no hash. */
const invalidParams = -32602;

function givesNoBlockReceipts(answer: JsonRpcAnswer | undefined): boolean {
  return isUnsupported(answer) || answer?.error?.code === invalidParams;
}

function traceCall(
  block: { readonly hash: string; readonly height: number },
  method: Exclude<TraceMethod, 'none'>,
): JsonRpcCall {
  if (method === 'trace_block') {
    return { method: 'trace_block', params: [heightParameter(block.height)] };
  }
  const options = { tracer: 'callTracer', tracerConfig: { onlyTopCall: false, withLog: false } };
  return { method: 'debug_traceBlockByHash', params: [block.hash, options] };
}
