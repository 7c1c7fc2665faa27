/** One row per log, in block order. */
import type { Event, Origin } from '../../../model/event.ts';
import type { EvmMessage } from '../messages.ts';
import { requiredHex, requiredInteger } from '../quantity.ts';

/** See `Channel.normalize`. */
export function* logRows(message: EvmMessage, origin: Origin): Generator<Event> {
  for (const [txIndex, receipt] of (message.receipts ?? []).entries()) {
    const hash = receipt.transactionHash;
    for (const log of receipt.logs) {
      const { topics } = log;
      const logIndex = requiredInteger(log, 'logIndex', hash);
      const row = {
        chain: origin.chain,
        height: origin.height,
        block_hash: origin.blockHash,
        block_time: origin.blockTimeMs,
        tx_hash: hash,
        tx_index: txIndex,
        log_index: logIndex,
        contract_address: requiredHex(log, 'address', hash),
        topic0: topics[0] ?? null,
        topic1: topics[1] ?? null,
        topic2: topics[2] ?? null,
        topic3: topics[3] ?? null,
        data: requiredHex(log, 'data', hash),
      };
      yield { dataset: 'logs', index: String(logIndex), row, timeMs: origin.blockTimeMs };
    }
  }
}
