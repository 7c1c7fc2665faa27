/** One row per transaction, with what its receipt adds. */
import type { Event, Origin, Row } from '../../../model/event.ts';
import type {
  EvmMessage,
  TransactionCalls,
  WireFields,
  WireReceipt,
  WireTransaction,
} from '../messages.ts';
import { optionalDecimal, optionalHex, optionalInteger, toHex } from '../quantity.ts';
import { amountColumns, blockColumns, rowEvent } from './base.ts';

export function* transactionRows(message: EvmMessage, origin: Origin): Generator<Event> {
  const { transactions } = message.block;
  for (const [index, transaction] of (transactions ?? []).entries()) {
    const receipt = message.receipts?.[index];
    if (receipt === undefined) continue;
    const row = {
      ...blockColumns(origin),
      ...transactionColumns(transaction, index),
      ...receiptColumns(receipt, transaction),
      trace_failed: message.calls === null ? null : isUntraced(message.calls[index]),
    };
    yield rowEvent('transactions', String(index), row, origin);
  }
}

function isUntraced(calls: TransactionCalls | undefined): boolean {
  return calls === undefined || calls === null;
}

function transactionColumns(transaction: WireTransaction, index: number): Row {
  const name = (field: string) => `transaction ${transaction.hash}: ${field}`;
  const decimal = (field: string) => optionalDecimal(transaction[field], name(field));
  return {
    tx_hash: transaction.hash,
    tx_index: index,
    from_address: toHex(transaction.from, name('from')),
    to_address: optionalHex(transaction['to'], name('to')),
    tx_nonce: optionalInteger(transaction['nonce'], name('nonce')),
    ...amountColumns('value_wei', transaction['value'], name('value')),
    gas_limit: decimal('gas'),
    max_fee_per_gas_wei: decimal('maxFeePerGas'),
    max_priority_fee_per_gas_wei: decimal('maxPriorityFeePerGas'),
    max_fee_per_blob_gas_wei: decimal('maxFeePerBlobGas'),
    tx_type: optionalInteger(transaction['type'], name('type')),
    input: optionalHex(transaction['input'], name('input')),
  };
}

function receiptColumns(receipt: WireReceipt, transaction: WireTransaction): Row {
  const name = (field: string) => `receipt of ${receipt.transactionHash}: ${field}`;
  const integer = (field: string) => optionalInteger(receipt[field], name(field));
  const status = integer('status');
  return {
    created_contract_address: optionalHex(receipt['contractAddress'], name('contractAddress')),
    gas_used: integer('gasUsed'),
    cumulative_gas_used: integer('cumulativeGasUsed'),
    ...amountColumns(
      'effective_gas_price_wei',
      receipt['effectiveGasPrice'] ?? transaction['gasPrice'],
      name('effectiveGasPrice'),
    ),
    ...blobColumns(receipt, name),
    status_success: status === null ? null : status === 1,
    root: optionalHex(receipt['root'], name('root')),
    log_count: receipt.logs.length,
  };
}

/** Some nodes send a blob gas price for every transaction; it means something only with blobs. */
function blobColumns(receipt: WireFields, name: (field: string) => string): Row {
  const used = optionalInteger(receipt['blobGasUsed'], name('blobGasUsed'));
  const price = used === null ? null : receipt['blobGasPrice'];
  return {
    blob_gas_used: used,
    blob_gas_price_wei: optionalDecimal(price, name('blobGasPrice')),
  };
}
