/**
 * A branch of the chain that was replaced, remembered so that the very same blocks can come back
 * (A→B→A): same transactions, times and base fees give the same hashes.
 */
import { FatalError } from '../../model/errors.ts';
import { type MinedBlock, quantity, readBlock } from './chain-reader.ts';
import type { NodeRpc } from './node-rpc.ts';

/** Replaced blocks, oldest first, with every signed transaction by hash. */
export interface Branch {
  readonly blocks: readonly MinedBlock[];
  readonly rawTransactions: ReadonlyMap<string, string>;
}

/** Whether the pool, which orders by price, would surely put its transactions in the same order again. */
export function isRestorable(branch: Branch): boolean {
  return (
    branch.blocks.length > 0 &&
    branch.blocks.every(({ transactions }) =>
      transactions.every((transaction, index) => {
        const previous = transactions[index - 1];
        return previous === undefined || previous.gasPrice > transaction.gasPrice;
      }),
    )
  );
}

/**
 * Takes the chain back to the branch's parent and mines the branch again, block by block. Clears the
 * pool first. Throws `FatalError` (`devnet.node_refused`) when the parent is not on the chain any
 * more or a block comes out with another hash. Returns how many blocks were taken off.
 */
export async function restoreBranch(rpc: NodeRpc, branch: Branch): Promise<number> {
  const first = branch.blocks[0];
  if (first === undefined) return 0;
  const parent = await readBlock(rpc, first.height - 1);
  if (parent.hash !== first.parentHash) throw notTheSame(first.height - 1, parent.hash);
  const head = await readBlock(rpc, 'latest');
  const depth = head.height - parent.height;
  await rpc.call('anvil_dropAllTransactions');
  if (depth > 0) await rpc.call('anvil_rollback', depth);
  for (const block of branch.blocks) {
    for (const { hash } of block.transactions) {
      await rpc.call('eth_sendRawTransaction', branch.rawTransactions.get(hash));
    }
    // anvil keeps the base fee of the branch it leaves; the hash needs the one of then.
    await rpc.call('anvil_setNextBlockBaseFeePerGas', quantity(block.baseFee));
    await rpc.call('evm_mine', block.timestampSeconds);
    const mined = await readBlock(rpc, 'latest');
    if (mined.hash !== block.hash) throw notTheSame(block.height, mined.hash);
  }
  return depth;
}

function notTheSame(height: number, hash: string): FatalError {
  return new FatalError('devnet.node_refused', {
    stage: 'devnet',
    message: `The branch cannot come back: block ${height} is now ${hash}.`,
    context: { height, hash },
  });
}
