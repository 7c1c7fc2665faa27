/** Blocks, transactions, logs and receipts as REST shows them, members in the order of the wire. */
import type { Block } from '../chain/block.ts';
import type { Log, Receipt } from '../chain/transaction.ts';
import type { StoredReceipt } from '../node.ts';
import { frameBlock } from '../stream/frames.ts';

/** A block. Roots of transactions and receipts, chain id and extra data are only in the raw form. */
export function shownBlock(block: Block) {
  const { transactionCount, ...rest } = frameBlock(block);
  return { ...rest, baseFee: String(block.baseFee), transactionCount };
}

/** A block object. */
export type ShownBlock = ReturnType<typeof shownBlock>;

/** The transactions of a block with what their receipts say. */
export function shownTransactions(block: Block) {
  return block.transactions.map((transaction, transactionIndex) => ({
    hash: transaction.hash,
    type: transaction.type,
    nonce: transaction.nonce,
    sender: transaction.sender,
    to: transaction.to,
    value: String(transaction.value),
    gasLimit: transaction.gasLimit,
    gasPrice: String(transaction.gasPrice),
    maxFeePerGas: decimal(transaction.maxFeePerGas),
    maxPriorityFeePerGas: decimal(transaction.maxPriorityFeePerGas),
    priority: transaction.priority,
    blockNumber: block.number,
    blockHash: block.hash,
    transactionIndex,
    data: transaction.data === '' ? null : transaction.data,
    dataSize: transaction.data.length / 2,
    complianceProofCount: transaction.proofs.length,
    ...shownOutcome(block.receipts[transactionIndex]),
  }));
}

/** A transaction object; `gasLimit` is a JSON number that a double may not hold. */
export type ShownTransaction = ReturnType<typeof shownTransactions>[number];

/** What a transaction says of its receipt: null when none is known. */
export function shownOutcome(receipt: Receipt | undefined) {
  return {
    gasUsed: receipt?.gasUsed ?? null,
    success: receipt?.success ?? null,
    errorCode: receipt?.errorCode ?? null,
    effectiveGasPrice: decimal(receipt?.effectiveGasPrice ?? null),
    logs: receipt?.logs.map(shownLog) ?? null,
  };
}

/** A log; its place within the transaction is its only index. */
export function shownLog({ contract, eventSignature, topics, data }: Log) {
  return { contract, eventSignature, topics, data: data === '' ? null : data };
}

/** What `/v1/receipts/{hash}` answers. */
export function shownReceipt(receipt: StoredReceipt) {
  const { transactionHash, blockHash, blockNumber, transactionIndex, from, to } = receipt;
  const { gasUsed, success, errorCode, postStateRoot, effectiveGasPrice, logs } = receipt;
  return {
    transactionHash,
    blockHash,
    blockNumber,
    transactionIndex,
    from,
    to,
    gasUsed,
    success,
    errorCode,
    postStateRoot,
    effectiveGasPrice: String(effectiveGasPrice),
    logs: logs.map(shownLog),
  };
}

function decimal(value: bigint | null): string | null {
  return value === null ? null : String(value);
}
