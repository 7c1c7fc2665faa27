/** One row per token movement found in the logs. */
import type { Event, Origin } from '../../../model/event.ts';
import { rowOfPart } from '../../row-of-part.ts';
import type { RefusePart } from '../../source.ts';
import type { EvmMessage, WireLog } from '../messages.ts';
import { requiredHex, requiredInteger } from '../quantity.ts';
import { type TokenTransfer, transfersOf } from '../transfers.ts';

/** See `Channel.normalize`. */
export function* tokenTransferRows(
  message: EvmMessage,
  origin: Origin,
  refuse?: RefusePart,
): Generator<Event> {
  for (const [txIndex, receipt] of (message.receipts ?? []).entries()) {
    for (const log of receipt.logs) {
      for (const transfer of transfersOf(log.topics, log.data)) {
        const row = rowOfPart(log, refuse, () => transferRow(transfer, { log, txIndex }, origin));
        if (row === undefined) continue;
        const { transfer_ref: index } = row;
        yield { dataset: 'token_transfers', index, row, timeMs: origin.blockTimeMs };
      }
    }
  }
}

function transferRow(
  transfer: TokenTransfer,
  { log, txIndex }: { readonly log: WireLog; readonly txIndex: number },
  origin: Origin,
) {
  const hash = log.transactionHash;
  const logIndex = requiredInteger(log, 'logIndex', hash);
  return {
    chain: origin.chain,
    height: origin.height,
    block_hash: origin.blockHash,
    block_time: origin.blockTimeMs,
    tx_hash: hash,
    tx_index: txIndex,
    log_index: logIndex,
    batch_index: transfer.batchIndex,
    trace_address: null,
    transfer_ref: `log/${logIndex}/${transfer.batchIndex ?? 0}`,
    transfer_type: transfer.type,
    token_address: requiredHex(log, 'address', hash),
    operator_address: transfer.operator,
    from_address: transfer.from,
    to_address: transfer.to,
    amount: transfer.amount,
    token_id: transfer.tokenId,
  };
}
