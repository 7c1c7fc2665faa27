/** One row per inner call frame. The top call is the transaction itself, so it is no row here. */
import type { Event, Origin, Row } from '../../../model/event.ts';
import type { EvmCall, EvmMessage, WireReceipt } from '../messages.ts';
import { optionalDecimal, optionalHex, optionalInteger, toHex } from '../quantity.ts';
import { amountColumns, blockColumns, rowEvent } from './base.ts';

export function* internalTransactionRows(message: EvmMessage, origin: Origin): Generator<Event> {
  for (const [index, calls] of (message.calls ?? []).entries()) {
    const receipt = message.receipts?.[index];
    const hash = message.block.transactionHashes[index] ?? null;
    for (const call of calls ?? []) {
      if (call.traceAddress === '') continue;
      const row = {
        ...blockColumns(origin),
        tx_hash: hash,
        tx_index: index,
        trace_address: call.traceAddress,
        ...callColumns(call, `call ${call.traceAddress} of ${hash}`),
        tx_success: successOf(receipt),
      };
      yield rowEvent('internal_transactions', `${index}/${call.traceAddress}`, row, origin);
    }
  }
}

function callColumns(call: EvmCall, what: string): Row {
  return {
    call_type: call.type,
    from_address: toHex(call.from, `${what}: from`),
    to_address: optionalHex(call.to, `${what}: to`),
    ...amountColumns('value_wei', call.value, `${what}: value`),
    gas: optionalDecimal(call.gas, `${what}: gas`),
    gas_used: optionalDecimal(call.gasUsed, `${what}: gasUsed`),
    input: optionalHex(call.input, `${what}: input`),
    output: optionalHex(call.output, `${what}: output`),
    error: call.error,
  };
}

function successOf(receipt: WireReceipt | undefined): boolean | null {
  const status = optionalInteger(receipt?.['status'], 'receipt: status');
  return status === null ? null : status === 1;
}
