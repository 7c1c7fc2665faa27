/** What is computed over pools: value locked, yields, and cycles of trades that pay. */
import { pool } from './entities.ts';
import { parents, place, tableOf } from './table.ts';

const pathIds = `
path_ids hex[]:32`;

export const analytics = {
  yields: tableOf({
    dataset: 'yields',
    id: '0411',
    params: `
target_period_days long
pool_uids hex[]:32`,
    restPaths: ['/evm/yields'],
    keys: ['pool_uid target_period_days tx_index log_index'],
    order: 'tx_index log_index target_period_days',
    index: 'pool_uid target_period_days tx_index log_index',
    members: `${pool}${place}
target_period_days long!
observed_period_days long
is_full_period flag
is_extrapolated flag
extrapolation_factor numeric
window_start_time time
window_end_time time
tokens hex[]:20
current_reserves numeric[]
volume_observed numeric[]
volume_predicted numeric[]
user_fees_observed numeric[]
user_fees_predicted numeric[]
roi_predicted numeric[]${parents}`,
  }),
  tvl_usd: tableOf({
    dataset: 'tvl_usd',
    id: '0601',
    aliases: [{ id: '0701', collides: true }],
    params: `
pool_uids hex[]:32`,
    restPaths: ['/evm/tvl'],
    keys: ['pool_uid tx_index log_index'],
    order: 'tx_index log_index',
    index: 'pool_uid tx_index log_index',
    members: `${pool}${place}
token_amounts numeric[]
tvl_usd numeric${parents}`,
  }),
  arb_paths: tableOf({
    dataset: 'arb_paths',
    id: '0701',
    aliases: [{ id: '0801', collides: true }],
    params: pathIds,
    restPaths: ['/evm/arb/paths'],
    keys: ['path_id'],
    order: 'tx_index log_index',
    index: 'path_id',
    members: `
path_id hex:32!${place}
pool_uids hex[]:32
token_cycle hex[]:20${parents}`,
  }),
  arb_path_status: tableOf({
    dataset: 'arb_path_status',
    id: '0702',
    aliases: [{ id: '0802', collides: false }],
    params: pathIds,
    restPaths: ['/evm/arb/path-status'],
    keys: ['path_id tx_index log_index'],
    order: 'tx_index log_index',
    index: 'path_id tx_index log_index',
    members: `
path_id hex:32!${place}
is_active flag
trigger_pool_uid hex:32${parents}`,
  }),
  arb_opportunities: tableOf({
    dataset: 'arb_opportunities',
    id: '0801',
    aliases: [{ id: '0901', collides: false }],
    params: pathIds,
    restPaths: ['/evm/arb/opportunities'],
    keys: ['path_id is_reversed tx_index log_index'],
    order: 'tx_index log_index',
    index: 'path_id is_reversed tx_index log_index',
    members: `${place}
path_id hex:32!
is_reversed flag!
pool_uids hex[]:32
token_path hex[]:20
amounts numeric[]
profit_in_tokens numeric
token_vwap_usd numeric
profit_in_usd numeric${parents}`,
  }),
};
