/** One row per token movement found in the logs. */
import type { Event, Origin } from '../../../model/event.ts';
import type { EvmMessage } from '../messages.ts';
import { requiredHex, requiredInteger } from '../quantity.ts';
import { transfersOf } from '../transfers.ts';

/** See `Channel.normalize`. */
export function* tokenTransferRows(message: EvmMessage, origin: Origin): Generator<Event> {
  for (const [txIndex, receipt] of (message.receipts ?? []).entries()) {
    const hash = receipt.transactionHash;
    for (const log of receipt.logs) {
      for (const transfer of transfersOf(log.topics, log.data)) {
        const logIndex = requiredInteger(log, 'logIndex', hash);
        const reference = `log/${logIndex}/${transfer.batchIndex ?? 0}`;
        const row = {
          chain: origin.chain,
          height: origin.height,
          block_hash: origin.blockHash,
          block_time: origin.blockTimeMs,
          tx_hash: hash,
          tx_index: txIndex,
          log_index: logIndex,
          batch_index: transfer.batchIndex,
          trace_address: null,
          transfer_ref: reference,
          transfer_type: transfer.type,
          token_address: requiredHex(log, 'address', hash),
          operator_address: transfer.operator,
          from_address: transfer.from,
          to_address: transfer.to,
          amount: transfer.amount,
          token_id: transfer.tokenId,
        };
        const timeMs = origin.blockTimeMs;
        yield { dataset: 'token_transfers', index: reference, row, timeMs };
      }
    }
  }
}
