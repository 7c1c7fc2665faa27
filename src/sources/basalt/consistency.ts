/** What must agree between a block and its transactions before anything of it is believed. Pure. */
import { formatBlock } from '../../model/block.ts';
import { TransientError } from '../../model/errors.ts';
import type { BasaltBlock, WireTransaction } from './messages.ts';

/** `source.inconsistent_block`: the node contradicts itself, and asking again may help. */
export function inconsistent(block: BasaltBlock, what: string): TransientError {
  return new TransientError('source.inconsistent_block', {
    stage: 'sources',
    message: `Block ${formatBlock(block)} does not add up: ${what}. Nothing of it was published. If asking again does not help, check the node or use another endpoint.`,
    context: { height: block.height, hash: block.hash },
  });
}

/** Throws `source.inconsistent_block` unless these are exactly this block's transactions, in order. */
export function checkTransactions(
  block: BasaltBlock,
  transactions: readonly WireTransaction[],
): void {
  const { hash, transactionCount } = block;
  if (transactions.length !== transactionCount) {
    const what = `it has ${transactionCount} transactions, and ${transactions.length} came`;
    throw inconsistent(block, what);
  }
  for (const [index, transaction] of transactions.entries()) {
    if (transaction['blockHash'] !== hash) {
      throw inconsistent(block, `transaction ${index} is of block ${transaction['blockHash']}`);
    }
    if (transaction['transactionIndex'] !== index) {
      throw inconsistent(block, `transaction ${index} is out of order`);
    }
  }
}
