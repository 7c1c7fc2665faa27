/** The one row of a block. */
import type { Event, Origin } from '../../../model/event.ts';
import type { EvmMessage } from '../messages.ts';
import { optionalDecimal, optionalHex, optionalInteger } from '../quantity.ts';
import { amountColumns, blockColumns, rowEvent } from './base.ts';

export function* blockRows(message: EvmMessage, origin: Origin): Generator<Event> {
  const { fields, height, parentHash, transactionHashes } = message.block;
  const name = (field: string) => `block ${height}: ${field}`;
  const hex = (field: string) => optionalHex(fields[field], name(field));
  const decimal = (field: string) => optionalDecimal(fields[field], name(field));
  const integer = (field: string) => optionalInteger(fields[field], name(field));
  const row = {
    ...blockColumns(origin),
    parent_hash: parentHash,
    miner: hex('miner'),
    receipts_root: hex('receiptsRoot'),
    state_root: hex('stateRoot'),
    transactions_root: hex('transactionsRoot'),
    uncles_hash: hex('sha3Uncles'),
    logs_bloom: hex('logsBloom'),
    gas_limit: decimal('gasLimit'),
    gas_used: integer('gasUsed'),
    ...amountColumns('base_fee_per_gas_wei', fields['baseFeePerGas'], name('baseFeePerGas')),
    difficulty: decimal('difficulty'),
    extra_data: hex('extraData'),
    block_nonce: hex('nonce'),
    mix_hash: hex('mixHash'),
    size_bytes: integer('size'),
    withdrawals_root: hex('withdrawalsRoot'),
    blob_gas_used: integer('blobGasUsed'),
    excess_blob_gas: decimal('excessBlobGas'),
    parent_beacon_root: hex('parentBeaconBlockRoot'),
    transaction_count: transactionHashes.length,
  };
  yield rowEvent('blocks', '0', row, origin);
}
