/**
 * Fetches blocks and their transactions, from one node per operation, and lets nothing through that
 * does not add up. Asking again and failing over is left to `AdmittedNodes.run`.
 */
import { type BlockRef, formatBlock } from '../../model/block.ts';
import { PipelineError, TransientError } from '../../model/errors.ts';
import { areLinked, type ChainReader, type Moved, moved } from '../following/chain.ts';
import { checkTransactions, inconsistent } from './consistency.ts';
import type { BasaltBlock, BasaltMessage, WireTransaction } from './messages.ts';
import type { BasaltNode } from './node.ts';
import type { BasaltNodes } from './nodes.ts';
import { parseLogs } from './wire.ts';

/** Messages come in the order of the blocks asked for. */
export class BlockFetcher implements ChainReader<BasaltMessage> {
  readonly #nodes: BasaltNodes;
  readonly #needsTransactions: boolean;

  constructor(nodes: BasaltNodes, needsTransactions: boolean) {
    this.#nodes = nodes;
    this.#needsTransactions = needsTransactions;
  }

  /** Throws `source.missing_block`, with the height, when no node has one of them. */
  range(from: number, to: number, signal: AbortSignal): Promise<readonly BasaltMessage[] | Moved> {
    return this.#nodes.run(async (node) => {
      const blocks = await blocksOf(node, from, to, signal);
      if (blocks.length < to - from + 1) {
        const { head } = await node.tips(signal);
        if (head.height < to) return moved;
        throw missing({ height: from + blocks.length }, node);
      }
      if (!areLinked(blocks)) return moved;
      return this.#complete(node, blocks, signal);
    }, signal);
  }

  /** One block by height, if it is still this one. Throws like `range`. */
  block(ref: BlockRef, signal: AbortSignal): Promise<BasaltBlock | Moved> {
    return this.#nodes.run(async (node) => {
      const block = await node.blockAt(ref.height, signal);
      if (block === null) throw missing(ref, node);
      return block.hash === ref.hash ? block : moved;
    }, signal);
  }

  contents(
    blocks: readonly BasaltBlock[],
    signal: AbortSignal,
  ): Promise<readonly BasaltMessage[] | Moved> {
    return this.#nodes.run((node) => this.#complete(node, blocks, signal), signal);
  }

  async announced(ref: BlockRef, signal: AbortSignal): Promise<BasaltMessage | Moved> {
    const block = await this.block(ref, signal);
    if (block === moved) return moved;
    const messages = await this.contents([block], signal);
    return messages === moved ? moved : (messages[0] ?? moved);
  }

  async #complete(
    node: BasaltNode,
    blocks: readonly BasaltBlock[],
    signal: AbortSignal,
  ): Promise<readonly BasaltMessage[] | Moved> {
    if (!this.#needsTransactions) return blocks.map((block) => ({ block, transactions: null }));
    try {
      return await Promise.all(
        blocks.map(async (block) => ({
          block,
          transactions: await transactionsOf(node, block, signal),
        })),
      );
    } catch (error) {
      if (!isDoubt(error)) throw error;
      // Blocks that lost their place while we read are no fault of the node.
      const now = await Promise.all(blocks.map(({ height }) => node.hashAt(height, signal)));
      if (blocks.some((block, index) => now[index] !== block.hash)) return moved;
      throw error;
    }
  }
}

/** Blocks of consecutive heights, up to the first that this node does not have. */
async function blocksOf(
  node: BasaltNode,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<readonly BasaltBlock[]> {
  // One request instead of many, and proven by their hashes; the newest may not be written yet.
  const raw = to > from ? await node.rawBlocks(from, to - from + 1, signal) : [];
  const lowest = from + raw.length;
  if (lowest > to) return raw;
  // A node has all from some height on: where it lacks the lowest, the others would only cost requests.
  const first = await node.blockAt(lowest, signal);
  if (first === null) return raw;
  const heights = Array.from({ length: to - lowest }, (_, index) => lowest + 1 + index);
  const others = await Promise.all(heights.map((height) => node.blockAt(height, signal)));
  const rest = [first, ...others];
  const hole = rest.indexOf(null);
  const known = rest.filter((block) => block !== null);
  return [...raw, ...known.slice(0, hole < 0 ? known.length : hole)];
}

async function transactionsOf(
  node: BasaltNode,
  block: BasaltBlock,
  signal: AbortSignal,
): Promise<readonly WireTransaction[]> {
  if (block.transactionCount === 0) return [];
  const inMemory = await node.transactionsAt(block.height, signal);
  const transactions = inMemory ?? (await transactionsOnDisk(node, block, signal));
  checkTransactions(block, transactions);
  return transactions;
}

/** From the raw block, each with its receipt where one is known. */
async function transactionsOnDisk(
  node: BasaltNode,
  block: BasaltBlock,
  signal: AbortSignal,
): Promise<readonly WireTransaction[]> {
  const raw = block.rawTransactions?.() ?? (await rawTransactionsOf(node, block, signal));
  return Promise.all(
    raw.map(async (transaction) => {
      if (transaction.hash === null) return transaction;
      const receipt = await node.receipt(transaction.hash, signal);
      // Receipts of rolled-back blocks stay on disk: such a one says nothing of this block.
      if (receipt?.['blockHash'] !== block.hash) return transaction;
      const { gasUsed, success, errorCode, effectiveGasPrice } = receipt;
      const logs = parseLogs(receipt, `receipt of ${transaction.hash}`);
      return { ...transaction, gasUsed, success, errorCode, effectiveGasPrice, logs };
    }),
  );
}

async function rawTransactionsOf(
  node: BasaltNode,
  block: BasaltBlock,
  signal: AbortSignal,
): Promise<readonly WireTransaction[]> {
  const [raw] = await node.rawBlocks(block.height, 1, signal);
  if (raw === undefined) throw missing(block, node);
  if (raw.hash !== block.hash) throw inconsistent(block, `the disk has ${raw.hash} there`);
  return raw.rawTransactions?.() ?? [];
}

function isDoubt(error: unknown): boolean {
  return (
    error instanceof PipelineError &&
    (error.code === 'source.missing_block' || error.code === 'source.inconsistent_block')
  );
}

function missing({ height, hash }: Partial<BlockRef>, node: BasaltNode): TransientError {
  const what = hash === undefined ? `block ${height}` : formatBlock({ height: height ?? 0, hash });
  return new TransientError('source.missing_block', {
    stage: 'sources',
    message: `${node.origin} does not have ${what}: a node keeps the last 10,000 blocks in memory, after a restart only what came since, and all of them only with a data directory. Add an endpoint to "rest" that has it.`,
    context: { origin: node.origin, height: height ?? null },
  });
}
