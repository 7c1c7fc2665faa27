/** Filters for the datasets that are given only with some, and the rows that they let through. */
import type { BlockdbSimulator } from '../../../src/devnet/blockdb/simulator.ts';
import { isBarDataset, widthsOf } from '../../../src/sources/blockdb/bars.ts';
import type { Filters } from '../../../src/sources/blockdb/config.ts';
import type { BlockdbDataset, WireFields } from '../../../src/sources/blockdb/messages.ts';

/** Two pools' pairs, bars of two widths among them; prices in dollars of two tokens. */
export function pairFilters({ cast }: Pick<BlockdbSimulator, 'cast'>): Filters {
  const pairs = cast.pools.slice(0, 2).map(({ tokens: [base, quote] }) => ({
    base_token_address: base?.address ?? '',
    quote_token_address: quote?.address ?? '',
  }));
  const [first = {}] = pairs;
  const priced = cast.tokens.slice(1, 3).map(({ address }) => ({
    base_token_address: address,
    quote_currency_code: 'USD',
  }));
  return {
    prices_spot_prints: pairs,
    prices_spot_ohlc: [...pairs, { ...first, aggregation_interval: '5m' }],
    prices_spot_vwap: pairs,
    prices_spot_vwap_fiat: priced,
  };
}

/** True for a row that one of the filters lets through, or that needs none. */
export function isFiltered(filters: Filters, dataset: BlockdbDataset, item: WireFields): boolean {
  const list = filters[dataset];
  if (list === undefined) return true;
  return list.some((filter) => {
    const isWide =
      !isBarDataset(dataset) || widthsOf(dataset, filter).includes(Number(item['bucket_seconds']));
    const tokens = [item['token_in'], item['token_out'], item['token_address']];
    const wanted = [filter['base_token_address'], filter['quote_token_address']];
    return isWide && wanted.every((token) => token === undefined || tokens.includes(token));
  });
}
