/** What must agree between a block and its receipts before anything of it is believed. Pure. */
import { formatBlock } from '../../model/block.ts';
import { TransientError } from '../../model/errors.ts';
import type { EvmBlock, WireLog, WireReceipt } from './messages.ts';
import { isQuantity } from './quantity.ts';

/** `source.inconsistent_block`: the node contradicts itself, and asking again may help. */
export function inconsistent(block: EvmBlock, what: string): TransientError {
  return new TransientError('source.inconsistent_block', {
    stage: 'sources',
    message: `Block ${formatBlock(block)} does not add up: ${what}. Nothing of it was published. If asking again does not help, check the node's database or use another endpoint.`,
    context: { height: block.height, hash: block.hash },
  });
}

/** `transactionsRoot` of a block without transactions: the root of an empty trie. */
const emptyRoot = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';

/** Throws `source.inconsistent_block` for a block that lists nothing although it ran transactions. */
export function checkTransactions(block: EvmBlock): void {
  if (block.transactionHashes.length > 0) return;
  const root = block.fields['transactionsRoot'];
  // Neither alone proves it on every chain: some have roots or gas of their own.
  if (typeof root !== 'string' || root === emptyRoot || !usedGas(block)) return;
  throw inconsistent(block, 'its root says that there are transactions, and it lists none');
}

/** False when nothing ran in this block: some chains have transactions that run outside of the EVM. */
export function usedGas({ fields }: EvmBlock): boolean {
  return numberIn(fields['gasUsed']) !== 0;
}

/** What is no number is left to the row that it makes: there it is refused by its name. */
function numberIn(value: unknown): unknown {
  return isQuantity(value) ? Number(value) : value;
}

/**
 * Throws `source.inconsistent_block` unless the receipts are those of exactly this block's
 * transactions, in order, there are logs if the block's bloom says so, and each has an index of its
 * own: it is part of a record's identity.
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
  let before = -1;
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
      before = indexAfter(before, log, block);
    }
  }
  if (logs === 0 && !block.hasEmptyBloom) {
    throw inconsistent(block, 'its bloom says that there are logs, and the receipts hold none');
  }
}

/** Of a log, which counts over all transactions of the block. */
function indexAfter(before: number, log: WireLog, block: EvmBlock): number {
  const index = numberIn(log['logIndex']);
  if (typeof index !== 'number') return before;
  if (index > before) return index;
  throw inconsistent(block, `its log ${before} is followed by log ${index}`);
}
