/** One row per transaction, with what its receipt adds. */
import type { Event, Origin, Row } from '../../../model/event.ts';
import { rowOfPart } from '../../row-of-part.ts';
import type { RefusePart } from '../../source.ts';
import type { BasaltMessage, WireTransaction } from '../messages.ts';
import { decimalIn, flagIn, hexIn, integerIn, requiredHex, textIn } from '../values.ts';

/** See `Channel.normalize`. */
export function* transactionRows(
  message: BasaltMessage,
  origin: Origin,
  refuse?: RefusePart,
): Generator<Event> {
  for (const [index, transaction] of (message.transactions ?? []).entries()) {
    const row = rowOfPart(transaction, refuse, () => transactionRow(transaction, index, origin));
    if (row === undefined) continue;
    yield { dataset: 'transactions', index: String(index), row, timeMs: origin.blockTimeMs };
  }
}

function transactionRow(transaction: WireTransaction, index: number, origin: Origin): Row {
  const owner = transaction.hash ?? `transaction ${index} of block ${origin.blockHash}`;
  const fees = feesOf(transaction, owner);
  return {
    chain: origin.chain,
    height: origin.height,
    block_hash: origin.blockHash,
    block_time: origin.blockTimeMs,
    tx_index: index,
    tx_hash: transaction.hash,
    tx_type: textIn(transaction, 'type', owner),
    from_address: requiredHex(transaction, 'sender', owner),
    to_address: hexIn(transaction, 'to', owner),
    tx_nonce: integerIn(transaction, 'nonce', owner),
    amount: decimalIn(transaction, 'value', owner),
    gas_limit: decimalIn(transaction, 'gasLimit', owner),
    gas_price: decimalIn(transaction, 'gasPrice', owner),
    max_fee_per_gas: fees.max,
    max_priority_fee_per_gas: fees.priority,
    priority: integerIn(transaction, 'priority', owner),
    input: hexIn(transaction, 'data', owner),
    compliance_proof_count: integerIn(transaction, 'complianceProofCount', owner),
    status_success: flagIn(transaction, 'success', owner),
    error_code: textIn(transaction, 'errorCode', owner),
    gas_used: integerIn(transaction, 'gasUsed', owner),
    effective_gas_price: decimalIn(transaction, 'effectiveGasPrice', owner),
    log_count: transaction.logs?.length ?? null,
  };
}

/**
 * REST shows null for the fees of a transaction that sets none, the raw form zero. Both are null here,
 * so that a block gives the same rows however it was read.
 */
function feesOf(transaction: WireTransaction, owner: string) {
  const max = decimalIn(transaction, 'maxFeePerGas', owner) ?? '0';
  const priority = decimalIn(transaction, 'maxPriorityFeePerGas', owner) ?? '0';
  return max === '0' && priority === '0' ? { max: null, priority: null } : { max, priority };
}
