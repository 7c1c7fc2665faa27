/**
 * A transaction the traffic wants, and how it is put to a node: which envelope type, and at what
 * price, because the price decides the place in the block.
 */
import { quantity } from './chain-reader.ts';

/** What a transaction is there to show. */
export type TransactionKind =
  | 'value_transfer'
  | 'erc20_transfer'
  | 'erc20_supply'
  | 'erc721_transfer'
  | 'erc1155_single'
  | 'erc1155_batch'
  | 'nested_creation'
  | 'creation'
  | 'reverted'
  | 'events';

/** One transaction from an unlocked account; without `to` it creates a contract. */
export interface TransactionRequest {
  readonly kind: TransactionKind;
  readonly from: string;
  readonly to?: string;
  readonly data?: string;
  readonly value?: bigint;
  readonly gas: number;
}

/** The place of a transaction among the block's, and its account's nonce. */
export interface Placement {
  readonly index: number;
  readonly nonce: number;
  /** Price of the block's first transaction, in wei; each further one pays 1 wei less. */
  readonly topPrice: bigint;
}

/**
 * Parameters of `eth_sendTransaction`. anvil orders its pool by price, so prices that fall by index
 * put the transactions in their order, whatever order they arrive in.
 */
export function toRpcTransaction(
  request: TransactionRequest,
  { index, nonce, topPrice }: Placement,
): Readonly<Record<string, unknown>> {
  const price = quantity(topPrice - BigInt(index));
  const common = { ...contentOf(request), nonce: quantity(nonce) };
  const envelopeType = index % 4;
  if (envelopeType === 0) return { ...common, gasPrice: price };
  if (envelopeType === 1) return { ...common, gasPrice: price, accessList: [] };
  return { ...common, maxFeePerGas: price, maxPriorityFeePerGas: price };
}

/** Parameters of `eth_sendTransaction` at a given price. */
export function toPricedTransaction(
  request: TransactionRequest,
  { nonce, price }: { readonly nonce: number; readonly price: bigint },
): Readonly<Record<string, unknown>> {
  return { ...contentOf(request), nonce: quantity(nonce), gasPrice: quantity(price) };
}

function contentOf(request: TransactionRequest): Readonly<Record<string, unknown>> {
  return {
    from: request.from,
    ...(request.to === undefined ? {} : { to: request.to }),
    ...(request.data === undefined ? {} : { data: request.data }),
    value: quantity(request.value ?? 0n),
    gas: quantity(request.gas),
  };
}
