/** The rows of every dataset as readers get them. Made by scripts/rows.mjs from schemas/. */

/** Row types by dataset. Declare more members to read rows of your own. */
export interface Rows {
  readonly 'basalt/blocks': BasaltBlocksRow;
  readonly 'basalt/logs': BasaltLogsRow;
  readonly 'basalt/transactions': BasaltTransactionsRow;
  readonly 'blockdb/arb_opportunities': BlockdbArbOpportunitiesRow;
  readonly 'blockdb/arb_path_status': BlockdbArbPathStatusRow;
  readonly 'blockdb/arb_paths': BlockdbArbPathsRow;
  readonly 'blockdb/fee_terms': BlockdbFeeTermsRow;
  readonly 'blockdb/flash_loan_prints': BlockdbFlashLoanPrintsRow;
  readonly 'blockdb/function_results': BlockdbFunctionResultsRow;
  readonly 'blockdb/pools': BlockdbPoolsRow;
  readonly 'blockdb/prices_spot_ohlc': BlockdbPricesSpotOhlcRow;
  readonly 'blockdb/prices_spot_prints': BlockdbPricesSpotPrintsRow;
  readonly 'blockdb/prices_spot_vwap': BlockdbPricesSpotVwapRow;
  readonly 'blockdb/prices_spot_vwap_fiat': BlockdbPricesSpotVwapFiatRow;
  readonly 'blockdb/reserves': BlockdbReservesRow;
  readonly 'blockdb/swap_fees': BlockdbSwapFeesRow;
  readonly 'blockdb/tokens_erc1155': BlockdbTokensErc1155Row;
  readonly 'blockdb/tokens_erc20': BlockdbTokensErc20Row;
  readonly 'blockdb/tokens_erc721': BlockdbTokensErc721Row;
  readonly 'blockdb/tvl_usd': BlockdbTvlUsdRow;
  readonly 'blockdb/yields': BlockdbYieldsRow;
  readonly 'evm/blocks': EvmBlocksRow;
  readonly 'evm/contracts': EvmContractsRow;
  readonly 'evm/internal_transactions': EvmInternalTransactionsRow;
  readonly 'evm/logs': EvmLogsRow;
  readonly 'evm/token_transfers': EvmTokenTransfersRow;
  readonly 'evm/transactions': EvmTransactionsRow;
  readonly 'oxarchive/book_deltas': OxarchiveBookDeltasRow;
  readonly 'oxarchive/book_snapshots': OxarchiveBookSnapshotsRow;
  readonly 'oxarchive/book_tops': OxarchiveBookTopsRow;
  readonly 'oxarchive/candles': OxarchiveCandlesRow;
  readonly 'oxarchive/funding': OxarchiveFundingRow;
  readonly 'oxarchive/liquidations': OxarchiveLiquidationsRow;
  readonly 'oxarchive/market_contexts': OxarchiveMarketContextsRow;
  readonly 'oxarchive/mempool': OxarchiveMempoolRow;
  readonly 'oxarchive/open_interest': OxarchiveOpenInterestRow;
  readonly 'oxarchive/order_diffs': OxarchiveOrderDiffsRow;
  readonly 'oxarchive/order_snapshots': OxarchiveOrderSnapshotsRow;
  readonly 'oxarchive/orders': OxarchiveOrdersRow;
  readonly 'oxarchive/settlements': OxarchiveSettlementsRow;
  readonly 'oxarchive/tickers': OxarchiveTickersRow;
  readonly 'oxarchive/trades': OxarchiveTradesRow;
  readonly 'tzkt/accounts': TzktAccountsRow;
  readonly 'tzkt/bigmaps': TzktBigmapsRow;
  readonly 'tzkt/blocks': TzktBlocksRow;
  readonly 'tzkt/cycles': TzktCyclesRow;
  readonly 'tzkt/events': TzktEventsRow;
  readonly 'tzkt/head': TzktHeadRow;
  readonly 'tzkt/operations': TzktOperationsRow;
  readonly 'tzkt/ticket_balances': TzktTicketBalancesRow;
  readonly 'tzkt/ticket_transfers': TzktTicketTransfersRow;
  readonly 'tzkt/token_balances': TzktTokenBalancesRow;
  readonly 'tzkt/token_transfers': TzktTokenTransfersRow;
}

/** One block of a Basalt chain: what every form of its header tells, and how many transactions it holds. */
export interface BasaltBlocksRow {
  /** Id of the chain, for example basalt:1. */
  readonly chain: string;
  /** Number of the block. */
  readonly height: number;
  /** Hash of the block, BLAKE3 of its header, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of the block; 1970 for genesis. */
  readonly block_time: number;
  /** Hash of the parent block; zeros for genesis. */
  readonly parent_hash: string | null;
  /** Root of the state trie after this block. */
  readonly state_root: string | null;
  /** Validator that proposed the block. */
  readonly proposer: string | null;
  /** Gas limit of the block, decimal string. */
  readonly gas_limit: string | null;
  /** Gas used by all transactions of the block. */
  readonly gas_used: number | null;
  /** Base fee per gas in base units, decimal string. */
  readonly base_fee: string | null;
  /** Number of transactions in the block. */
  readonly transaction_count: number | null;
}

/** One log that a contract emitted. */
export interface BasaltLogsRow {
  /** Id of the chain, for example basalt:1. */
  readonly chain: string;
  /** Number of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log among those of its transaction: nodes give no index within the block. */
  readonly log_position: number;
  /** Hash of the transaction that emitted the log. */
  readonly tx_hash: string | null;
  /** Contract that emitted the log. */
  readonly contract_address: string;
  /** Hash of the event signature; beside the topics, not one of them. */
  readonly event_signature: string | null;
  /** First topic after the event signature. */
  readonly topic0: string | null;
  /** Second topic. */
  readonly topic1: string | null;
  /** Third topic. */
  readonly topic2: string | null;
  /** Fourth topic. */
  readonly topic3: string | null;
  /** Further topics as a JSON list; null when there are at most four. */
  readonly more_topics: string | null;
  /** Data of the log, lower-case 0x hex; null when empty. */
  readonly data: string | null;
}

/** One transaction of a block with what its receipt says; the receipt's columns are null where no receipt is known. */
export interface BasaltTransactionsRow {
  /** Id of the chain, for example basalt:1. */
  readonly chain: string;
  /** Number of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Transaction hash; the same one can come again in another block after a rollback. Null for one with compliance proofs that was read from raw history. */
  readonly tx_hash: string | null;
  /** Name of the type, for example Transfer, ContractCall or DexSwapIntent. */
  readonly tx_type: string | null;
  /** Sender. */
  readonly from_address: string;
  /** Recipient; the zero address when there is none. */
  readonly to_address: string | null;
  /** Number of transactions the sender had sent before this one. */
  readonly tx_nonce: number | null;
  /** Native coin moved, in base units (18 decimals), decimal string. */
  readonly amount: string | null;
  /** Gas limit set by the sender, decimal string. */
  readonly gas_limit: string | null;
  /** Price per gas set by the sender, in base units, decimal string. */
  readonly gas_price: string | null;
  /** Fee cap per gas set by the sender, decimal string; null when neither cap is set. */
  readonly max_fee_per_gas: string | null;
  /** Tip cap per gas set by the sender, decimal string; null when neither cap is set. */
  readonly max_priority_fee_per_gas: string | null;
  /** Priority set by the sender, 0 to 255. */
  readonly priority: number | null;
  /** Data of the transaction, lower-case 0x hex; null when empty. */
  readonly input: string | null;
  /** Number of compliance proofs it carries. */
  readonly compliance_proof_count: number | null;
  /** True when it succeeded, false when it failed; null where no receipt is known. */
  readonly status_success: boolean | null;
  /** Name of the outcome, Success when fine; null where no receipt is known. */
  readonly error_code: string | null;
  /** Gas used by this transaction; null where no receipt is known. */
  readonly gas_used: number | null;
  /** Price per gas actually paid, in base units, decimal string; null where no receipt is known. */
  readonly effective_gas_price: string | null;
  /** Number of logs it emitted; null where no receipt is known. */
  readonly log_count: number | null;
}

/** What trading a cycle would have paid, as of one log. */
export interface BlockdbArbOpportunitiesRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** Hash of the undirected cycle, 32 bytes of 0x hex: the same topology always has the same. */
  readonly path_id: string;
  /** True when taken against the canonical direction. */
  readonly is_reversed: boolean;
  /** Pools in the order taken. */
  readonly pool_uids: readonly string[] | null;
  /** Tokens in the order taken. */
  readonly token_path: readonly string[] | null;
  /** Amount per hop, one decimal string per token of token_path; BlockDB does not state the unit. */
  readonly amounts: readonly (string | null)[] | null;
  /** Estimated profit in units of the first token, decimal string. */
  readonly profit_in_tokens: string | null;
  /** Price of the first token in US dollars, decimal string. */
  readonly token_vwap_usd: string | null;
  /** Estimated profit in US dollars, decimal string. */
  readonly profit_in_usd: string | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** Whether a cycle can be traded, from this log on. A later row of the same cycle supersedes it. */
export interface BlockdbArbPathStatusRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Hash of the undirected cycle, 32 bytes of 0x hex: the same topology always has the same. */
  readonly path_id: string;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** State after the event. */
  readonly is_active: boolean | null;
  /** Pool whose change caused the event. */
  readonly trigger_pool_uid: string | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One cycle of pools through which tokens can be traded back to the first, with the block in which it was first seen. */
export interface BlockdbArbPathsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Hash of the undirected cycle, 32 bytes of 0x hex: the same topology always has the same. */
  readonly path_id: string;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** Pools of the cycle in its order. */
  readonly pool_uids: readonly string[] | null;
  /** Tokens of the cycle, the first equal to the last. */
  readonly token_cycle: readonly string[] | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** What a pool asks for a swap from this log on. A later row of the same pool supersedes it. */
export interface BlockdbFeeTermsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** BlockDB's id of the pool, 32 bytes of 0x hex. */
  readonly pool_uid: string;
  /** BlockDB's number of the exchange. */
  readonly exchange_id: number | null;
  /** BlockDB's number of the pool's archetype. */
  readonly type_id: number | null;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** Whole swap fee as a fraction, decimal string: 0.003 is 0.3 percent. */
  readonly total_fee: string | null;
  /** Part of the fee for liquidity providers, as a fraction of the amount, decimal string. */
  readonly user_fee: string | null;
  /** Part of the fee for the protocol, as a fraction of the amount, decimal string. */
  readonly protocol_fee: string | null;
  /** Part of the fee for others, as a fraction of the amount, decimal string. */
  readonly extra_fee: string | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One token borrowed and repaid in a flash loan. */
export interface BlockdbFlashLoanPrintsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** BlockDB's id of the pool, 32 bytes of 0x hex; null for a vault. */
  readonly pool_uid: string | null;
  /** BlockDB's number of the exchange. */
  readonly exchange_id: number | null;
  /** BlockDB's number of the pool's archetype. */
  readonly type_id: number | null;
  /** Contract that emitted the event: a pool or a vault. */
  readonly flash_loan_source: string;
  /** Borrowed token. */
  readonly token: string;
  /** Amount borrowed, decimal string: in base units or divided by the decimals, as the revision of BlockDB has it. */
  readonly amount_borrowed: string | null;
  /** Amount repaid, decimal string, in the same unit. */
  readonly amount_repaid: string | null;
  /** What was repaid above what was borrowed, decimal string, in the same unit. */
  readonly fee_amount: string | null;
  /** Amount borrowed in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly amount_borrowed_raw: string | null;
  /** Amount repaid in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly amount_repaid_raw: string | null;
  /** Fee in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly fee_amount_raw: string | null;
  /** Fee as a fraction of the amount, decimal string; in an older revision only. */
  readonly fee_rate_exact: string | null;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One answer of a view function that BlockDB calls by itself. A later row of the same contract and call data supersedes it. */
export interface BlockdbFunctionResultsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Identity of this incarnation of the contract, as BlockDB writes it: address, height of the creation and position of its transaction, 0x hex. */
  readonly contract_id: string;
  /** Full call data of the view call, 0x hex. */
  readonly call_data: string;
  /** Selector of the function, 4 bytes of 0x hex. */
  readonly signature_hash: string | null;
  /** Return data, 0x hex; null when there is none. */
  readonly result: string | null;
  /** When BlockDB made the call. */
  readonly observed_time: number | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One liquidity pool, with the block that made it. */
export interface BlockdbPoolsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** BlockDB's id of the pool, 32 bytes of 0x hex. */
  readonly pool_uid: string;
  /** BlockDB's number of the exchange. */
  readonly exchange_id: number | null;
  /** BlockDB's number of the pool's archetype. */
  readonly type_id: number | null;
  /** Zero-based position of the creating transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** Factory or pool manager that made the pool. */
  readonly factory: string | null;
  /** Tokens of the pool in its own order, to which other lists of the pool align. */
  readonly tokens: readonly string[] | null;
  /** Identity of the pool's contract, 0x hex; null where it has none. */
  readonly contract_id: string | null;
  /** Address of the pool's contract; null where it has none. */
  readonly contract_address: string | null;
  /** The protocol's own id of the pool, 32 bytes of 0x hex; null where it has none. */
  readonly pool_id: string | null;
  /** Ordinal of the pair at the exchange. */
  readonly pairnum: number | null;
  /** Asset managers of the pool, one per token; null where it has none. */
  readonly asset_managers: readonly string[] | null;
  /** Amplification of a stable pool, decimal string. */
  readonly amp: string | null;
  /** Weight of each token, decimal strings. */
  readonly weights: readonly (string | null)[] | null;
  /** Tick spacing of a pool with concentrated liquidity. */
  readonly tick_spacing: number | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** First, highest, lowest and last price of a pair at a pool in one bucket of time, published with the block that closed it. */
export interface BlockdbPricesSpotOhlcRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that closed the bucket: the first at or after its end. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** BlockDB's id of the pool, 32 bytes of 0x hex. */
  readonly pool_uid: string;
  /** BlockDB's number of the exchange. */
  readonly exchange_id: number | null;
  /** BlockDB's number of the pool's archetype. */
  readonly type_id: number | null;
  /** Start of the bucket, inclusive. */
  readonly bucket_start: number;
  /** Width of the bucket in seconds. */
  readonly bucket_seconds: number;
  /** End of the bucket, exclusive; null where BlockDB does not tell it. */
  readonly bucket_end: number | null;
  /** Token sold into the pool. */
  readonly token_in: string;
  /** Token taken from the pool. */
  readonly token_out: string;
  /** First price of the bucket, token_out per one token_in, decimal string. */
  readonly open: string | null;
  /** Highest price of the bucket, decimal string. */
  readonly high: string | null;
  /** Lowest price of the bucket, decimal string. */
  readonly low: string | null;
  /** Last price of the bucket, decimal string. */
  readonly close: string | null;
  /** Volume of token_in in base units, decimal string; null where BlockDB does not tell it. */
  readonly volume_in_raw: string | null;
  /** Volume of token_in divided by its decimals, decimal string; null where they are unknown. */
  readonly volume_in: string | null;
  /** Volume of token_out in base units, decimal string; null where BlockDB does not tell it. */
  readonly volume_out_raw: string | null;
  /** Volume of token_out divided by its decimals, decimal string; null where they are unknown. */
  readonly volume_out: string | null;
  /** Swaps in the bucket. */
  readonly trades_count: number | null;
  /** Height of the first event that counts for the bucket. */
  readonly first_height: number | null;
  /** Time of that block. */
  readonly first_block_time: number | null;
  /** Position of its transaction in that block. */
  readonly first_tx_index: number | null;
  /** Position of its log. */
  readonly first_log_index: number | null;
  /** Height of the last event that counts for the bucket. */
  readonly last_height: number | null;
  /** Time of that block. */
  readonly last_block_time: number | null;
  /** Position of its transaction in that block. */
  readonly last_tx_index: number | null;
  /** Position of its log. */
  readonly last_log_index: number | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One swap and the price at which it was made. */
export interface BlockdbPricesSpotPrintsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** BlockDB's id of the pool, 32 bytes of 0x hex. */
  readonly pool_uid: string;
  /** BlockDB's number of the exchange. */
  readonly exchange_id: number | null;
  /** BlockDB's number of the pool's archetype. */
  readonly type_id: number | null;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** Token sold into the pool. */
  readonly token_in: string;
  /** Token taken from the pool. */
  readonly token_out: string;
  /** Amount of token_in, decimal string: in base units or divided by the decimals, as the revision of BlockDB has it. */
  readonly amount_in: string | null;
  /** Amount of token_out, decimal string: in base units or divided by the decimals, as the revision of BlockDB has it. */
  readonly amount_out: string | null;
  /** Amount of token_in in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly amount_in_raw: string | null;
  /** Amount of token_out in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly amount_out_raw: string | null;
  /** token_out per one token_in, both divided by their decimals, decimal string; null in extreme cases. */
  readonly exec_price: string | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** Price of a pair at a pool weighted by volume in one bucket of time, published with the block that closed it. */
export interface BlockdbPricesSpotVwapRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that closed the bucket: the first at or after its end. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** BlockDB's id of the pool, 32 bytes of 0x hex. */
  readonly pool_uid: string;
  /** BlockDB's number of the exchange. */
  readonly exchange_id: number | null;
  /** BlockDB's number of the pool's archetype. */
  readonly type_id: number | null;
  /** Start of the bucket, inclusive. */
  readonly bucket_start: number;
  /** Width of the bucket in seconds. */
  readonly bucket_seconds: number;
  /** End of the bucket, exclusive; null where BlockDB does not tell it. */
  readonly bucket_end: number | null;
  /** Token sold into the pool. */
  readonly token_in: string;
  /** Token taken from the pool. */
  readonly token_out: string;
  /** Price weighted by volume, token_out per one token_in, decimal string; null when undefined. */
  readonly price_vwap: string | null;
  /** Volume of token_in in base units, decimal string; null where BlockDB does not tell it. */
  readonly total_volume_in_raw: string | null;
  /** Volume of token_in divided by its decimals, decimal string; null where they are unknown. */
  readonly total_volume_in: string | null;
  /** Volume of token_out in base units, decimal string; null where BlockDB does not tell it. */
  readonly total_volume_out_raw: string | null;
  /** Volume of token_out divided by its decimals, decimal string; null where they are unknown. */
  readonly total_volume_out: string | null;
  /** Swaps in the bucket. */
  readonly trades_count: number | null;
  /** Height of the first event that counts for the bucket. */
  readonly first_height: number | null;
  /** Time of that block. */
  readonly first_block_time: number | null;
  /** Position of its transaction in that block. */
  readonly first_tx_index: number | null;
  /** Position of its log. */
  readonly first_log_index: number | null;
  /** Height of the last event that counts for the bucket. */
  readonly last_height: number | null;
  /** Time of that block. */
  readonly last_block_time: number | null;
  /** Position of its transaction in that block. */
  readonly last_tx_index: number | null;
  /** Position of its log. */
  readonly last_log_index: number | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** Price of a token in US dollars weighted by volume in one bucket of time, published with the block that closed it. */
export interface BlockdbPricesSpotVwapFiatRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that closed the bucket: the first at or after its end. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Height of the first event that counts for the bucket. */
  readonly first_height: number | null;
  /** Time of that block. */
  readonly first_block_time: number | null;
  /** Position of its transaction in that block. */
  readonly first_tx_index: number | null;
  /** Position of its log. */
  readonly first_log_index: number | null;
  /** Height of the last event that counts for the bucket. */
  readonly last_height: number | null;
  /** Time of that block. */
  readonly last_block_time: number | null;
  /** Position of its transaction in that block. */
  readonly last_tx_index: number | null;
  /** Position of its log. */
  readonly last_log_index: number | null;
  /** Start of the bucket, inclusive. */
  readonly bucket_start: number;
  /** Width of the bucket in seconds. */
  readonly bucket_seconds: number;
  /** Priced token. */
  readonly token_address: string;
  /** Price of one token in US dollars, decimal string. */
  readonly price_usd: string | null;
  /** US dollars behind the weighting, decimal string. */
  readonly total_notional_usd: string | null;
  /** Fewest hops from a stablecoin. */
  readonly hops: number | null;
  /** Pairs used. */
  readonly sources_count: number | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** What a pool holds after one change of its state. A later row of the same pool supersedes it. */
export interface BlockdbReservesRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** BlockDB's id of the pool, 32 bytes of 0x hex. */
  readonly pool_uid: string;
  /** What tells the snapshot from others of the pool in the block: trace/<tracing id>, or log/<tx index>/<log index> where it has none. */
  readonly snapshot_ref: string;
  /** BlockDB's number of the exchange. */
  readonly exchange_id: number | null;
  /** BlockDB's number of the pool's archetype; always null: one of stream and REST does not tell it. */
  readonly type_id: number | null;
  /** Zero-based position of the transaction in the block; always null: one of stream and REST does not tell it. */
  readonly tx_index: number | null;
  /** Zero-based position of the log in the block; always null: one of stream and REST does not tell it. */
  readonly log_index: number | null;
  /** Reserve of each token in base units, in the order of the pool, decimal strings; null where liquidity is not even. */
  readonly reserves: readonly (string | null)[] | null;
  /** The same divided by the decimals of each token, decimal strings; always null: one of stream and REST does not tell it. */
  readonly reserves_adjusted: readonly (string | null)[] | null;
  /** Active tick of a pool with concentrated liquidity. */
  readonly current_tick: number | null;
  /** Square root of the price as Q64.96, decimal string. */
  readonly current_sqrt_price: string | null;
  /** Active bin of a pool with bins. */
  readonly current_bin: number | null;
  /** Ticks or bins, as canonical JSON; always null: one of stream and REST does not tell it. */
  readonly liquidity_details: string | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** What one swap cost, and who got it. */
export interface BlockdbSwapFeesRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** BlockDB's id of the pool, 32 bytes of 0x hex. */
  readonly pool_uid: string;
  /** BlockDB's number of the exchange. */
  readonly exchange_id: number | null;
  /** BlockDB's number of the pool's archetype. */
  readonly type_id: number | null;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** Token sold into the pool. */
  readonly token_in: string;
  /** Token taken from the pool. */
  readonly token_out: string;
  /** Token in which the fee is counted: token_in or token_out. */
  readonly fee_token: string | null;
  /** Amount of token_in, decimal string: in base units or divided by the decimals, as the revision of BlockDB has it. */
  readonly amount_in: string | null;
  /** Amount of token_out, decimal string: in base units or divided by the decimals, as the revision of BlockDB has it. */
  readonly amount_out: string | null;
  /** Amount of token_in in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly amount_in_raw: string | null;
  /** Amount of token_out in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly amount_out_raw: string | null;
  /** Whole fee in fee_token, decimal string: in base units or divided by the decimals, as the revision of BlockDB has it. */
  readonly fee_amount_total: string | null;
  /** Part of the fee for liquidity providers in fee_token, decimal string: in base units or divided by the decimals, as the revision of BlockDB has it. */
  readonly fee_amount_user: string | null;
  /** Part of the fee for the protocol in fee_token, decimal string: in base units or divided by the decimals, as the revision of BlockDB has it. */
  readonly fee_amount_protocol: string | null;
  /** Part of the fee for others in fee_token, decimal string: in base units or divided by the decimals, as the revision of BlockDB has it. */
  readonly fee_amount_extra: string | null;
  /** Whole fee in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly fee_amount_total_raw: string | null;
  /** Part of the fee for liquidity providers in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly fee_amount_user_raw: string | null;
  /** Part of the fee for the protocol in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly fee_amount_protocol_raw: string | null;
  /** Part of the fee for others in base units, decimal string; always null: one of stream and REST does not tell it. */
  readonly fee_amount_extra_raw: string | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** What an ERC-1155 contract says of itself. A later row of the same contract_id supersedes it. */
export interface BlockdbTokensErc1155Row {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Identity of this incarnation of the contract, as BlockDB writes it: address, height of the creation and position of its transaction, 0x hex. */
  readonly contract_id: string;
  /** Address of the contract. */
  readonly contract_address: string;
  /** Position of the transaction in which BlockDB recognised the token; -1 for metadata read again after an upgrade. */
  readonly tx_index: number;
  /** What name() of the contract gives. */
  readonly name: string | null;
  /** What symbol() of the contract gives. */
  readonly symbol: string | null;
  /** What decimals() of the contract gives. */
  readonly decimals: number | null;
  /** What uri(uint256) of the contract gives, with {id} kept. */
  readonly uri: string | null;
  /** True when the contract says through ERC-165 that it has the metadata URI extension; null when found otherwise. */
  readonly supports_metadata_uri: boolean | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** What an ERC-20 token says of itself. A later row of the same contract_id supersedes it. */
export interface BlockdbTokensErc20Row {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Identity of this incarnation of the contract, as BlockDB writes it: address, height of the creation and position of its transaction, 0x hex. */
  readonly contract_id: string;
  /** Address of the contract. */
  readonly contract_address: string;
  /** Position of the transaction in which BlockDB recognised the token; -1 for metadata read again after an upgrade. */
  readonly tx_index: number;
  /** What name() of the contract gives. */
  readonly name: string | null;
  /** What symbol() of the contract gives. */
  readonly symbol: string | null;
  /** What decimals() of the contract gives. */
  readonly decimals: number | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** What an ERC-721 collection says of itself. A later row of the same contract_id supersedes it. */
export interface BlockdbTokensErc721Row {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Identity of this incarnation of the contract, as BlockDB writes it: address, height of the creation and position of its transaction, 0x hex. */
  readonly contract_id: string;
  /** Address of the contract. */
  readonly contract_address: string;
  /** Position of the transaction in which BlockDB recognised the token; -1 for metadata read again after an upgrade. */
  readonly tx_index: number;
  /** What name() of the contract gives. */
  readonly name: string | null;
  /** What symbol() of the contract gives. */
  readonly symbol: string | null;
  /** A token URI that BlockDB found while probing. */
  readonly token_uri: string | null;
  /** True when the contract says through ERC-165 that it has the metadata extension; null when found otherwise. */
  readonly supports_metadata: boolean | null;
  /** True when the contract says through ERC-165 that it has the enumerable extension; null when found otherwise. */
  readonly supports_enumerable: boolean | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** Value locked in a pool as of one log. A later row of the same pool supersedes it. */
export interface BlockdbTvlUsdRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** BlockDB's id of the pool, 32 bytes of 0x hex. */
  readonly pool_uid: string;
  /** BlockDB's number of the exchange. */
  readonly exchange_id: number | null;
  /** BlockDB's number of the pool's archetype. */
  readonly type_id: number | null;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** Amount locked divided by decimals, one decimal string per token of the pool. */
  readonly token_amounts: readonly (string | null)[] | null;
  /** Value locked in US dollars, decimal string. */
  readonly tvl_usd: string | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** What a pool has earned and may earn over a horizon, as of one log. A later row of the same pool and horizon supersedes it. */
export interface BlockdbYieldsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** BlockDB's id of the pool, 32 bytes of 0x hex. */
  readonly pool_uid: string;
  /** BlockDB's number of the exchange. */
  readonly exchange_id: number | null;
  /** BlockDB's number of the pool's archetype. */
  readonly type_id: number | null;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** Horizon in days. */
  readonly target_period_days: number;
  /** History used, in days: above 0 and at most the horizon. */
  readonly observed_period_days: number | null;
  /** True when the history covers the horizon. */
  readonly is_full_period: boolean | null;
  /** True when scaled up from a shorter history. */
  readonly is_extrapolated: boolean | null;
  /** Horizon over history, decimal string. */
  readonly extrapolation_factor: string | null;
  /** Start of the history used. */
  readonly window_start_time: number | null;
  /** End of the history used. */
  readonly window_end_time: number | null;
  /** Tokens of the pool in its own order, to which the lists below align. */
  readonly tokens: readonly string[] | null;
  /** Reserves divided by decimals, one decimal string per token. */
  readonly current_reserves: readonly (string | null)[] | null;
  /** Traded volume seen, one decimal string per token. */
  readonly volume_observed: readonly (string | null)[] | null;
  /** Traded volume expected over the horizon, one decimal string per token. */
  readonly volume_predicted: readonly (string | null)[] | null;
  /** Fees of liquidity providers seen, one decimal string per token. */
  readonly user_fees_observed: readonly (string | null)[] | null;
  /** Fees of liquidity providers expected over the horizon, one decimal string per token. */
  readonly user_fees_predicted: readonly (string | null)[] | null;
  /** Expected fees over reserves as a fraction, one decimal string per token. */
  readonly roi_predicted: readonly (string | null)[] | null;
  /** Members of the row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One block of an EVM chain: its header and how many transactions it holds. */
export interface EvmBlocksRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Hash of the parent block. */
  readonly parent_hash: string | null;
  /** Fee recipient of the block. */
  readonly miner: string | null;
  /** Root of the receipts trie. */
  readonly receipts_root: string | null;
  /** Root of the state trie after this block. */
  readonly state_root: string | null;
  /** Root of the transactions trie. */
  readonly transactions_root: string | null;
  /** Hash of the list of uncles. */
  readonly uncles_hash: string | null;
  /** Bloom filter of the addresses and topics of all logs, 256 bytes. */
  readonly logs_bloom: string | null;
  /** Gas limit of the block, decimal string. */
  readonly gas_limit: string | null;
  /** Gas used by all transactions of the block. */
  readonly gas_used: number | null;
  /** Base fee per gas in wei, decimal string; null before London. */
  readonly base_fee_per_gas_wei: string | null;
  /** Difficulty, decimal string; 0 since proof of stake. */
  readonly difficulty: string | null;
  /** Extra data of the header, 0x hex. */
  readonly extra_data: string | null;
  /** Proof-of-work nonce of the header, 8 bytes of 0x hex. */
  readonly block_nonce: string | null;
  /** Mix hash; since proof of stake the random value of the beacon chain. */
  readonly mix_hash: string | null;
  /** Size of the encoded block in bytes. */
  readonly size_bytes: number | null;
  /** Root of the withdrawals trie; null before Shanghai. */
  readonly withdrawals_root: string | null;
  /** Blob gas used by the transactions of the block; null before Cancun. */
  readonly blob_gas_used: number | null;
  /** Running excess of blob gas, decimal string; null before Cancun. */
  readonly excess_blob_gas: string | null;
  /** Root of the parent beacon block; null before Cancun. */
  readonly parent_beacon_root: string | null;
  /** Number of transactions in the block. */
  readonly transaction_count: number | null;
  /** Members that BlockDB tells and that have no column of their own, as canonical JSON; null when there are none, and from a node. */
  readonly details: string | null;
}

/** One contract creation that took effect. */
export interface EvmContractsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Identity of this incarnation of the contract, 26 bytes of 0x hex: address, 4 bytes of height, 2 bytes of transaction index. */
  readonly contract_id: string;
  /** Address of the contract. */
  readonly contract_address: string;
  /** Hash of the creating transaction; null where the source does not tell it. */
  readonly tx_hash: string | null;
  /** Zero-based position of the creating transaction in the block. */
  readonly tx_index: number;
  /** Path of the creating frame in the call tree; null where the source does not tell it. */
  readonly trace_address: string | null;
  /** Account or contract that executed the creation. */
  readonly creator_address: string | null;
  /** CREATE or CREATE2; null where the source does not tell it. */
  readonly creation_call_type: string | null;
  /** Members that BlockDB tells and that have no column of their own, as canonical JSON; null when there are none, and from a node. */
  readonly details: string | null;
}

/** One call, creation or self-destruct frame inside a transaction, from its trace. */
export interface EvmInternalTransactionsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Hash of the enclosing transaction; null where the source does not tell it. */
  readonly tx_hash: string | null;
  /** Zero-based position of the enclosing transaction in the block. */
  readonly tx_index: number;
  /** Path in the call tree, child positions joined by dots, for example 0.1; empty for the top call. Sort by number, not as text. */
  readonly trace_address: string;
  /** CALL, CALLCODE, DELEGATECALL, STATICCALL, CREATE, CREATE2 or SELFDESTRUCT. */
  readonly call_type: string;
  /** Caller. */
  readonly from_address: string;
  /** Callee, or the created contract; null where there is none, as in a failed creation. */
  readonly to_address: string | null;
  /** Native coin moved by the frame, in wei, decimal string; null for calls that cannot move any. */
  readonly value_wei: string | null;
  /** Gas given to the frame, decimal string. */
  readonly gas: string | null;
  /** Gas used by the frame, decimal string. */
  readonly gas_used: string | null;
  /** Call data or creation code, 0x hex. */
  readonly input: string | null;
  /** Return data, 0x hex; null when the frame returned none. */
  readonly output: string | null;
  /** Why the frame failed; null when it succeeded. */
  readonly error: string | null;
  /** True when the enclosing transaction succeeded. */
  readonly tx_success: boolean | null;
  /** Members that BlockDB tells and that have no column of their own, as canonical JSON; null when there are none, and from a node. */
  readonly details: string | null;
}

/** One log that a contract emitted. */
export interface EvmLogsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Hash of the transaction that emitted the log; null where the source does not tell it. */
  readonly tx_hash: string | null;
  /** Zero-based position of that transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block. */
  readonly log_index: number;
  /** Contract that emitted the log. */
  readonly contract_address: string;
  /** First topic, the hash of the event signature; null for a log without topics. */
  readonly topic0: string | null;
  /** Second topic. */
  readonly topic1: string | null;
  /** Third topic. */
  readonly topic2: string | null;
  /** Fourth topic. */
  readonly topic3: string | null;
  /** Data that is not indexed, 0x hex. */
  readonly data: string | null;
  /** Members that BlockDB tells and that have no column of their own, as canonical JSON; null when there are none, and from a node. */
  readonly details: string | null;
}

/** One movement of the native coin or of an ERC-20, ERC-721 or ERC-1155 token; a batch gives one row per item. */
export interface EvmTokenTransfersRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Hash of the transaction; null where the source does not tell it. */
  readonly tx_hash: string | null;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Zero-based position of the log in the block; null for the native coin. */
  readonly log_index: number | null;
  /** Zero-based position within an ERC-1155 batch; null otherwise. */
  readonly batch_index: number | null;
  /** Path of the frame in the call tree; null unless the native coin moved in an inner call. */
  readonly trace_address: string | null;
  /** What moved it, unique in the block: log/<log index>/<batch index>, tx/<tx index> or call/<tx index>/<trace address>. */
  readonly transfer_ref: string;
  /** native_tx, native_internal, erc20, erc721 or erc1155. */
  readonly transfer_type: string;
  /** Token contract; null for the native coin. */
  readonly token_address: string | null;
  /** Account that acted, where the ERC-1155 event names one. */
  readonly operator_address: string | null;
  /** Account that gave; the zero address when minted. */
  readonly from_address: string;
  /** Account that received; the zero address when burned. */
  readonly to_address: string;
  /** Amount in base units, decimal string; 1 for ERC-721. */
  readonly amount: string;
  /** Token id, decimal string; null unless ERC-721 or ERC-1155. */
  readonly token_id: string | null;
  /** amount divided by the decimals of the token, decimal string; null where the source does not tell it. */
  readonly amount_adjusted: string | null;
  /** Members that BlockDB tells and that have no column of their own, as canonical JSON; null when there are none, and from a node. */
  readonly details: string | null;
}

/** One mined transaction with what its receipt says. */
export interface EvmTransactionsRow {
  /** CAIP-2 id of the chain, for example eip155:1. */
  readonly chain: string;
  /** Height of the block that holds this row. */
  readonly height: number;
  /** Hash of that block, lower-case 0x hex. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Transaction hash. */
  readonly tx_hash: string;
  /** Zero-based position of the transaction in the block. */
  readonly tx_index: number;
  /** Sender. */
  readonly from_address: string;
  /** Recipient; null when the transaction creates a contract. */
  readonly to_address: string | null;
  /** Contract created by the transaction itself; null otherwise. */
  readonly created_contract_address: string | null;
  /** Number of transactions the sender had sent before this one. */
  readonly tx_nonce: number | null;
  /** Native coin moved, in wei, decimal string. */
  readonly value_wei: string | null;
  /** Gas limit set by the sender, decimal string. */
  readonly gas_limit: string | null;
  /** Gas used by this transaction. */
  readonly gas_used: number | null;
  /** Gas used by the block up to and with this transaction. */
  readonly cumulative_gas_used: number | null;
  /** Price per gas actually paid, in wei, decimal string. */
  readonly effective_gas_price_wei: string | null;
  /** Fee cap per gas set by the sender, decimal string; null before EIP-1559. */
  readonly max_fee_per_gas_wei: string | null;
  /** Tip cap per gas set by the sender, decimal string; null before EIP-1559. */
  readonly max_priority_fee_per_gas_wei: string | null;
  /** Fee cap per blob gas, decimal string; null unless the transaction carries blobs. */
  readonly max_fee_per_blob_gas_wei: string | null;
  /** Blob gas used; null unless the transaction carries blobs. */
  readonly blob_gas_used: number | null;
  /** Price per blob gas paid, decimal string; null unless the transaction carries blobs. */
  readonly blob_gas_price_wei: string | null;
  /** EIP-2718 type: 0 legacy, 1 access list, 2 dynamic fee, 3 blobs, 4 set code, others on layer 2. */
  readonly tx_type: number | null;
  /** True when the transaction succeeded, false when it reverted; null before Byzantium. */
  readonly status_success: boolean | null;
  /** State root of the receipt before Byzantium; null since. */
  readonly root: string | null;
  /** True when its trace could not be made, false when it was made, null when none was asked for. */
  readonly trace_failed: boolean | null;
  /** Call data, 0x hex. */
  readonly input: string | null;
  /** Number of logs the transaction emitted. */
  readonly log_count: number | null;
  /** Members that BlockDB tells and that have no column of their own, as canonical JSON; null when there are none, and from a node. */
  readonly details: string | null;
}

/** What changed of a book. The first row of an epoch is the whole book; trust it and what follows it without a hole until a row says unsafe. */
export interface OxarchiveBookDeltasRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time of this, milliseconds since the epoch. */
  readonly event_time: number;
  /** Microseconds since the epoch at which this unbroken life of the book began; every life has a later one. */
  readonly epoch: number;
  /** Position among the rows of this market, dataset and epoch, from 0 and without holes. */
  readonly sequence: number;
  /** snapshot: the whole book; delta: the levels that changed; unsafe: nothing of this book is to be trusted until the next snapshot. */
  readonly change: string;
  /** Bids, best first. */
  readonly bids: readonly {
    readonly price: string;
    readonly quantity: string;
    readonly orders: number;
  }[];
  /** Asks, best first. */
  readonly asks: readonly {
    readonly price: string;
    readonly quantity: string;
    readonly orders: number;
  }[];
  /** CRC-32 (IEEE) of this ASCII text: bids, a bar, asks; the best 20 levels a side after this row, best first, parted by commas, each price:quantity. An empty book is one bar. 0 when unsafe. */
  readonly checksum: number;
  /** Block after which the book is so; null where the venue tells none. */
  readonly block_number: number | null;
  /** Why the book is unsafe; null otherwise. */
  readonly reason: string | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** A whole book. Trust it until a row of its market says unsafe. A later row of the same market supersedes it. */
export interface OxarchiveBookSnapshotsRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time of this, milliseconds since the epoch. */
  readonly event_time: number;
  /** Microseconds since the epoch at which this unbroken life of the book began; every life has a later one. */
  readonly epoch: number;
  /** Position among the rows of this market, dataset and epoch, from 0 and without holes. */
  readonly sequence: number;
  /** snapshot; or unsafe: nothing of this book is to be trusted until the next snapshot. */
  readonly change: string;
  /** Bids, best first. */
  readonly bids: readonly {
    readonly price: string;
    readonly quantity: string;
    readonly orders: number;
  }[];
  /** Asks, best first. */
  readonly asks: readonly {
    readonly price: string;
    readonly quantity: string;
    readonly orders: number;
  }[];
  /** CRC-32 (IEEE) of this ASCII text: bids, a bar, asks; the best 20 levels a side after this row, best first, parted by commas, each price:quantity. An empty book is one bar. 0 when unsafe. */
  readonly checksum: number;
  /** Block after which the book is so; null where the venue tells none. */
  readonly block_number: number | null;
  /** Why the book is unsafe; null otherwise. */
  readonly reason: string | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** Best bid and best ask, whenever one of them changed. A later row of the same market supersedes it. */
export interface OxarchiveBookTopsRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time of this, milliseconds since the epoch. */
  readonly event_time: number;
  /** Microseconds since the epoch at which this unbroken life of the book began; every life has a later one. */
  readonly epoch: number;
  /** Position among the rows of this market, dataset and epoch, from 0 and without holes. */
  readonly sequence: number;
  /** snapshot; or unsafe: nothing of this book is to be trusted until the next row. */
  readonly change: string;
  /** Best bid, decimal string; null where there is none. */
  readonly bid_price: string | null;
  /** Quantity at the best bid, decimal string. */
  readonly bid_quantity: string | null;
  /** Orders at the best bid. */
  readonly bid_orders: number | null;
  /** Best ask, decimal string; null where there is none. */
  readonly ask_price: string | null;
  /** Quantity at the best ask, decimal string. */
  readonly ask_quantity: string | null;
  /** Orders at the best ask. */
  readonly ask_orders: number | null;
  /** CRC-32 (IEEE) of this ASCII text: bids, a bar, asks; the best 20 levels a side after this row, best first, parted by commas, each price:quantity. An empty book is one bar. 0 when unsafe. */
  readonly checksum: number;
  /** Block after which the book is so; null where the venue tells none. */
  readonly block_number: number | null;
  /** Why the book is unsafe; null otherwise. */
  readonly reason: string | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** Prices and volume of one closed interval. */
export interface OxarchiveCandlesRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** Beginning of the interval. */
  readonly event_time: number;
  /** Length: 1m, 5m, 15m, 30m, 1h, 4h, 1d or 1w. */
  readonly interval: string;
  /** First price, decimal string. */
  readonly open_price: string;
  /** Highest price, decimal string. */
  readonly high_price: string;
  /** Lowest price, decimal string. */
  readonly low_price: string;
  /** Last price, decimal string. */
  readonly close_price: string;
  /** Volume in the base currency, decimal string. */
  readonly volume: string;
  /** Volume in the quote currency, decimal string. */
  readonly quote_volume: string | null;
  /** Trades in the interval. */
  readonly trade_count: number | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** The funding rate of a market at a time. */
export interface OxarchiveFundingRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time; when it was received where the venue tells none: see time_source. */
  readonly event_time: number;
  /** exchange where event_time is the venue's, received where it is ours. */
  readonly time_source: string;
  /** Rate as a fraction, decimal string; may be negative. */
  readonly funding_rate: string;
  /** Premium as a fraction, decimal string. */
  readonly premium: string | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One fill that liquidated somebody. The trades have it too: do not add the two up. */
export interface OxarchiveLiquidationsRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time of this, milliseconds since the epoch. */
  readonly event_time: number;
  /** The venue's id of the trade; both legs have it. */
  readonly trade_id: number;
  /** buy or sell, of this leg. */
  readonly side: string;
  /** 0, unless one trade has several rows of a side: those are counted by order. */
  readonly leg: number;
  /** Price, decimal string. */
  readonly price: string;
  /** Quantity, decimal string. */
  readonly quantity: string;
  /** Transaction of the fill, as the venue writes it. */
  readonly tx_hash: string | null;
  /** Whose position was closed. */
  readonly liquidated_user: string | null;
  /** Who took the other side. */
  readonly liquidator_user: string | null;
  /** The account of a row that names one only, and not its part. */
  readonly account: string | null;
  /** What the fill does to the position. */
  readonly direction: string | null;
  /** Profit or loss that the fill realized, decimal string. */
  readonly closed_pnl: string | null;
  /** Mark price at the time, decimal string. */
  readonly mark_price: string | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** All that the venue tells of a market's state at a time. A later row of the same market supersedes it. */
export interface OxarchiveMarketContextsRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time; when it was received where the venue tells none: see time_source. */
  readonly event_time: number;
  /** exchange where event_time is the venue's, received where it is ours. */
  readonly time_source: string;
  /** Rate as a fraction, decimal string; may be negative. */
  readonly funding_rate: string | null;
  /** Premium as a fraction, decimal string. */
  readonly premium: string | null;
  /** Open interest, decimal string. */
  readonly open_interest: string | null;
  /** Mark price, decimal string. */
  readonly mark_price: string | null;
  /** Oracle price, decimal string. */
  readonly oracle_price: string | null;
  /** Middle of best bid and ask, decimal string. */
  readonly mid_price: string | null;
  /** Volume of 24 hours in the quote currency, decimal string. */
  readonly day_notional_volume: string | null;
  /** Volume of 24 hours in the base currency, decimal string. */
  readonly day_base_volume: string | null;
  /** Price of 24 hours ago, decimal string. */
  readonly previous_day_price: string | null;
  /** Price at which a large order would sell, decimal string. */
  readonly impact_bid_price: string | null;
  /** Price at which a large order would buy, decimal string. */
  readonly impact_ask_price: string | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** An action that is in no block yet. */
export interface OxarchiveMempoolRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time; when it was received where the venue tells none: see time_source. */
  readonly event_time: number;
  /** exchange where event_time is the venue's, received where it is ours. */
  readonly time_source: string;
  /** r, s and v of the signature, parted by slashes. */
  readonly signature: string;
  /** Markets of the action, as a JSON list. */
  readonly symbols: string;
  /** The action as it was signed, JSON with its members in their order. */
  readonly action: string;
  /** Nonce of the signer. */
  readonly nonce: number | null;
  /** Vault that the action is for. */
  readonly vault_address: string | null;
  /** When it expires, milliseconds since the epoch. */
  readonly expires_after_ms: number | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** The open interest of a market at a time, and the prices that came with it. */
export interface OxarchiveOpenInterestRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time; when it was received where the venue tells none: see time_source. */
  readonly event_time: number;
  /** exchange where event_time is the venue's, received where it is ours. */
  readonly time_source: string;
  /** Open interest, decimal string. */
  readonly open_interest: string;
  /** Mark price, decimal string. */
  readonly mark_price: string | null;
  /** Oracle price, decimal string. */
  readonly oracle_price: string | null;
  /** Middle of best bid and ask, decimal string. */
  readonly mid_price: string | null;
  /** Volume of 24 hours in the quote currency, decimal string. */
  readonly day_notional_volume: string | null;
  /** Volume of 24 hours in the base currency, decimal string. */
  readonly day_base_volume: string | null;
  /** Price of 24 hours ago, decimal string. */
  readonly previous_day_price: string | null;
  /** Price at which a large order would sell, decimal string. */
  readonly impact_bid_price: string | null;
  /** Price at which a large order would buy, decimal string. */
  readonly impact_ask_price: string | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** What happened to one order's place in the book. */
export interface OxarchiveOrderDiffsRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time of this, milliseconds since the epoch. */
  readonly event_time: number;
  /** Block of the event. */
  readonly block_number: number;
  /** Position in the block, of all diffs of the market; 0 on rows from before there was one. Holes are normal. */
  readonly sequence: number;
  /** The venue's id of the order. */
  readonly order_id: number;
  /** new, update or remove. */
  readonly diff_type: string;
  /** Counts rows of a block that nothing else tells apart. */
  readonly occurrence: number;
  /** Whose order it is. */
  readonly account: string | null;
  /** buy or sell. */
  readonly side: string;
  /** Limit price, decimal string. */
  readonly price: string;
  /** What is left of the order, decimal string; null when it is removed. */
  readonly new_quantity: string | null;
  /** Order that the new one is queued ahead of; null at the end. */
  readonly insert_before: number | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** A part of all resting orders of a book at a time. */
export interface OxarchiveOrderSnapshotsRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time of this, milliseconds since the epoch. */
  readonly event_time: number;
  /** Channel that the snapshot is of. */
  readonly channel: string;
  /** Last block that it contains; null where the venue has no blocks. */
  readonly block_number: number | null;
  /** Position of this part, from 0. */
  readonly chunk_index: number;
  /** Parts of the snapshot. */
  readonly chunk_count: number;
  /** Orders to buy, best price first and in the order of their priority. */
  readonly bids: readonly {
    readonly order_id: number;
    readonly account: string | null;
    readonly price: string;
    readonly quantity: string;
  }[];
  /** Orders to sell, best price first and in the order of their priority. */
  readonly asks: readonly {
    readonly order_id: number;
    readonly account: string | null;
    readonly price: string;
    readonly quantity: string;
  }[];
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One step in an order's life. */
export interface OxarchiveOrdersRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time of this, milliseconds since the epoch. */
  readonly event_time: number;
  /** Block of the event. */
  readonly block_number: number;
  /** Position in the block, of all order events of the market; 0 on rows from before there was one. Holes are normal. */
  readonly sequence: number;
  /** The venue's id of the order. */
  readonly order_id: number;
  /** open, filled, canceled, triggered, rejected and whatever else the venue says. */
  readonly status: string;
  /** Counts rows of a block that nothing else tells apart. */
  readonly occurrence: number;
  /** Whose order it is. */
  readonly account: string | null;
  /** buy or sell. */
  readonly side: string;
  /** Limit price, decimal string. */
  readonly limit_price: string | null;
  /** What is left of it, decimal string. */
  readonly quantity: string | null;
  /** What it began with, decimal string. */
  readonly original_quantity: string | null;
  /** Limit, Stop Market and so on. */
  readonly order_type: string | null;
  /** When a trigger order becomes one of the book. */
  readonly trigger_condition: string | null;
  /** True for a trigger order. */
  readonly is_trigger: boolean | null;
  /** Its price, decimal string. */
  readonly trigger_price: string | null;
  /** True for a take-profit or stop-loss of a whole position. */
  readonly is_position_tpsl: boolean | null;
  /** True for an order that may only reduce a position. */
  readonly is_reduce_only: boolean | null;
  /** Gtc, Alo, Ioc and so on. */
  readonly time_in_force: string | null;
  /** The client's own id of the order. */
  readonly client_order_id: string | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** The end of one side of an outcome market. */
export interface OxarchiveSettlementsRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time; when it was received where the venue tells none: see time_source. */
  readonly event_time: number;
  /** exchange where event_time is the venue's, received where it is ours. */
  readonly time_source: string;
  /** The venue's number of the outcome. */
  readonly outcome_id: number;
  /** Side of the outcome, 0 or 1. */
  readonly outcome_side: number;
  /** True where the venue names the winning side; null where it tells the value of each. */
  readonly is_winning_side: boolean | null;
  /** What one contract of the side is worth, decimal string. */
  readonly settlement_value: string | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** What the venue says of a market's price and volume, in the venue's own shape. A later row of the same market supersedes it. */
export interface OxarchiveTickersRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time; when it was received where the venue tells none: see time_source. */
  readonly event_time: number;
  /** exchange where event_time is the venue's, received where it is ours. */
  readonly time_source: string;
  /** The venue's object as canonical JSON. */
  readonly ticker: string;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One side of one trade. A trade has two rows, one a side: for volumes, take one side only. */
export interface OxarchiveTradesRow {
  /** The venue: hyperliquid, hip3, hip4, spot, lighter or rh_lighter. */
  readonly chain: string;
  /** The market as the venue writes it. */
  readonly symbol: string;
  /** The venue's time of this, milliseconds since the epoch. */
  readonly event_time: number;
  /** The venue's id of the trade; both legs have it. */
  readonly trade_id: number;
  /** buy or sell, of this leg. */
  readonly side: string;
  /** 0, unless one trade has several rows of a side: those are counted by order. */
  readonly leg: number;
  /** Price, decimal string. */
  readonly price: string;
  /** Quantity, decimal string. */
  readonly quantity: string;
  /** Transaction of the fill, as the venue writes it. */
  readonly tx_hash: string | null;
  /** The venue's id of the leg's order. */
  readonly order_id: number | null;
  /** True for the leg that took liquidity; null where the venue does not tell. */
  readonly is_taker: boolean | null;
  /** Whose leg it is; null where the venue names both accounts but not which. */
  readonly account: string | null;
  /** Both accounts in the venue's order, as a JSON list; null where the row names one. */
  readonly users: string | null;
  /** What the leg does to the position: Open Long, Close Short, Buy. */
  readonly direction: string | null;
  /** Fee, decimal string; negative for a rebate. */
  readonly fee: string | null;
  /** Token of the fee. */
  readonly fee_token: string | null;
  /** Profit or loss that the leg realized, decimal string. */
  readonly closed_pnl: string | null;
  /** Position before the leg, decimal string. */
  readonly start_position: string | null;
  /** True when the fill is a liquidation. */
  readonly is_liquidation: boolean | null;
  /** Of Lighter: preliminary until the settled copy takes its place, then final. Null elsewhere. */
  readonly finality: string | null;
  /** Members of the venue's row that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One account as it was after this block, which touched it. A later row of the same address supersedes it. */
export interface TzktAccountsRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Id of the account in TzKT. */
  readonly account_id: number | null;
  /** Address of the account. */
  readonly address: string;
  /** user, delegate, contract, rollup, smart_rollup or ghost. */
  readonly account_type: string;
  /** Spendable and frozen mutez as TzKT counts them, decimal string. */
  readonly balance: string | null;
  /** Staked mutez, decimal string. */
  readonly staked_balance: string | null;
  /** Unstaked mutez that are still frozen, decimal string. */
  readonly unstaked_balance: string | null;
  /** Bonds of transaction rollups in mutez, decimal string. */
  readonly rollup_bonds: string | null;
  /** Bonds of smart rollups in mutez, decimal string. */
  readonly smart_rollup_bonds: string | null;
  /** Counter of the account; for an empty one that of the chain, which changes without it. */
  readonly counter: number | null;
  /** Whether its public key is known. */
  readonly revealed: boolean | null;
  /** Its public key. */
  readonly public_key: string | null;
  /** Baker it delegates to. */
  readonly delegate: string | null;
  /** Whether the baker is active. */
  readonly active: boolean | null;
  /** delegator_contract, smart_contract or asset. */
  readonly contract_kind: string | null;
  /** Account that created it. */
  readonly creator: string | null;
  /** Hash of the contract's types in TzKT. */
  readonly type_hash: number | null;
  /** Hash of the contract's code in TzKT. */
  readonly code_hash: number | null;
  /** Level of its first activity. */
  readonly first_activity: number | null;
  /** Level of its newest activity: the height of this row. */
  readonly last_activity: number;
  /** Members of the item that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One change of a bigmap: a key added, updated or removed, or the bigmap itself allocated or removed. */
export interface TzktBigmapsRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Id of the change in TzKT: unique on one branch, and used again after a reorg. */
  readonly update_id: number;
  /** Number of the bigmap. */
  readonly bigmap: number;
  /** Contract that it belongs to. */
  readonly contract_address: string | null;
  /** Where the bigmap is in the storage. */
  readonly storage_path: string | null;
  /** allocate, add_key, update_key, remove_key or remove. */
  readonly update_action: string;
  /** Hash of the key; null where the bigmap as a whole changed. */
  readonly key_hash: string | null;
  /** The key, as canonical JSON. */
  readonly key_json: string | null;
  /** The value, as canonical JSON; for remove_key the last one. */
  readonly value_json: string | null;
  /** Members of the item that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One block of a Tezos chain. */
export interface TzktBlocksRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Hash of the block below; null at the lowest block. */
  readonly parent_hash: string | null;
  /** Index of the cycle. */
  readonly cycle: number | null;
  /** Number of the protocol in TzKT. */
  readonly protocol_code: number | null;
  /** Round at which the payload was proposed. */
  readonly payload_round: number | null;
  /** Round at which the block was produced. */
  readonly block_round: number | null;
  /** Account that proposed the payload. */
  readonly proposer: string | null;
  /** Account that produced the block. */
  readonly producer: string | null;
  /** Power of the attestations, decimal string. */
  readonly attestation_power: string | null;
  /** Power of all who could attest, decimal string. */
  readonly attestation_committee: string | null;
  /** Deposit of the producer in mutez, decimal string. */
  readonly deposit: string | null;
  /** Reward to the liquid balance in mutez, decimal string. */
  readonly reward_delegated: string | null;
  /** Reward to the baker's own stake in mutez, decimal string. */
  readonly reward_staked_own: string | null;
  /** Reward to the baker from the stakers' part in mutez, decimal string. */
  readonly reward_staked_edge: string | null;
  /** Reward to the stakers in mutez, decimal string. */
  readonly reward_staked_shared: string | null;
  /** Bonus to the liquid balance in mutez, decimal string. */
  readonly bonus_delegated: string | null;
  /** Bonus to the baker's own stake in mutez, decimal string. */
  readonly bonus_staked_own: string | null;
  /** Bonus to the baker from the stakers' part in mutez, decimal string. */
  readonly bonus_staked_edge: string | null;
  /** Bonus to the stakers in mutez, decimal string. */
  readonly bonus_staked_shared: string | null;
  /** Fees of all operations in mutez, decimal string. */
  readonly fees: string | null;
  /** Whether the seed nonce of this block had been revealed when it was read. */
  readonly nonce_revealed: boolean | null;
  /** Version of the software that made the block. */
  readonly software_version: string | null;
  /** Vote on liquidity baking; null is a pass. */
  readonly lb_toggle: boolean | null;
  /** Moving average of the votes on liquidity baking. */
  readonly lb_toggle_ema: number | null;
  /** Members of the item that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One cycle, with the block that is cycleDelayBlocks after its first. */
export interface TzktCyclesRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Index of the cycle. */
  readonly cycle: number;
  /** Level of the first block. */
  readonly first_level: number;
  /** Level of the last block. */
  readonly last_level: number | null;
  /** Time of the first block. */
  readonly start_time: number | null;
  /** Time of the last block, estimated while it is to come. */
  readonly end_time: number | null;
  /** Level of the snapshot that gave the rights. */
  readonly snapshot_level: number | null;
  /** Seed of the cycle, hex. */
  readonly random_seed: string | null;
  /** Number of bakers with rights. */
  readonly total_bakers: number | null;
  /** Sum of their power in mutez, decimal string. */
  readonly total_baking_power: string | null;
  /** Reward for a block in mutez, decimal string. */
  readonly block_reward: string | null;
  /** Bonus for a block in mutez, decimal string. */
  readonly block_bonus_per_block: string | null;
  /** Reward for all attestations of a block in mutez, decimal string. */
  readonly attestation_reward_per_block: string | null;
  /** Reward for a nonce revelation in mutez, decimal string. */
  readonly nonce_revelation_reward: string | null;
  /** Reward for a VDF revelation in mutez, decimal string. */
  readonly vdf_revelation_reward: string | null;
  /** Reward for a DAL shard in mutez, decimal string. */
  readonly dal_attestation_reward_per_shard: string | null;
  /** Members of the item that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One event that a contract emitted. */
export interface TzktEventsRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Id of the event in TzKT: unique on one branch, and used again after a reorg. */
  readonly contract_event_id: number;
  /** Contract that emitted it. */
  readonly contract_address: string;
  /** Hash of the contract's code in TzKT. */
  readonly code_hash: number | null;
  /** Tag of the event. */
  readonly tag: string | null;
  /** Payload of the event, as canonical JSON. */
  readonly payload: string | null;
  /** op_id of the transaction that emitted it. */
  readonly op_id: number | null;
  /** Members of the item that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One block as the indexer announced it when it was its head, with what only the head says: protocol, voting period, quotes. There are none for blocks that were read later. */
export interface TzktHeadRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Name of the network in TzKT's words, for example mainnet. */
  readonly network: string | null;
  /** Index of the cycle. */
  readonly cycle: number | null;
  /** Hash of the protocol of this block. */
  readonly protocol: string | null;
  /** Hash of the protocol of the next block. */
  readonly next_protocol: string | null;
  /** Index of the voting epoch. */
  readonly voting_epoch: number | null;
  /** Index of the voting period. */
  readonly voting_period: number | null;
  /** Level of the node's head when the indexer announced this one. */
  readonly known_level: number | null;
  /** Whether the indexer had reached the node's head. */
  readonly synced: boolean | null;
  /** When the indexer last heard of its node. */
  readonly last_sync: number | null;
  /** Price quotes and members without a column of their own, as canonical JSON. */
  readonly quotes: string | null;
}

/** One operation of any kind, internal and implicit ones included; members without a column of their own are in details. */
export interface TzktOperationsRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Kind of the operation in TzKT's words, for example transaction, attestation or migration. */
  readonly op_type: string;
  /** Id of the operation in TzKT: unique on one branch, and used again after a reorg. */
  readonly op_id: number;
  /** Hash of the operation; null for what the protocol does by itself. A batch and its internal operations share one. */
  readonly op_hash: string | null;
  /** Counter of the sender. */
  readonly counter: number | null;
  /** Position of an internal operation in its group, or the revealed nonce of a nonce_revelation. */
  readonly nonce: string | null;
  /** applied, failed, backtracked or skipped. */
  readonly status: string | null;
  /** Account that sent it. */
  readonly sender: string | null;
  /** Hash of the sender's code in TzKT. */
  readonly sender_code_hash: number | null;
  /** Account that sent the outermost operation, for an internal one. */
  readonly initiator: string | null;
  /** Account it was sent to. */
  readonly target: string | null;
  /** Hash of the target's code in TzKT. */
  readonly target_code_hash: number | null;
  /** Amount moved: mutez, or what the kind counts, decimal string. */
  readonly amount: string | null;
  /** Entrypoint that was called. */
  readonly entrypoint: string | null;
  /** Value that the entrypoint was called with, as canonical JSON. */
  readonly parameter: string | null;
  /** Storage of the contract after it, as canonical JSON. */
  readonly storage: string | null;
  /** Changes of bigmaps, as canonical JSON. */
  readonly diffs: string | null;
  /** Why it failed, as canonical JSON. */
  readonly errors: string | null;
  /** Most gas it may use. */
  readonly gas_limit: number | null;
  /** Gas it used. */
  readonly gas_used: number | null;
  /** Most bytes of storage it may take. */
  readonly storage_limit: number | null;
  /** Bytes of storage it took. */
  readonly storage_used: number | null;
  /** Fee to the baker in mutez, decimal string. */
  readonly baker_fee: string | null;
  /** Mutez burned for storage, decimal string. */
  readonly storage_fee: string | null;
  /** Mutez burned for a new account, decimal string. */
  readonly allocation_fee: string | null;
  /** Whether it has internal operations. */
  readonly has_internals: boolean | null;
  /** Number of token transfers it made. */
  readonly token_transfers_count: number | null;
  /** Number of ticket transfers it made. */
  readonly ticket_transfers_count: number | null;
  /** Number of events it emitted. */
  readonly events_count: number | null;
  /** Address of the contract it created. */
  readonly originated_contract: string | null;
  /** The contract it created with kind and hashes, as canonical JSON. */
  readonly originated_contract_json: string | null;
  /** Baker who voted, attested or drained. */
  readonly delegate: string | null;
  /** Baker before. */
  readonly prev_delegate: string | null;
  /** Baker after. */
  readonly new_delegate: string | null;
  /** Baker it is about. */
  readonly baker: string | null;
  /** Account that stakes. */
  readonly staker: string | null;
  /** Rollup it is about. */
  readonly rollup: string | null;
  /** Account it is about. */
  readonly account: string | null;
  /** Members of the item that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** The balance of one account in one ticket, as it was after this block. A later row of the same key supersedes it. */
export interface TzktTicketBalancesRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Id of the balance in TzKT. */
  readonly balance_id: number;
  /** Account that holds it. */
  readonly account: string;
  /** Id of the ticket in TzKT. */
  readonly ticket_id: number | null;
  /** Contract that issued the ticket. */
  readonly ticketer: string | null;
  /** Hash of its type in TzKT. */
  readonly ticket_type_hash: number | null;
  /** Hash of its content in TzKT. */
  readonly ticket_content_hash: number | null;
  /** Type as Micheline, as canonical JSON. */
  readonly ticket_type: string | null;
  /** Content as Micheline, as canonical JSON. */
  readonly ticket_raw_content: string | null;
  /** Readable content, as canonical JSON. */
  readonly ticket_content: string | null;
  /** Number of tickets, decimal string. */
  readonly balance: string;
  /** Number of transfers so far. */
  readonly transfers_count: number | null;
  /** Level of the first transfer. */
  readonly first_level: number | null;
  /** Level of the newest transfer: the height of this row, unless the balance was recognised later. */
  readonly last_level: number;
  /** Members of the item that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One movement of a ticket. */
export interface TzktTicketTransfersRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Id of the transfer in TzKT: unique on one branch, and used again after a reorg. */
  readonly transfer_id: number;
  /** Id of the ticket in TzKT. */
  readonly ticket_id: number | null;
  /** Contract that issued the ticket. */
  readonly ticketer: string | null;
  /** Hash of its type in TzKT. */
  readonly ticket_type_hash: number | null;
  /** Hash of its content in TzKT. */
  readonly ticket_content_hash: number | null;
  /** Type as Micheline, as canonical JSON. */
  readonly ticket_type: string | null;
  /** Content as Micheline, as canonical JSON. */
  readonly ticket_raw_content: string | null;
  /** Readable content, as canonical JSON. */
  readonly ticket_content: string | null;
  /** Account that gave; null when minted. */
  readonly from_address: string | null;
  /** Account that received; null when burned. */
  readonly to_address: string | null;
  /** Number of tickets, decimal string. */
  readonly amount: string;
  /** op_id of the transaction that made it. */
  readonly transaction_id: number | null;
  /** op_id of the transfer_ticket that made it. */
  readonly transfer_ticket_id: number | null;
  /** op_id of the sr_execute that made it. */
  readonly smart_rollup_execute_id: number | null;
  /** Members of the item that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** The balance of one account in one token, as it was after this block. A later row of the same key supersedes it. */
export interface TzktTokenBalancesRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Id of the balance in TzKT. */
  readonly balance_id: number;
  /** Account that holds it. */
  readonly account: string;
  /** Id of the token in TzKT. */
  readonly token_ref: number | null;
  /** Contract of the token. */
  readonly token_address: string;
  /** Id of the token in its contract, decimal string. */
  readonly token_id: string;
  /** fa1.2 or fa2. */
  readonly token_standard: string | null;
  /** Metadata of the token as it was when this was read, as canonical JSON. */
  readonly token_metadata: string | null;
  /** Entrypoint of the holder, where the token knows one; empty otherwise. */
  readonly entrypoint: string;
  /** Balance in base units, decimal string. */
  readonly balance: string;
  /** Value in mutez where TzKT knows a price, decimal string. */
  readonly balance_value: string | null;
  /** Number of transfers so far. */
  readonly transfers_count: number | null;
  /** Level of the first transfer. */
  readonly first_level: number | null;
  /** Level of the newest transfer: the height of this row, unless the balance was recognised later. */
  readonly last_level: number;
  /** Members of the item that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** One movement of an FA1.2 or FA2 token. One that the indexer recognised later stands in the block at which it did. */
export interface TzktTokenTransfersRow {
  /** CAIP-2 id of the chain, for example tezos:NetXdQprcVkpaWU. */
  readonly chain: string;
  /** Level of the block that holds this row. */
  readonly height: number;
  /** Hash of that block. */
  readonly block_hash: string;
  /** Time of that block. */
  readonly block_time: number;
  /** Id of the transfer in TzKT: unique on one branch, and used again after a reorg. */
  readonly transfer_id: number;
  /** Level of the block in which it took place; below height where the token was recognised later. */
  readonly transfer_level: number;
  /** Time of that block. */
  readonly transfer_time: number;
  /** Id of the token in TzKT. */
  readonly token_ref: number | null;
  /** Contract of the token. */
  readonly token_address: string;
  /** Id of the token in its contract, decimal string. */
  readonly token_id: string;
  /** fa1.2 or fa2. */
  readonly token_standard: string | null;
  /** Metadata of the token as it was when this was read, as canonical JSON. */
  readonly token_metadata: string | null;
  /** Account that gave; null when minted. */
  readonly from_address: string | null;
  /** Account that received; null when burned. */
  readonly to_address: string | null;
  /** Amount in base units, decimal string. */
  readonly amount: string;
  /** op_id of the transaction that made it. */
  readonly transaction_id: number | null;
  /** op_id of the origination that made it. */
  readonly origination_id: number | null;
  /** op_id of the migration that made it. */
  readonly migration_id: number | null;
  /** Members of the item that have no column of their own, as canonical JSON; null when there are none. */
  readonly details: string | null;
}
