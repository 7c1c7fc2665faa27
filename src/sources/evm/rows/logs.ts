/** One row per log, in block order. */
import type { Event, Origin } from '../../../model/event.ts';
import type { EvmMessage } from '../messages.ts';
import { toHex, toInteger } from '../quantity.ts';
import { blockColumns, rowEvent } from './base.ts';

export function* logRows(message: EvmMessage, origin: Origin): Generator<Event> {
  for (const [txIndex, receipt] of (message.receipts ?? []).entries()) {
    for (const log of receipt.logs) {
      const name = (field: string) => `log of ${receipt.transactionHash}: ${field}`;
      const logIndex = toInteger(log['logIndex'], name('logIndex'));
      const row = {
        ...blockColumns(origin),
        tx_hash: receipt.transactionHash,
        tx_index: txIndex,
        log_index: logIndex,
        contract_address: toHex(log.address, name('address')),
        topic0: log.topics[0] ?? null,
        topic1: log.topics[1] ?? null,
        topic2: log.topics[2] ?? null,
        topic3: log.topics[3] ?? null,
        data: toHex(log.data, name('data')),
      };
      yield rowEvent('logs', String(logIndex), row, origin);
    }
  }
}
