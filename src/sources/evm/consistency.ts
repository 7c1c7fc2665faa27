/** What must agree between a block and its receipts before anything of it is believed. Pure. */
import { formatBlock } from '../../model/block.ts';
import { TransientError } from '../../model/errors.ts';
import type { EvmBlock, WireReceipt } from './messages.ts';

/** `source.inconsistent_block`: the node contradicts itself, and asking again may help. */
export function inconsistent(block: EvmBlock, what: string): TransientError {
  return new TransientError('source.inconsistent_block', {
    stage: 'sources',
    message: `Block ${formatBlock(block)} does not add up: ${what}. Nothing of it was published. If asking again does not help, check the node's database or use another endpoint.`,
    context: { height: block.height, hash: block.hash },
  });
}

/**
 * Throws `source.inconsistent_block` unless the receipts are those of exactly this block's
 * transactions, in order, and there are logs if the block's bloom says so.
 */
export function checkReceipts(block: EvmBlock, receipts: readonly WireReceipt[]): void {
  const { transactionHashes } = block;
  if (receipts.length !== transactionHashes.length) {
    throw inconsistent(
      block,
      `it has ${transactionHashes.length} transactions and ${receipts.length} receipts`,
    );
  }
  let logs = 0;
  for (const [index, receipt] of receipts.entries()) {
    if (receipt.transactionHash !== transactionHashes[index]) {
      throw inconsistent(block, `receipt ${index} is of another transaction`);
    }
    if (receipt.blockHash !== block.hash) {
      throw inconsistent(block, `receipt ${index} is of block ${receipt.blockHash}`);
    }
    logs += receipt.logs.length;
    for (const log of receipt.logs) {
      const isOurs =
        log.blockHash === block.hash && log.transactionHash === receipt.transactionHash;
      if (!isOurs) throw inconsistent(block, `a log of receipt ${index} is of another block`);
    }
  }
  if (logs === 0 && !block.hasEmptyBloom) {
    throw inconsistent(block, 'its bloom says that there are logs, and the receipts hold none');
  }
}
