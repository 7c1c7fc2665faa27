/** One row per token movement found in the logs. */
import type { Event, Origin } from '../../../model/event.ts';
import type { EvmMessage } from '../messages.ts';
import { toHex, toInteger } from '../quantity.ts';
import { transfersOf } from '../transfers.ts';
import { blockColumns, decimalOrNull, rowEvent } from './base.ts';

export function* tokenTransferRows(message: EvmMessage, origin: Origin): Generator<Event> {
  for (const [txIndex, receipt] of (message.receipts ?? []).entries()) {
    for (const log of receipt.logs) {
      for (const transfer of transfersOf(log.topics, log.data)) {
        const what = `log of ${receipt.transactionHash}`;
        const logIndex = toInteger(log['logIndex'], `${what}: logIndex`);
        const reference = `log/${logIndex}/${transfer.batchIndex ?? 0}`;
        const row = {
          ...blockColumns(origin),
          tx_hash: receipt.transactionHash,
          tx_index: txIndex,
          log_index: logIndex,
          batch_index: transfer.batchIndex,
          trace_address: null,
          transfer_ref: reference,
          transfer_type: transfer.type,
          token_address: toHex(log.address, `${what}: address`),
          operator_address: transfer.operator,
          from_address: transfer.from,
          to_address: transfer.to,
          amount: transfer.amount,
          amount_dec: decimalOrNull(transfer.amount),
          token_id: transfer.tokenId,
        };
        yield rowEvent('token_transfers', reference, row, origin);
      }
    }
  }
}
