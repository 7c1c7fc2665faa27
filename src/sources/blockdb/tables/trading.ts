/** What happened in pools: reserves, swaps and what they cost, flash loans. */
import { pool } from './entities.ts';
import { parents, place, tableOf } from './table.ts';

const swap = `${pool}${place}
token_in hex:20!
token_out hex:20!`;

const swapKey = 'pool_uid token_in token_out tx_index log_index';

const amounts = `
amount_in numeric
amount_out numeric
amount_in_raw uint amount_in_raw rest
amount_out_raw uint amount_out_raw rest`;

export const trading = {
  reserves: tableOf({
    dataset: 'reserves',
    id: '0301',
    params: `
pool_uids hex[]:32
include_details flag -`,
    restPaths: ['/evm/reserves'],
    // Rows of the stream lack the place, and rows of both have the tracing id.
    keys: ['pool_uid _tracing_id', 'pool_uid tx_index log_index'],
    order: 'tx_index log_index',
    index: 'pool_uid snapshot_ref',
    members: `
pool_uid hex:32!
exchange_id long
type_id long type_id rest
block_number height!
block_time block_time
tx_index long tx_index rest
log_index long log_index rest
reserves uint[]
reserves_decimals_adjusted numeric[] reserves_adjusted rest
current_tick long
current_sqrt_price uint
current_bin long
details json liquidity_details rest
id long legacy${parents}`,
  }),
  prices_spot_prints: tableOf({
    dataset: 'prices_spot_prints',
    id: '0302',
    params: `
base_token_address hex:20!
quote_token_address hex:20!`,
    restPaths: ['/evm/prices/spot/crypto/prints'],
    keys: [swapKey],
    order: 'tx_index log_index',
    index: swapKey,
    members: `${swap}${amounts}
exec_price numeric
base_token_address hex:20 legacy
quote_token_address hex:20 legacy${parents}`,
  }),
  swap_fees: tableOf({
    dataset: 'swap_fees',
    id: '0303',
    params: `
pool_uids hex[]:32
token_in_addresses hex[]:20`,
    restPaths: ['/evm/swaps/fees'],
    keys: [swapKey],
    order: 'tx_index log_index',
    index: swapKey,
    members: `${swap}
fee_token hex:20${amounts}
fee_amount_total numeric
fee_amount_user numeric
fee_amount_protocol numeric
fee_amount_extra numeric
fee_amount_total_raw uint fee_amount_total_raw rest
fee_amount_user_raw uint fee_amount_user_raw rest
fee_amount_protocol_raw uint fee_amount_protocol_raw rest
fee_amount_extra_raw uint fee_amount_extra_raw rest
id long legacy${parents}`,
  }),
  flash_loan_prints: tableOf({
    dataset: 'flash_loan_prints',
    id: '0305',
    params: `
pool_uids hex[]:32
flash_loan_source_addresses hex[]:20
token_addresses hex[]:20`,
    restPaths: ['/evm/flash-loans/prints'],
    keys: ['tx_index log_index token'],
    order: 'tx_index log_index',
    index: 'tx_index log_index token',
    members: `
pool_uid hex:32
exchange_id long
type_id long
flash_loan_source hex:20!
token hex:20!
amount_borrowed numeric
amount_repaid numeric
fee_amount numeric
amount_borrowed_raw uint amount_borrowed_raw rest
amount_repaid_raw uint amount_repaid_raw rest
fee_amount_raw uint fee_amount_raw rest
fee_rate_exact numeric${place}${parents}`,
  }),
};
