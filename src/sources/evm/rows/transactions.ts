/** One row per transaction, with what its receipt adds. */
import type { Event, Origin, Row } from '../../../model/event.ts';
import { rowOfPart } from '../../row-of-part.ts';
import type { RefusePart } from '../../source.ts';
import type { EvmMessage, WireReceipt, WireTransaction } from '../messages.ts';
import { decimalIn, hexIn, integerIn, requiredHex } from '../quantity.ts';

/** See `Channel.normalize`. */
export function* transactionRows(
  message: EvmMessage,
  origin: Origin,
  refuse?: RefusePart,
): Generator<Event> {
  const { receipts, calls, block } = message;
  if (block.transactions === null || receipts === null) return;
  for (const [index, transaction] of block.transactions.entries()) {
    const receipt = receipts[index];
    if (receipt === undefined) continue;
    const isUntraced = calls === null ? null : (calls[index] ?? null) === null;
    const entry = { transaction, receipt, index, isUntraced };
    const row = rowOfPart(entry, refuse, () => transactionRow(entry, origin));
    if (row === undefined) continue;
    yield { dataset: 'transactions', index: String(index), row, timeMs: origin.blockTimeMs };
  }
}

interface Entry {
  readonly transaction: WireTransaction;
  readonly receipt: WireReceipt;
  readonly index: number;
  readonly isUntraced: boolean | null;
}

function transactionRow(entry: Entry, origin: Origin): Row {
  const { transaction, receipt } = entry;
  const { hash } = transaction;
  const value = decimalIn(transaction, 'value', hash);
  const price =
    decimalIn(receipt, 'effectiveGasPrice', hash) ?? decimalIn(transaction, 'gasPrice', hash);
  const status = integerIn(receipt, 'status', hash);
  const blobGasUsed = integerIn(receipt, 'blobGasUsed', hash);
  return {
    chain: origin.chain,
    height: origin.height,
    block_hash: origin.blockHash,
    block_time: origin.blockTimeMs,
    tx_hash: hash,
    tx_index: entry.index,
    from_address: requiredHex(transaction, 'from', hash),
    to_address: hexIn(transaction, 'to', hash),
    created_contract_address: hexIn(receipt, 'contractAddress', hash),
    tx_nonce: integerIn(transaction, 'nonce', hash),
    value_wei: value,
    gas_limit: decimalIn(transaction, 'gas', hash),
    gas_used: integerIn(receipt, 'gasUsed', hash),
    cumulative_gas_used: integerIn(receipt, 'cumulativeGasUsed', hash),
    effective_gas_price_wei: price,
    max_fee_per_gas_wei: decimalIn(transaction, 'maxFeePerGas', hash),
    max_priority_fee_per_gas_wei: decimalIn(transaction, 'maxPriorityFeePerGas', hash),
    max_fee_per_blob_gas_wei: decimalIn(transaction, 'maxFeePerBlobGas', hash),
    blob_gas_used: blobGasUsed,
    // Some nodes send a blob gas price for every transaction; it means something only with blobs.
    blob_gas_price_wei: blobGasUsed === null ? null : decimalIn(receipt, 'blobGasPrice', hash),
    tx_type: integerIn(transaction, 'type', hash),
    status_success: status === null ? null : status === 1,
    root: hexIn(receipt, 'root', hash),
    trace_failed: entry.isUntraced,
    input: hexIn(transaction, 'input', hash),
    log_count: receipt.logs.length,
  };
}
