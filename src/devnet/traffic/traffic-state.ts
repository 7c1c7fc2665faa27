/**
 * What the traffic must know before it composes a block, read from the node in one batch, so that a
 * reorg made by anyone needs no bookkeeping.
 */
import { type MinedBlock, parseBlock, text } from './chain-reader.ts';
import { encodeCall } from './contracts.ts';
import { type Deployment, deployedAddresses } from './deployment.ts';
import type { NodeRpc, RpcCall, RpcOutcome } from './node-rpc.ts';
import type { OwnedToken } from './transaction-mix.ts';

/** The chain as the next block finds it. */
export interface TrafficState {
  readonly head: MinedBlock;
  /** Next nonce by lower-case account, with what waits in the pool. */
  readonly nonces: ReadonlyMap<string, number>;
  /** False when one of the deployment's contracts is not on the chain (any more). */
  readonly isDeployed: boolean;
  readonly tokens: readonly OwnedToken[];
}

/** Reads the state; `tokenIds` are the ERC-721 ids whose owner is asked for. */
export async function readTrafficState(
  rpc: NodeRpc,
  question: {
    readonly accounts: readonly string[];
    readonly deployment: Deployment | null;
    readonly tokenIds: readonly bigint[];
  },
): Promise<TrafficState> {
  const { accounts, deployment, tokenIds } = question;
  const contracts = deployment === null ? [] : deployedAddresses(deployment);
  const owners = deployment === null ? [] : tokenIds.map((id) => ownerOf(deployment.erc721, id));
  const outcomes = await rpc.batchOutcomes([
    { method: 'eth_getBlockByNumber', params: ['latest', true] },
    ...[...accounts, ...contracts].map((address) => transactionCount(address)),
    ...owners,
  ]);
  const counts = outcomes
    .slice(1, 1 + accounts.length + contracts.length)
    .map((outcome) => Number(text(resultOrNull(outcome), 'transaction count')));
  return {
    head: parseBlock(resultOrNull(outcomes[0])),
    nonces: new Map(accounts.map((account, index) => [account, counts[index] ?? 0])),
    // A contract starts with nonce 1, an address without code has 0.
    isDeployed: deployment !== null && counts.slice(accounts.length).every((count) => count > 0),
    tokens: outcomes
      .slice(1 + accounts.length + contracts.length)
      .map((outcome, index) => ({ id: tokenIds[index] ?? 0n, owner: ownerFrom(outcome) })),
  };
}

function transactionCount(address: string): RpcCall {
  return { method: 'eth_getTransactionCount', params: [address, 'pending'] };
}

function ownerOf(to: string, id: bigint): RpcCall {
  const data = encodeCall('Erc721Token', 'ownerOf(uint256)', [id]);
  return { method: 'eth_call', params: [{ to, data }, 'latest'] };
}

/** A call that reverts means that nobody owns the token. */
function ownerFrom(outcome: RpcOutcome): string | null {
  const answer = resultOrNull(outcome);
  return typeof answer === 'string' && answer.length === 66 ? `0x${answer.slice(26)}` : null;
}

function resultOrNull(outcome: RpcOutcome | undefined): unknown {
  return outcome !== undefined && 'result' in outcome ? outcome.result : null;
}
