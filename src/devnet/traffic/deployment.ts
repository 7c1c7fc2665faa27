/**
 * The traffic's own set of contracts on a chain: deploying it, and seeing whether it is still there
 * after blocks were replaced.
 */

import { fields, text } from './chain-reader.ts';
import { encodeDeployment } from './contracts.ts';
import type { NodeRpc } from './node-rpc.ts';
import type { TransactionRequest } from './transaction-request.ts';

/** Addresses of the deployed contracts. */
export interface Deployment {
  readonly erc20: readonly [string, string];
  readonly erc721: string;
  readonly erc1155: string;
  readonly factory: string;
  readonly reverter: string;
  readonly emitter: string;
}

/** Ids of the ERC-1155 token that every holder starts with. */
export const multiTokenIds = [1n, 2n, 3n, 4n, 5n];

/** The transactions that deploy one set; their order is what `readDeployment` expects. */
export function deploymentRequests(
  deployer: string,
  holders: readonly string[],
): readonly TransactionRequest[] {
  const amounts = multiTokenIds.map(() => 10n ** 12n);
  const inputs = [
    encodeDeployment('Erc20Token', [{ text: 'Uncle Dollar' }, { text: 'UNCD' }, holders]),
    encodeDeployment('Erc20Token', [{ text: 'Orphan Coin' }, { text: 'ORPH' }, holders]),
    encodeDeployment('Erc721Token', [{ text: 'Forked Paths' }, { text: 'FORK' }, holders]),
    encodeDeployment('Erc1155Token', [holders, multiTokenIds, amounts]),
    encodeDeployment('Factory'),
    encodeDeployment('Reverter'),
    encodeDeployment('EventEmitter'),
  ];
  return inputs.map((data) => ({ kind: 'creation', from: deployer, data, gas: 3_500_000 }));
}

/** The addresses, from the hashes of the mined `deploymentRequests`. */
export async function readDeployment(
  rpc: NodeRpc,
  transactionHashes: readonly string[],
): Promise<Deployment> {
  const created = await readCreatedContracts(rpc, transactionHashes);
  const addressAt = (index: number) => text(created[index], 'receipt.contractAddress');
  return {
    erc20: [addressAt(0), addressAt(1)],
    erc721: addressAt(2),
    erc1155: addressAt(3),
    factory: addressAt(4),
    reverter: addressAt(5),
    emitter: addressAt(6),
  };
}

/** The contract that each mined transaction created; throws when one created none. */
export async function readCreatedContracts(
  rpc: NodeRpc,
  transactionHashes: readonly string[],
): Promise<readonly string[]> {
  const receipts = await rpc.batch(
    transactionHashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
  );
  return receipts.map((receipt) =>
    text(fields<'contractAddress'>(receipt, 'receipt').contractAddress, 'receipt.contractAddress'),
  );
}

/** All addresses of a deployment. */
export function deployedAddresses(deployment: Deployment): readonly string[] {
  const { erc20, erc721, erc1155, factory, reverter, emitter } = deployment;
  return [...erc20, erc721, erc1155, factory, reverter, emitter];
}
