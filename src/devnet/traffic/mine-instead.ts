/**
 * Mines the blocks of a reorg's plan in place of blocks that were taken off. The pool orders by price
 * and kept transactions keep theirs, so an order that the plan changed within a block comes out as
 * before; what was dropped, moved and put between gives the others another index.
 */
import { FatalError } from '../../model/errors.ts';
import type { Branch } from './branch.ts';
import { quantity, readBlock } from './chain-reader.ts';
import { readNonces } from './mine-block.ts';
import type { NodeRpc } from './node-rpc.ts';
import type { Slot } from './reorg-plan.ts';
import { type TransactionRequest, toPricedTransaction } from './transaction-request.ts';

/** What to mine, and what was there before. */
export interface MineInsteadOptions {
  readonly replaced: Branch;
  /** One list per replaced block. */
  readonly plan: readonly (readonly Slot[])[];
  readonly newcomers: readonly TransactionRequest[];
  readonly timestampStepSeconds: number;
}

const attemptsMax = 5;
/** Above the base fee of any block the traffic makes. */
const ordinaryPrice = 3_000_000_000n;

/** Expects the chain to end with the parent of the first replaced block, and the pool to be empty. */
export async function mineInstead(rpc: NodeRpc, options: MineInsteadOptions): Promise<void> {
  const { replaced, plan, newcomers, timestampStepSeconds } = options;
  const account = newcomers[0]?.from.toLowerCase() ?? '';
  const nonces = account === '' ? new Map<string, number>() : await readNonces(rpc, [account]);
  const prices = new Map(
    replaced.blocks.flatMap(({ transactions }) =>
      transactions.map(({ hash, gasPrice }): [string, bigint] => [hash, gasPrice]),
    ),
  );
  for (const [offset, slots] of plan.entries()) {
    let price = ordinaryPrice;
    for (const slot of slots) {
      if ('hash' in slot) {
        price = prices.get(slot.hash) ?? price;
        await offer(rpc, 'eth_sendRawTransaction', replaced.rawTransactions.get(slot.hash));
        continue;
      }
      const newcomer = newcomers[slot.newcomer];
      if (newcomer === undefined) continue;
      const nonce = nonces.get(account) ?? 0;
      nonces.set(account, nonce + 1);
      // The price of the one before it: equal prices are mined in the order of arrival.
      await offer(rpc, 'eth_sendTransaction', toPricedTransaction(newcomer, { nonce, price }));
    }
    const before = replaced.blocks[offset];
    // Without another base fee an empty block with the same time would be the very same block.
    await rpc.call('anvil_setNextBlockBaseFeePerGas', quantity((before?.baseFee ?? 0n) + 7n));
    await mineAfterHead(rpc, timestampStepSeconds);
  }
}

/** The node may refuse it, when somebody else mined meanwhile: what came of it is read afterwards. */
async function offer(rpc: NodeRpc, method: string, transaction: unknown): Promise<void> {
  await rpc.batchOutcomes([{ method, params: [transaction] }]);
}

/** Looks again when somebody else mined between the look at the head and the call. */
async function mineAfterHead(rpc: NodeRpc, stepSeconds: number): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const { timestampSeconds } = await readBlock(rpc, 'latest');
    try {
      await rpc.call('evm_mine', timestampSeconds + stepSeconds);
      return;
    } catch (error) {
      const isRefused = error instanceof FatalError && error.code === 'devnet.node_refused';
      if (!isRefused || attempt === attemptsMax) throw error;
    }
  }
}
