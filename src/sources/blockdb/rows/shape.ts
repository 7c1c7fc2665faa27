/**
 * Which dataset a row must be of by the members it has. Ids moved between datasets from one revision
 * of BlockDB's documents to the next (reference section 5), and a row under a wrong name is a wrong row.
 */
import type { BlockdbDataset, WireFields } from '../messages.ts';

/** Undefined where the members do not tell. */
export function datasetByShape(data: WireFields): BlockdbDataset | undefined {
  if ('tvl_usd' in data) return 'tvl_usd';
  if ('is_active' in data && 'path_id' in data) return 'arb_path_status';
  if ('profit_in_usd' in data || 'token_path' in data) return 'arb_opportunities';
  if ('token_cycle' in data) return 'arb_paths';
  if ('price_usd' in data) return 'prices_spot_vwap_fiat';
  if ('supports_metadata_uri' in data || 'uri' in data) return 'tokens_erc1155';
  if ('factory' in data && 'tokens' in data) return 'pools';
  return undefined;
}
