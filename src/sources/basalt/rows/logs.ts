/** One row per log, in block order. */
import type { Event, Origin, Row } from '../../../model/event.ts';
import { rowOfPart } from '../../row-of-part.ts';
import type { RefusePart } from '../../source.ts';
import type { BasaltMessage, WireLog, WireTransaction } from '../messages.ts';
import { hexIn, requiredHex } from '../values.ts';

const topicColumns = 4;

/** See `Channel.normalize`. */
export function* logRows(
  message: BasaltMessage,
  origin: Origin,
  refuse?: RefusePart,
): Generator<Event> {
  for (const [txIndex, transaction] of (message.transactions ?? []).entries()) {
    for (const [position, log] of (transaction.logs ?? []).entries()) {
      const place = { transaction, txIndex, position };
      const row = rowOfPart({ log, txIndex, position }, refuse, () => logRow(log, place, origin));
      if (row === undefined) continue;
      const index = `${txIndex}/${position}`;
      yield { dataset: 'logs', index, row, timeMs: origin.blockTimeMs };
    }
  }
}

interface Place {
  readonly transaction: WireTransaction;
  readonly txIndex: number;
  readonly position: number;
}

function logRow(log: WireLog, { transaction, txIndex, position }: Place, origin: Origin): Row {
  const owner = `log ${position} of ${transaction.hash ?? `transaction ${txIndex}`}`;
  const { topics } = log;
  return {
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
    more_topics: topics.length > topicColumns ? JSON.stringify(topics.slice(topicColumns)) : null,
    data: hexIn(log, 'data', owner),
  };
}
