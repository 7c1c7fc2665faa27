/** One row per log, in block order. */
import type { Event, Origin } from '../../../model/event.ts';
import { rowOfPart } from '../../row-of-part.ts';
import type { RefusePart } from '../../source.ts';
import type { EvmMessage, WireLog } from '../messages.ts';
import { requiredHex, requiredInteger } from '../quantity.ts';

/** See `Channel.normalize`. */
export function* logRows(
  message: EvmMessage,
  origin: Origin,
  refuse?: RefusePart,
): Generator<Event> {
  for (const [txIndex, receipt] of (message.receipts ?? []).entries()) {
    for (const log of receipt.logs) {
      const row = rowOfPart(log, refuse, () => logRow(log, txIndex, origin));
      if (row === undefined) continue;
      const index = String(row.log_index);
      yield { dataset: 'logs', index, row, timeMs: origin.blockTimeMs };
    }
  }
}

function logRow(log: WireLog, txIndex: number, origin: Origin) {
  const { topics, transactionHash: hash } = log;
  return {
    chain: origin.chain,
    height: origin.height,
    block_hash: origin.blockHash,
    block_time: origin.blockTimeMs,
    tx_hash: hash,
    tx_index: txIndex,
    log_index: requiredInteger(log, 'logIndex', hash),
    contract_address: requiredHex(log, 'address', hash),
    topic0: topics[0] ?? null,
    topic1: topics[1] ?? null,
    topic2: topics[2] ?? null,
    topic3: topics[3] ?? null,
    data: requiredHex(log, 'data', hash),
  };
}
