/**
 * Fetches everything of a block by its hash, from one node per operation, and lets nothing through
 * that does not add up. Asking again and failing over is left to `EvmNodes.run`.
 */
import { type BlockRef, formatBlock } from '../../model/block.ts';
import { PipelineError, TransientError } from '../../model/errors.ts';
import { areLinked, type ChainReader, type Moved, moved } from '../following/chain.ts';
import { callsOfTraceBlock, callsOfTracer } from './calls.ts';
import type { Needs } from './channels.ts';
import { checkReceipts, checkTransactions } from './consistency.ts';
import type { EvmBlock, EvmMessage, TransactionCalls, WireReceipt } from './messages.ts';
import type { EvmNode, TraceMethod } from './node.ts';
import type { EvmNodes } from './nodes.ts';

/** What to fetch, and how. */
export interface FetchPlan {
  readonly needs: Needs;
  readonly traceMethod: TraceMethod;
}

/** Messages come in the order of the blocks asked for. */
export class BlockFetcher implements ChainReader<EvmMessage> {
  readonly #nodes: EvmNodes;
  readonly #plan: FetchPlan;

  constructor(nodes: EvmNodes, plan: FetchPlan) {
    this.#nodes = nodes;
    this.#plan = plan;
  }

  /**
   * Blocks of consecutive heights, linked by parent hash, with their contents. Throws
   * `source.missing_block` when no node has them although its head is above.
   */
  range(from: number, to: number, signal: AbortSignal): Promise<readonly EvmMessage[] | Moved> {
    const heights = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    return this.#nodes.run(async (node) => {
      const read = await node.blocksByHeight(heights, this.#plan.needs.fullTransactions, signal);
      const blocks = read.filter((block) => block !== null);
      if (blocks.length < read.length) {
        const { head } = await node.tips(false, signal);
        if (head.height < to) return moved;
        throw missing(`block ${heights[read.indexOf(null)]}`, node);
      }
      if (!areLinked(blocks)) return moved;
      return this.#complete(node, blocks, signal);
    }, signal);
  }

  /** One block by hash, without its contents; `moved` when the node does not have it any more. */
  block({ hash }: BlockRef, signal: AbortSignal): Promise<EvmBlock | Moved> {
    const { fullTransactions } = this.#plan.needs;
    return this.#nodes.run(
      async (node) => (await node.blockByHash(hash, fullTransactions, signal)) ?? moved,
      signal,
    );
  }

  /** The contents of blocks that were read before, all from one node. */
  contents(
    blocks: readonly EvmBlock[],
    signal: AbortSignal,
  ): Promise<readonly EvmMessage[] | Moved> {
    return this.#nodes.run((node) => this.#complete(node, blocks, signal), signal);
  }

  /**
   * A block that was just announced as the head. Throws `source.missing_block` when no node has it
   * after several tries; `moved` when another block is canonical at its height already.
   */
  announced(ref: BlockRef, signal: AbortSignal): Promise<EvmMessage | Moved> {
    const { fullTransactions: isFull, receipts } = this.#plan.needs;
    return this.#nodes.run(async (node) => {
      const answer = await node.announced(ref, { isFull, receipts }, signal);
      if (answer.canonical !== null && answer.canonical.hash !== ref.hash) return moved;
      if (answer.block === null || answer.canonical === null) throw unknownHead(ref, node);
      const known = new Map<string, readonly WireReceipt[]>();
      if (answer.receipts !== null) known.set(ref.hash, answer.receipts);
      const messages = await this.#complete(node, [answer.block], signal, known);
      return messages === moved ? moved : (messages[0] ?? moved);
    }, signal);
  }

  async #complete(
    node: EvmNode,
    blocks: readonly EvmBlock[],
    signal: AbortSignal,
    known: ReadonlyMap<string, readonly WireReceipt[]> = new Map(),
  ): Promise<readonly EvmMessage[] | Moved> {
    try {
      for (const block of blocks) this.#checkForm(block);
      const [receipts, calls] = await Promise.all([
        this.#receipts(node, blocks, signal, known),
        this.#calls(node, blocks, signal),
      ]);
      return blocks.map((block) => ({
        block,
        receipts: receipts.get(block) ?? null,
        calls: calls.get(block) ?? null,
      }));
    } catch (error) {
      if (!isDoubt(error)) throw error;
      // A block that lost its place while we read is no fault of the node.
      const isCanonical = await this.#areCanonical(node, blocks, signal);
      if (!isCanonical) return moved;
      throw error;
    }
  }

  /** A node that leaves transactions out, or ignores the wish for full ones, would lose them silently. */
  #checkForm(block: EvmBlock): void {
    checkTransactions(block);
    if (!this.#plan.needs.fullTransactions || block.transactions !== null) return;
    throw new TransientError('source.unsupported', {
      stage: 'sources',
      message: `Block ${formatBlock(block)} came without its transactions although they were asked for. Use another endpoint.`,
      context: { height: block.height },
    });
  }

  async #receipts(
    node: EvmNode,
    blocks: readonly EvmBlock[],
    signal: AbortSignal,
    known: ReadonlyMap<string, readonly WireReceipt[]>,
  ): Promise<Map<EvmBlock, readonly WireReceipt[]>> {
    const receipts = new Map<EvmBlock, readonly WireReceipt[]>();
    if (!this.#plan.needs.receipts) return receipts;
    // An empty block has no receipts to ask for; its bloom is checked all the same.
    const asked = blocks.filter(
      ({ hash, transactionHashes }) => transactionHashes.length > 0 && !known.has(hash),
    );
    const answers = await node.receiptsOf(asked, signal);
    const fetched = new Map(asked.map((block, index) => [block, answers[index] ?? null]));
    for (const block of blocks) {
      const own = known.get(block.hash) ?? (fetched.has(block) ? fetched.get(block) : []);
      if (own === undefined || own === null) {
        throw missing(`receipts of block ${formatBlock(block)}`, node);
      }
      checkReceipts(block, own);
      receipts.set(block, own);
    }
    return receipts;
  }

  async #calls(
    node: EvmNode,
    blocks: readonly EvmBlock[],
    signal: AbortSignal,
  ): Promise<Map<EvmBlock, readonly TransactionCalls[]>> {
    const calls = new Map<EvmBlock, readonly TransactionCalls[]>();
    const { needs, traceMethod } = this.#plan;
    if (!needs.traces || traceMethod === 'none') return calls;
    const asked = blocks.filter(({ transactionHashes }) => transactionHashes.length > 0);
    const answers = await node.tracesOf(asked, traceMethod, signal);
    const parse = traceMethod === 'callTracer' ? callsOfTracer : callsOfTraceBlock;
    for (const block of blocks) {
      const index = asked.indexOf(block);
      if (index >= 0 && (answers[index] ?? null) === null) {
        throw missing(`traces of block ${formatBlock(block)}`, node);
      }
      calls.set(block, index < 0 ? [] : parse(answers[index], block));
    }
    return calls;
  }

  async #areCanonical(
    node: EvmNode,
    blocks: readonly EvmBlock[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const heights = blocks.map(({ height }) => height);
    const now = await node.blocksByHeight(heights, false, signal);
    return blocks.every((block, index) => now[index]?.hash === block.hash);
  }
}

function isDoubt(error: unknown): boolean {
  return (
    error instanceof PipelineError &&
    (error.code === 'source.missing_block' || error.code === 'source.inconsistent_block')
  );
}

function missing(what: string, node: EvmNode): TransientError {
  return new TransientError('source.missing_block', {
    stage: 'sources',
    message: `${node.origin} does not give ${what}, although its chain reaches there. It may lag behind or have lost data; add another endpoint to "http" or check the node.`,
    context: { origin: node.origin },
  });
}

/** A head that was announced and cannot be had: whether it will come, or was taken back, is open. */
function unknownHead(ref: BlockRef, node: EvmNode): TransientError {
  return new TransientError('source.missing_block', {
    stage: 'sources',
    message: `${node.origin} does not give block ${formatBlock(ref)}, which was announced as the head. It may lag behind, or its chain went back; a new session looks again. If this repeats, add another endpoint to "http" or check the node.`,
    context: { origin: node.origin, height: ref.height },
  });
}
