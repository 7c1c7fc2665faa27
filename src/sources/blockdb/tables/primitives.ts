/** What every chain has: blocks, transactions and what they did. */
import { parents, place, tableOf } from './table.ts';

const called = `
block_number height!
block_time block_time
tx_index long!`;

export const primitives = {
  blocks: tableOf({
    dataset: 'blocks',
    subject: 'evm/blocks',
    id: '0101',
    restPaths: ['/evm/raw/blocks', '/evm/blocks'],
    keys: [''],
    order: '',
    index: '',
    timeMember: 'timestamp_utc',
    members: `
block_number height!
block_hash hash:32!
parent_block_hash hex:32 parent_hash
receipt_root hex:32 receipts_root
miner hex:20
gas_limit uint
extra_data hex
size long size_bytes
timestamp_utc block_time
_computed_receipt_root hex:32 - moving
_computed_receipt_timestamp_utc time - moving`,
  }),
  transactions: tableOf({
    dataset: 'transactions',
    subject: 'evm/transactions',
    id: '0102',
    params: `
from_addresses hex[]:20
to_addresses hex[]:20
status_success flag`,
    restPaths: ['/evm/raw/transactions'],
    keys: ['tx_index'],
    order: 'tx_index',
    index: 'tx_index',
    members: `
tx_hash hex:32!${called}
from_address hex:20!
to_address hex:20
created_contract_address hex:20
gas_used long
effective_gas_price_wei uint
status_success flag
root hex:32
tx_type long
trace_failed flag
value_wei uint
input hex
nonce long tx_nonce
gas_limit uint
max_fee_per_gas_wei uint
max_priority_fee_per_gas_wei uint
block_hash hash:32`,
  }),
  logs: tableOf({
    dataset: 'logs',
    subject: 'evm/logs',
    id: '0103',
    params: `
contract_addresses hex[]:20
topic_zeros hex[]:32`,
    restPaths: ['/evm/raw/logs'],
    keys: ['tx_index log_index'],
    order: 'tx_index log_index',
    index: 'log_index',
    members: `${place}
contract_address hex:20!
topic_zero hex:32 topic0
data_topics hex[]:32 topic1,topic2,topic3
data hex
block_hash hash:32
tx_hash hex:32`,
  }),
  internal_transactions: tableOf({
    dataset: 'internal_transactions',
    subject: 'evm/internal_transactions',
    id: '0111',
    params: `
from_addresses hex[]:20 from_address hex:20
to_addresses hex[]:20 to_address hex:20
call_types text[]`,
    restPaths: ['/evm/raw/internal-transactions'],
    keys: ['tx_index trace_address'],
    order: 'tx_index trace_address',
    index: 'tx_index trace_address',
    members: `${called}
trace_address text!
call_type text!
from_address hex:20!
to_address hex:20
value_wei uint
gas uint
gas_used uint
input hex
output hex
error text
tx_success flag`,
  }),
  contracts: tableOf({
    dataset: 'contracts',
    subject: 'evm/contracts',
    id: '0121',
    aliases: [{ id: '0104', collides: false }],
    params: `
contract_addresses hex[]:20`,
    restPaths: ['/evm/raw/contracts'],
    keys: ['contract_id'],
    order: 'tx_index trace_address',
    index: 'tx_index trace_address|contract_id',
    members: `
contract_id hex!
contract_address hex:20!
address hex:20 contract_address${called}
trace_address text
creator_address hex:20
creation_call_type text
log_index long legacy`,
  }),
  token_transfers: tableOf({
    dataset: 'token_transfers',
    subject: 'evm/token_transfers',
    id: '0304',
    params: `
from_addresses hex[]:20 from_address hex:20
to_addresses hex[]:20 to_address hex:20
token_addresses hex[]:20 token_address hex:20
transfer_types text[] transfer_type long[]`,
    restPaths: ['/evm/transfers/token-transfers'],
    keys: ['tx_index transfer_type log_index trace_address token_id _tracing_id'],
    order: 'tx_index log_index trace_address',
    index: 'transfer_ref',
    members: `${called}
log_index long
trace_address text
from_address hex:20!
to_address hex:20!
token_address hex:20
amount_raw uint! amount
amount_adj numeric amount_adjusted
token_id uint
transfer_type transfer_type!
id long legacy${parents}`,
  }),
  function_results: tableOf({
    dataset: 'function_results',
    id: '0122',
    aliases: [{ id: '0105', collides: false }],
    params: `
contract_addresses hex[]:20
signature_hashes hex[]:4`,
    restPaths: ['/evm/raw/function-results'],
    keys: ['contract_id call_data'],
    order: '',
    index: 'contract_id call_data',
    members: `
contract_id hex!
block_number height!
block_time block_time
call_data hex!
signature_hash hex:4
result hex
timestamp_utc time observed_time`,
  }),
};
