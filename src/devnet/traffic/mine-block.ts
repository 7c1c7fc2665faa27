/**
 * Mines one block on a node whose mining is switched to manual: sends the transactions with nonces
 * and prices that fix their order, then asks for the block.
 */
import { type MinedBlock, readBlock } from './chain-reader.ts';
import type { NodeRpc } from './node-rpc.ts';
import { type TransactionRequest, toRpcTransaction } from './transaction-request.ts';

/** What the next block shall be. */
export interface MineOptions {
  readonly parent: Pick<MinedBlock, 'timestampSeconds' | 'baseFee'>;
  readonly requests: readonly TransactionRequest[];
  /** Next nonce by lower-case account. The caller's map is not changed. */
  readonly nonces: ReadonlyMap<string, number>;
  /** Seconds after the parent; null for the time of the machine, never before the parent's. */
  readonly timestampStepSeconds: number | null;
}

/** A mined block and the hashes of its requests, in their order. */
export interface MineOutcome {
  readonly block: MinedBlock;
  readonly transactionHashes: readonly string[];
}

/** Sends the requests and mines them as one block; what else is in the pool may join it. */
export async function mineBlock(rpc: NodeRpc, options: MineOptions): Promise<MineOutcome> {
  const hashes = await sendTransactions(rpc, options);
  await rpc.call('evm_mine', nextTimestamp(options));
  const block = await readBlock(rpc, 'latest');
  return { block, transactionHashes: hashes };
}

/** Puts the requests into the node's pool in one batch; returns their hashes in order. */
export async function sendTransactions(
  rpc: NodeRpc,
  { parent, requests, nonces }: Pick<MineOptions, 'parent' | 'requests' | 'nonces'>,
): Promise<readonly string[]> {
  const topPrice = maxOf(lowestTopPrice, parent.baseFee * 2n) + BigInt(requests.length);
  const next = new Map(nonces);
  const calls = requests.map((request, index) => {
    const account = request.from.toLowerCase();
    const nonce = next.get(account) ?? 0;
    next.set(account, nonce + 1);
    const transaction = toRpcTransaction(request, { index, nonce, topPrice });
    return { method: 'eth_sendTransaction', params: [transaction] };
  });
  return (await rpc.batch(calls)).map(String);
}

/** Next nonces of accounts on the chain, without what waits in the pool. */
export async function readNonces(
  rpc: NodeRpc,
  accounts: readonly string[],
): Promise<Map<string, number>> {
  const answers = await rpc.batch(
    accounts.map((account) => ({ method: 'eth_getTransactionCount', params: [account, 'latest'] })),
  );
  return new Map(accounts.map((account, index) => [account, Number(answers[index])]));
}

/** Switches a node to mining only when asked. */
export async function stopMining(rpc: NodeRpc): Promise<void> {
  await rpc.call('evm_setAutomine', false);
  await rpc.call('evm_setIntervalMining', 0);
}

/** The unlocked accounts in lower case. */
export async function readAccounts(rpc: NodeRpc): Promise<readonly string[]> {
  const accounts = await rpc.call('eth_accounts');
  return Array.isArray(accounts) ? accounts.map((account) => String(account).toLowerCase()) : [];
}

const lowestTopPrice = 3_000_000_000n;

function nextTimestamp({ parent, timestampStepSeconds }: MineOptions): number {
  if (timestampStepSeconds !== null) return parent.timestampSeconds + timestampStepSeconds;
  return Math.max(parent.timestampSeconds, Math.floor(Date.now() / 1000));
}

function maxOf(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}
