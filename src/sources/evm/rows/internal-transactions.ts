/** One row per inner call frame. The top call is the transaction itself, so it is no row here. */
import type { Event, Origin, Row } from '../../../model/event.ts';
import { rowOfPart } from '../../row-of-part.ts';
import type { RefusePart } from '../../source.ts';
import type { EvmCall, EvmMessage } from '../messages.ts';
import { decimalIn, hexIn, integerIn, requiredHex } from '../quantity.ts';

/** See `Channel.normalize`. */
export function* internalTransactionRows(
  message: EvmMessage,
  origin: Origin,
  refuse?: RefusePart,
): Generator<Event> {
  const dataset = 'internal_transactions';
  for (const [txIndex, calls] of (message.calls ?? []).entries()) {
    const ofTransaction = { receipt: message.receipts?.[txIndex], calls };
    const transaction = rowOfPart(ofTransaction, refuse, () => enclosing(message, txIndex));
    if (transaction === undefined) continue;
    for (const call of calls ?? []) {
      if (call.traceAddress === '') continue;
      const part = { call, transaction };
      const row = rowOfPart(part, refuse, () => callRow(call, transaction, origin));
      if (row === undefined) continue;
      const index = `${txIndex}/${call.traceAddress}`;
      yield { dataset, index, row, timeMs: origin.blockTimeMs };
    }
  }
}

interface Enclosing {
  readonly hash: string;
  readonly txIndex: number;
  readonly isSuccess: boolean | null;
}

function enclosing({ block, receipts }: EvmMessage, txIndex: number): Enclosing {
  const hash = block.transactionHashes[txIndex] ?? '';
  const receipt = receipts?.[txIndex];
  const status = receipt === undefined ? null : integerIn(receipt, 'status', hash);
  return { hash, txIndex, isSuccess: status === null ? null : status === 1 };
}

function callRow(call: EvmCall, transaction: Enclosing, origin: Origin): Row {
  const { hash } = transaction;
  const value = decimalIn(call, 'value', hash);
  return {
    chain: origin.chain,
    height: origin.height,
    block_hash: origin.blockHash,
    block_time: origin.blockTimeMs,
    tx_hash: hash,
    tx_index: transaction.txIndex,
    trace_address: call.traceAddress,
    call_type: call.type,
    from_address: requiredHex(call, 'from', hash),
    to_address: hexIn(call, 'to', hash),
    value_wei: value,
    gas: decimalIn(call, 'gas', hash),
    gas_used: decimalIn(call, 'gasUsed', hash),
    input: hexIn(call, 'input', hash),
    output: hexIn(call, 'output', hash),
    error: call.error,
    tx_success: transaction.isSuccess,
  };
}
