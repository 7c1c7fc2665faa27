/**
 * The members of the rows of the 24 datasets, in the order of the published field lists. A mark says
 * where a member was seen: `:rest` not on the stream, `:legacy` only in older revisions, `:asked` only
 * when the subscription asks for it.
 */
export const memberTexts = {
  '0101':
    'block_number block_hash parent_block_hash receipt_root miner gas_limit extra_data size timestamp_utc _tracing_id _computed_receipt_root:rest _computed_receipt_timestamp_utc:rest _created_at _updated_at',
  '0102':
    'tx_hash block_number block_time tx_index from_address to_address created_contract_address gas_used effective_gas_price_wei status_success root tx_type trace_failed value_wei input nonce gas_limit max_fee_per_gas_wei max_priority_fee_per_gas_wei block_hash:legacy _tracing_id _created_at _updated_at',
  '0103':
    'block_number block_time tx_index log_index contract_address topic_zero data_topics data _tracing_id block_hash:legacy tx_hash:legacy _created_at _updated_at',
  '0111':
    'block_number block_time tx_index trace_address call_type from_address to_address value_wei gas gas_used input output error tx_success _tracing_id _created_at _updated_at',
  '0121':
    'contract_id contract_address block_number block_time tx_index trace_address creator_address creation_call_type address:legacy log_index:legacy _tracing_id _created_at _updated_at',
  '0122':
    'contract_id block_number block_time call_data signature_hash result timestamp_utc _tracing_id _created_at _updated_at',
  '0201':
    'contract_id contract_address block_number block_time tx_index name symbol decimals address:legacy log_index:legacy _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0202':
    'contract_id contract_address block_number block_time tx_index name symbol token_uri supports_metadata supports_enumerable _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0203':
    'contract_id contract_address block_number block_time tx_index name symbol decimals uri supports_metadata_uri _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0211':
    'pool_uid exchange_id type_id block_number block_time tx_index log_index factory tokens contract_id contract_address pool_id pairnum asset_managers amp weights tick_spacing _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0212':
    'pool_uid exchange_id type_id block_number block_time tx_index log_index total_fee user_fee protocol_fee extra_fee _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0301':
    'pool_uid exchange_id type_id:rest block_number block_time tx_index:rest log_index:rest reserves reserves_decimals_adjusted:rest current_tick current_sqrt_price current_bin details:asked _tracing_id _parent_tracing_ids:rest id:legacy _created_at _updated_at:rest',
  '0302':
    'pool_uid exchange_id type_id block_number block_time tx_index log_index token_in token_out amount_in amount_out amount_in_raw:rest amount_out_raw:rest exec_price base_token_address:legacy quote_token_address:legacy _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0303':
    'pool_uid exchange_id type_id block_number block_time tx_index log_index token_in token_out fee_token amount_in amount_out fee_amount_total fee_amount_user fee_amount_protocol fee_amount_extra amount_in_raw:rest amount_out_raw:rest fee_amount_total_raw:rest fee_amount_user_raw:rest fee_amount_protocol_raw:rest fee_amount_extra_raw:rest id:legacy _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0304':
    'block_number block_time tx_index log_index trace_address from_address to_address token_address amount_raw amount_adj token_id transfer_type id:legacy _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0305':
    'pool_uid exchange_id type_id flash_loan_source token amount_borrowed amount_repaid fee_amount amount_borrowed_raw:rest amount_repaid_raw:rest fee_amount_raw:rest fee_rate_exact:legacy block_number block_time tx_index log_index _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0404':
    'pool_uid exchange_id type_id bucket_start bucket_seconds bucket_end token_in token_out open high low close volume_in_raw volume_in volume_out_raw volume_out trades_count first_block_number:legacy first_block_time:legacy first_tx_index:legacy first_log_index:legacy last_block_number:legacy last_block_time:legacy last_tx_index:legacy last_log_index:legacy _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0405':
    'pool_uid exchange_id type_id bucket_start bucket_seconds bucket_end token_in token_out price_vwap total_volume_in_raw total_volume_in total_volume_out_raw total_volume_out trade_count first_block_number:legacy first_block_time:legacy first_tx_index:legacy first_log_index:legacy last_block_number:legacy last_block_time:legacy last_tx_index:legacy last_log_index:legacy _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0411':
    'pool_uid exchange_id type_id block_number block_time tx_index log_index target_period_days observed_period_days is_full_period is_extrapolated extrapolation_factor window_start_time window_end_time tokens current_reserves volume_observed volume_predicted user_fees_observed user_fees_predicted roi_predicted _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0501':
    'first_block_number first_block_time first_tx_index first_log_index last_block_number last_block_time last_tx_index last_log_index bucket_start bucket_seconds token_address price_usd total_notional_usd hops sources_count _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0601':
    'pool_uid exchange_id type_id block_number block_time tx_index log_index token_amounts tvl_usd _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0701':
    'path_id block_number block_time tx_index log_index pool_uids token_cycle chain_id:legacy _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0702':
    'path_id block_number block_time tx_index log_index is_active trigger_pool_uid chain_id:legacy _tracing_id _parent_tracing_ids _created_at _updated_at',
  '0801':
    'block_number block_time tx_index log_index path_id is_reversed pool_uids token_path amounts profit_in_tokens token_vwap_usd profit_in_usd _tracing_id _parent_tracing_ids _created_at _updated_at',
} as const;
