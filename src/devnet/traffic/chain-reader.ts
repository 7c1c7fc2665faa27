/**
 * Reads from a devnet node what the traffic must know: blocks with their transactions' senders and
 * nonces, and signed transactions in their raw form.
 */
import { FatalError } from '../../model/errors.ts';
import type { NodeRpc } from './node-rpc.ts';

/** A mined transaction, as far as placing it again needs. */
export interface MinedTransaction {
  readonly hash: string;
  readonly from: string;
  readonly nonce: number;
  /** What it paid per gas, in wei: anvil's pool orders by it. */
  readonly gasPrice: bigint;
}

/** A mined block, transactions in order. */
export interface MinedBlock {
  readonly height: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestampSeconds: number;
  readonly baseFee: bigint;
  readonly transactions: readonly MinedTransaction[];
}

/** `0x`-prefixed hexadecimal, as the protocol writes quantities. */
export function quantity(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** The block at a height, or the newest one. */
export async function readBlock(rpc: NodeRpc, height: number | 'latest'): Promise<MinedBlock> {
  const tag = height === 'latest' ? height : quantity(height);
  return parseBlock(await rpc.call('eth_getBlockByNumber', tag, true));
}

/** The blocks from `first` to `last`, both included, oldest first. */
export async function readBlocks(
  rpc: NodeRpc,
  first: number,
  last: number,
): Promise<readonly MinedBlock[]> {
  const blocks: MinedBlock[] = [];
  for (let from = first; from <= last; from += blocksPerRequest) {
    const heights = range(from, Math.min(last, from + blocksPerRequest - 1));
    const answers = await rpc.batch(
      heights.map((height) => ({
        method: 'eth_getBlockByNumber',
        params: [quantity(height), true],
      })),
    );
    blocks.push(...answers.map(parseBlock));
  }
  return blocks;
}

/** Signed transactions by hash. */
export async function readRawTransactions(
  rpc: NodeRpc,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const answers = await rpc.batch(
    hashes.map((hash) => ({ method: 'eth_getRawTransactionByHash', params: [hash] })),
  );
  return new Map(
    hashes.map((hash, index) => [hash, text(answers[index], `raw transaction ${hash}`)]),
  );
}

/** A block as `eth_getBlockByNumber` with full transactions answers it. */
export function parseBlock(answer: unknown): MinedBlock {
  const block = fields<BlockField>(answer, 'block');
  const transactions = block.transactions;
  if (!Array.isArray(transactions)) throw malformed('block.transactions', transactions);
  return {
    height: Number(text(block.number, 'block.number')),
    hash: text(block.hash, 'block.hash'),
    parentHash: text(block.parentHash, 'block.parentHash'),
    timestampSeconds: Number(text(block.timestamp, 'block.timestamp')),
    baseFee: BigInt(text(block.baseFeePerGas, 'block.baseFeePerGas')),
    transactions: transactions.map(parseTransaction),
  };
}

/** The value as a string; throws `FatalError` with the name of what was expected. */
export function text(value: unknown, name: string): string {
  if (typeof value === 'string') return value;
  throw malformed(name, value);
}

/** The value as an object; throws `FatalError` with the name of what was expected. */
export function fields<K extends string>(
  value: unknown,
  name: string,
): Readonly<Partial<Record<K, unknown>>> {
  if (typeof value !== 'object' || value === null) throw malformed(name, value);
  return value as Readonly<Partial<Record<K, unknown>>>;
}

function parseTransaction(answer: unknown): MinedTransaction {
  const transaction = fields<TransactionField>(answer, 'transaction');
  return {
    hash: text(transaction.hash, 'transaction.hash'),
    from: text(transaction.from, 'transaction.from').toLowerCase(),
    nonce: Number(text(transaction.nonce, 'transaction.nonce')),
    gasPrice: BigInt(text(transaction.gasPrice, 'transaction.gasPrice')),
  };
}

const blocksPerRequest = 64;

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function malformed(name: string, value: unknown): FatalError {
  return new FatalError('devnet.node_refused', {
    stage: 'devnet',
    message: `The devnet node answered ${JSON.stringify(value)} where ${name} was expected.`,
  });
}

type BlockField = 'number' | 'hash' | 'parentHash' | 'timestamp' | 'baseFeePerGas' | 'transactions';

type TransactionField = 'hash' | 'from' | 'nonce' | 'gasPrice';
