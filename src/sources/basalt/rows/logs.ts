/** One row per log, in block order. */
import type { Event, Origin } from '../../../model/event.ts';
import type { BasaltMessage } from '../messages.ts';
import { hexIn, requiredHex } from '../values.ts';

const topicColumns = 4;

/** See `Channel.normalize`. */
export function* logRows(message: BasaltMessage, origin: Origin): Generator<Event> {
  for (const [txIndex, transaction] of (message.transactions ?? []).entries()) {
    for (const [position, log] of (transaction.logs ?? []).entries()) {
      const owner = `log ${position} of ${transaction.hash ?? `transaction ${txIndex}`}`;
      const { topics } = log;
      const row = {
        chain: origin.chain,
        height: origin.height,
        block_hash: origin.blockHash,
        block_time: origin.blockTimeMs,
        tx_index: txIndex,
        log_position: position,
        tx_hash: transaction.hash,
        contract_address: requiredHex(log, 'contract', owner),
        event_signature: hexIn(log, 'eventSignature', owner),
        topic0: topics[0] ?? null,
        topic1: topics[1] ?? null,
        topic2: topics[2] ?? null,
        topic3: topics[3] ?? null,
        more_topics:
          topics.length > topicColumns ? JSON.stringify(topics.slice(topicColumns)) : null,
        data: hexIn(log, 'data', owner),
      };
      const index = `${txIndex}/${position}`;
      yield { dataset: 'logs', index, row, timeMs: origin.blockTimeMs };
    }
  }
}
