/**
 * What BlockDB tells, in its own words: the datasets, and the one message of this source. Members
 * stay as the wire has them; `rows/` converts them.
 */

/** Members of an object of the wire. */
export type WireFields = Readonly<Record<string, unknown>>;

/** A dataset, named as BlockDB's own paths name it, with underscores. */
export type BlockdbDataset =
  | 'blocks'
  | 'transactions'
  | 'logs'
  | 'internal_transactions'
  | 'contracts'
  | 'function_results'
  | 'tokens_erc20'
  | 'tokens_erc721'
  | 'tokens_erc1155'
  | 'pools'
  | 'fee_terms'
  | 'reserves'
  | 'prices_spot_prints'
  | 'swap_fees'
  | 'token_transfers'
  | 'flash_loan_prints'
  | 'prices_spot_ohlc'
  | 'prices_spot_vwap'
  | 'prices_spot_vwap_fiat'
  | 'tvl_usd'
  | 'arb_paths'
  | 'arb_path_status'
  | 'arb_opportunities'
  | 'yields';

/** One row of one dataset, as a stream's `data` or an entry of a REST answer has it. */
export interface BlockdbRow {
  readonly dataset: BlockdbDataset;
  readonly data: WireFields;
  /**
   * Position among several rows of one log, as the items of an ERC-1155 batch are; null for the only
   * one. `inBlockOrder` counts it.
   */
  readonly ordinal: number | null;
}
