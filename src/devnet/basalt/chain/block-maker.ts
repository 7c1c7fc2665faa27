/** Makes genesis and the block after another one, with real hashes and links. */
import type { SeededRandom } from '../../traffic/seeded-random.ts';
import { type Block, type BlockHeader, zeroAddress, zeroHash } from './block.ts';
import type { Cast } from './cast.ts';
import { makeFill, makeReceipt } from './receipt-maker.ts';
import { hashOf, serializeHeader } from './serialize.ts';
import type { Receipt, Transaction } from './transaction.ts';
import { makeTransaction } from './transaction-maker.ts';
import type { TransactionType } from './transaction-types.ts';

/** What a block is asked to contain; what is left out is drawn. */
export interface BlockRequest {
  /** New transactions; those that come back after a rollback are put before them. */
  readonly transactions?: number;
  readonly types?: readonly TransactionType[];
  /** False: no receipt is known for its transactions. */
  readonly hasReceipts?: boolean;
  /** False: what a rollback took does not come back. Default true. */
  readonly comesBack?: boolean;
}

/** Where a block comes from. */
export interface BlockDraw {
  readonly random: SeededRandom;
  readonly cast: Cast;
  readonly parent: Block;
  readonly timestamp: number;
  /** Tells branches apart: blocks of two are never equal, even empty ones. */
  readonly branch: number;
  /** Transactions that were lost and come back, in order. */
  readonly returning: readonly Transaction[];
  nonceOf(sender: string): number;
}

/** Gas that all transactions of a block may use. */
const blockGasLimit = 100_000_000;
const baseFeeMin = 1n;
const transactionsMax = 9;

/** Block 0; it depends on the chain id alone. */
export function makeGenesis(chainId: number): Block {
  return sealed(
    {
      number: 0,
      parentHash: zeroHash,
      stateRoot: hashOf(`genesis/${chainId}`),
      transactionsRoot: zeroHash,
      receiptsRoot: zeroHash,
      timestamp: 0,
      proposer: zeroAddress,
      chainId,
      gasUsed: 0,
      gasLimit: blockGasLimit,
      baseFee: baseFeeMin,
      protocolVersion: 1,
      extraData: '',
    },
    { transactions: [], receipts: [], fills: [] },
  );
}

/** The block after `parent`. */
export function makeBlock(draw: BlockDraw, request: BlockRequest = {}): Block {
  const { random, cast, parent, timestamp, branch } = draw;
  const baseFee = nextBaseFee(parent, random);
  const transactions = drawTransactions(draw, baseFee, request);
  const transactionsRoot = rootOf(transactions.map(({ hash }) => hash));
  const stateRoot = hashOf(`${parent.stateRoot}/${transactionsRoot}/${branch}`);
  const receiptDraw = { random, cast, baseFee, stateRoot };
  const receipts = transactions.map((transaction, index) =>
    makeReceipt(receiptDraw, transaction, index),
  );
  const settles = transactions.some(({ type }) => type === 'DexSwapIntent') && random.chance(0.7);
  const fills = settles ? [makeFill(receiptDraw, stateRoot, transactions.length)] : [];
  const header = {
    number: parent.number + 1,
    parentHash: parent.hash,
    stateRoot,
    transactionsRoot,
    receiptsRoot: rootOf([...receipts, ...fills].map((receipt) => JSON.stringify(shape(receipt)))),
    timestamp,
    proposer: random.pick(cast.proposers),
    chainId: parent.chainId,
    gasUsed: receipts.reduce((sum, { gasUsed }) => sum + gasUsed, 0),
    gasLimit: blockGasLimit,
    baseFee,
    protocolVersion: 1,
    extraData: random.chance(0.2) ? random.hex(random.integer(1, 32)) : '',
  };
  const isKnown = (): boolean => request.hasReceipts ?? !random.chance(0.04);
  const known = receipts.map((receipt) => (isKnown() ? receipt : undefined));
  return sealed(header, { transactions, receipts: known, fills });
}

function drawTransactions(
  draw: BlockDraw,
  baseFee: bigint,
  request: BlockRequest,
): readonly Transaction[] {
  const { random, cast, parent, returning } = draw;
  const drawn = random.chance(0.2) ? 0 : random.integer(1, transactionsMax);
  const { transactions: count = drawn, types } = request;
  const nonces = new Map<string, number>();
  for (const { sender, nonce } of returning) nonces.set(sender, nonce + 1);
  const nonceOf = (sender: string): number => {
    const nonce = nonces.get(sender) ?? draw.nonceOf(sender);
    nonces.set(sender, nonce + 1);
    return nonce;
  };
  const source = { random, cast, chainId: parent.chainId, baseFee, nonceOf };
  const fresh = Array.from({ length: count }, () => makeTransaction(source, types));
  return [...returning, ...fresh];
}

function nextBaseFee({ baseFee }: Block, random: SeededRandom): bigint {
  const next = (baseFee * BigInt(random.integer(875, 1125))) / 1000n + baseFeeMin;
  return next > 10n ** 9n ? 10n ** 9n : next;
}

function shape({ effectiveGasPrice, ...receipt }: Receipt) {
  return { ...receipt, effectiveGasPrice: String(effectiveGasPrice) };
}

/** The simulator's stand-in for a Merkle root: it changes with each leaf and their order. */
function rootOf(leaves: readonly string[]): string {
  return leaves.length === 0 ? zeroHash : hashOf(leaves.join());
}

function sealed(
  header: BlockHeader,
  body: Pick<Block, 'transactions' | 'receipts' | 'fills'>,
): Block {
  return { ...header, ...body, hash: hashOf(serializeHeader(header)) };
}
