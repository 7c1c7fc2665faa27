/** The 24 datasets: identity, members, place, filters of the stream and selectors of REST. */
import { type Filter, filters } from './filters.ts';
import { memberTexts } from './members.ts';

/** Ids of the stream list; the wire may use others. */
export type DatasetId = keyof typeof memberTexts;

/** Where a member was seen; see `members.ts`. */
export type Seen = 'stream' | 'rest' | 'legacy' | 'asked';

/** A member of a row. */
export interface Member {
  readonly name: string;
  readonly seen: Seen;
}

/** A dataset. */
export interface Dataset {
  readonly id: DatasetId;
  readonly members: readonly Member[];
  /** Members that tell a row from all others of the dataset. */
  readonly key: readonly string[];
  /** Bars are sent again as they change and belong to a bucket of time, not to a block. */
  readonly isBar: boolean;
  readonly heightMember: string;
  readonly timeMember: string;
  /** By parameter of a subscription. */
  readonly streamFilters: Readonly<Record<string, Filter>>;
  /** By member of a request's body; those that stand for a range are in `selectors`. */
  readonly restFilters: Readonly<Record<string, Filter>>;
  /** Filters of REST that may take the place of a range. */
  readonly selectors: readonly string[];
  /** Below `/v1`, newest first. */
  readonly restPaths: readonly string[];
  /** Other ids: of the newest pages and of the oldest; null = it did not exist. */
  readonly idNewest?: string;
  readonly idOldest?: string | null;
}

interface Definition {
  readonly key: string;
  readonly stream: string;
  readonly rest: string;
  readonly selectors?: string;
  readonly paths: string;
  readonly idNewest?: string;
  readonly idOldest?: string | null;
}

const position = 'block_number tx_index log_index';
const poolFilters = 'pool_uids pool_addresses pool_ids exchange_ids pool_type_ids';
const pair = 'base_token_address! quote_token_address!';

const definitions: Readonly<Record<DatasetId, Definition>> = {
  '0101': {
    key: 'block_number',
    stream: '',
    rest: 'block_numbers block_hashes',
    selectors: 'block_numbers block_hashes',
    paths: '/evm/raw/blocks /evm/blocks',
  },
  '0102': {
    key: 'block_number tx_index',
    stream: 'from_addresses to_addresses status_success',
    rest: 'block_numbers tx_hashes from_addresses to_addresses created_contract_addresses status_success tx_types',
    selectors: 'block_numbers tx_hashes',
    paths: '/evm/raw/transactions',
  },
  '0103': {
    key: position,
    stream: 'contract_addresses topic_zeros',
    rest: 'contract_addresses topic_zeros',
    paths: '/evm/raw/logs',
  },
  '0111': {
    key: 'block_number tx_index trace_address',
    stream: 'from_addresses to_addresses call_types',
    rest: 'block_numbers tx_hashes from_address to_address call_types tx_success',
    selectors: 'block_numbers tx_hashes',
    paths: '/evm/raw/internal-transactions',
  },
  '0121': {
    key: 'contract_id',
    stream: 'contract_addresses',
    rest: 'contract_addresses block_numbers',
    selectors: 'contract_addresses block_numbers',
    paths: '/evm/raw/contracts',
    idOldest: '0104',
  },
  '0122': {
    key: 'contract_id block_number call_data',
    stream: 'contract_addresses signature_hashes',
    rest: 'contract_addresses signature_hashes latest_only',
    paths: '/evm/raw/function-results',
    idOldest: '0105',
  },
  '0201': {
    key: 'contract_id block_number',
    stream: 'address contract_address',
    rest: 'contract_address',
    selectors: 'contract_address',
    paths: '/evm/entities/tokens/erc20 /evm/tokens/erc20',
  },
  '0202': {
    key: 'contract_id block_number',
    stream: 'contract_address',
    rest: 'contract_address',
    selectors: 'contract_address',
    paths: '/evm/entities/tokens/erc721 /evm/tokens/erc721',
  },
  '0203': {
    key: 'contract_id block_number',
    stream: 'contract_address',
    rest: 'contract_address',
    selectors: 'contract_address',
    paths: '/evm/entities/tokens/erc1155 /evm/tokens/erc1155',
    idOldest: null,
  },
  '0211': {
    key: 'pool_uid',
    stream: 'exchange_ids pool_type_ids',
    rest: 'contract_address pool_uids exchange_ids pool_type_ids',
    selectors: 'contract_address pool_uids',
    paths: '/evm/entities/pools /evm/pools',
    idOldest: '0203',
  },
  '0212': {
    key: `pool_uid ${position}`,
    stream: 'pool_uids exchange_ids',
    rest: poolFilters,
    paths: '/evm/entities/pools/fee-terms /evm/pools/fee-terms',
    idOldest: '0204',
  },
  '0301': {
    key: `pool_uid ${position}`,
    stream: 'pool_uids include_details',
    rest: `${poolFilters} include_adjusted_amounts`,
    paths: '/evm/reserves',
  },
  '0302': {
    key: `pool_uid token_in token_out ${position}`,
    stream: pair,
    rest: 'base_token_address quote_token_address exchange_ids pool_uids',
    paths: '/evm/prices/spot/crypto/prints',
  },
  '0303': {
    key: `pool_uid token_in token_out ${position}`,
    stream: 'pool_uids token_in_addresses',
    rest: `${poolFilters} token_in_addresses token_out_addresses fee_token_addresses`,
    paths: '/evm/swaps/fees',
  },
  '0304': {
    key: 'block_number tx_index transfer_type log_index trace_address token_id',
    stream: 'from_addresses to_addresses token_addresses transfer_types',
    rest: 'from_address to_address token_address transfer_type',
    paths: '/evm/transfers/token-transfers',
  },
  '0305': {
    key: `${position} token`,
    stream: 'pool_uids flash_loan_source_addresses borrowed_token_addresses',
    rest: 'pool_uids flash_loan_source_addresses borrowed_token_addresses',
    paths: '/evm/flash-loans/prints',
  },
  '0404': {
    key: 'pool_uid token_in token_out bucket_start bucket_seconds',
    stream: `${pair} aggregation_interval`,
    rest: 'base_token_address quote_token_address',
    paths: '/evm/prices/spot/crypto/ohlc',
    idOldest: '0403',
  },
  '0405': {
    key: 'bucket_start bucket_seconds pool_uid token_in token_out',
    stream: pair,
    rest: 'base_token_address quote_token_address',
    paths: '/evm/prices/spot/crypto/vwap',
    idOldest: '0501',
  },
  '0411': {
    key: `pool_uid target_period_days ${position}`,
    stream: 'target_period_days pool_uids',
    rest: 'target_period_days pool_uids require_full_period',
    paths: '/evm/yields',
  },
  '0501': {
    key: 'token_address bucket_start bucket_seconds',
    stream: 'priced_token_address! quote_currency_code!',
    rest: 'priced_token_address quote_currency_code priced_exchange_ids priced_pool_uids',
    paths: '/evm/prices/spot/fiat/vwap',
    idNewest: '0605',
    idOldest: '0602',
  },
  '0601': {
    key: `pool_uid ${position}`,
    stream: 'pool_uids',
    rest: 'pool_uids',
    paths: '/evm/tvl',
    idNewest: '0701',
  },
  '0701': {
    key: 'path_id',
    stream: 'path_ids',
    rest: 'path_ids',
    selectors: 'path_ids',
    paths: '/evm/arb/paths',
    idNewest: '0801',
  },
  '0702': {
    key: `path_id ${position}`,
    stream: 'path_ids',
    rest: 'path_ids is_active',
    paths: '/evm/arb/path-status',
    idNewest: '0802',
  },
  '0801': {
    key: `path_id is_reversed ${position}`,
    stream: 'path_ids',
    rest: 'path_ids',
    paths: '/evm/arb/opportunities',
    idNewest: '0901',
  },
};

const bars: ReadonlySet<string> = new Set(['0404', '0405', '0501']);

/** By id of the stream list, in the order of their numbers. */
export const datasets: ReadonlyMap<DatasetId, Dataset> = new Map(
  (Object.keys(definitions) as DatasetId[]).sort().map((id) => [id, datasetOf(id)]),
);

/** All ids of the stream list, in the order of their numbers. */
export const datasetIds: readonly DatasetId[] = [...datasets.keys()];

/** The dataset of an id. */
export function datasetNamed(id: DatasetId): Dataset {
  const dataset = datasets.get(id);
  if (dataset === undefined) throw new RangeError(`There is no dataset ${id}.`);
  return dataset;
}

function datasetOf(id: DatasetId): Dataset {
  const { key, stream, rest, selectors = '', paths, ...ids } = definitions[id];
  return {
    id,
    members: words(memberTexts[id]).map(memberOf),
    key: words(key),
    isBar: bars.has(id),
    heightMember: bars.has(id) ? 'last_block_number' : 'block_number',
    timeMember: id === '0101' ? 'timestamp_utc' : bars.has(id) ? 'bucket_start' : 'block_time',
    streamFilters: filters(words(stream)),
    restFilters: filters(words(rest)),
    selectors: words(selectors),
    restPaths: words(paths),
    ...ids,
  };
}

function memberOf(text: string): Member {
  const [name = '', seen = 'stream'] = text.split(':');
  return { name, seen: seen as Seen };
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}
