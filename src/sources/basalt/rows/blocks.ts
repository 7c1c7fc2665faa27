/** The one row of a block: what REST and the raw form both tell, so that both give the same row. */
import type { Event, Origin } from '../../../model/event.ts';
import type { BasaltMessage } from '../messages.ts';
import { decimalIn, hexIn, integerIn } from '../values.ts';

/** See `Channel.normalize`. */
export function* blockRows({ block }: BasaltMessage, origin: Origin): Generator<Event> {
  const { fields, hash, parentHash, transactionCount } = block;
  const row = {
    chain: origin.chain,
    height: origin.height,
    block_hash: origin.blockHash,
    block_time: origin.blockTimeMs,
    parent_hash: parentHash,
    state_root: hexIn(fields, 'stateRoot', hash),
    proposer: hexIn(fields, 'proposer', hash),
    gas_limit: decimalIn(fields, 'gasLimit', hash),
    gas_used: integerIn(fields, 'gasUsed', hash),
    base_fee: decimalIn(fields, 'baseFee', hash),
    transaction_count: transactionCount,
  };
  yield { dataset: 'blocks', index: '0', row, timeMs: origin.blockTimeMs };
}
