/** The one row of a block. Rows are single literals: spreading columns together costs a multiple. */
import type { Event, Origin } from '../../../model/event.ts';
import type { EvmMessage } from '../messages.ts';
import { decimalIn, hexIn, integerIn } from '../quantity.ts';

/** See `Channel.normalize`. */
export function* blockRows(message: EvmMessage, origin: Origin): Generator<Event> {
  const { fields, hash, parentHash, transactionHashes } = message.block;
  const baseFee = decimalIn(fields, 'baseFeePerGas', hash);
  const row = {
    chain: origin.chain,
    height: origin.height,
    block_hash: origin.blockHash,
    block_time: origin.blockTimeMs,
    parent_hash: parentHash,
    miner: hexIn(fields, 'miner', hash),
    receipts_root: hexIn(fields, 'receiptsRoot', hash),
    state_root: hexIn(fields, 'stateRoot', hash),
    transactions_root: hexIn(fields, 'transactionsRoot', hash),
    uncles_hash: hexIn(fields, 'sha3Uncles', hash),
    logs_bloom: hexIn(fields, 'logsBloom', hash),
    gas_limit: decimalIn(fields, 'gasLimit', hash),
    gas_used: integerIn(fields, 'gasUsed', hash),
    base_fee_per_gas_wei: baseFee,
    difficulty: decimalIn(fields, 'difficulty', hash),
    extra_data: hexIn(fields, 'extraData', hash),
    block_nonce: hexIn(fields, 'nonce', hash),
    mix_hash: hexIn(fields, 'mixHash', hash),
    size_bytes: integerIn(fields, 'size', hash),
    withdrawals_root: hexIn(fields, 'withdrawalsRoot', hash),
    blob_gas_used: integerIn(fields, 'blobGasUsed', hash),
    excess_blob_gas: decimalIn(fields, 'excessBlobGas', hash),
    parent_beacon_root: hexIn(fields, 'parentBeaconBlockRoot', hash),
    transaction_count: transactionHashes.length,
  };
  yield { dataset: 'blocks', index: '0', row, timeMs: origin.blockTimeMs };
}
