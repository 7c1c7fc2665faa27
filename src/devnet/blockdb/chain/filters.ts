/**
 * The filters of subscriptions and requests: what each accepts and which rows it lets through. Within
 * a list any value will do; all filters must agree.
 */
import type { Item, Json } from '../../simulator/json.ts';

/** What a filter's value may be. */
export type FilterKind =
  | { readonly of: 'hex'; readonly bytes: number; readonly isList: boolean }
  | { readonly of: 'number'; readonly isList: boolean }
  | { readonly of: 'boolean' }
  | { readonly of: 'word'; readonly allowed: readonly string[]; readonly isList: boolean };

/** A filter. */
export interface Filter {
  /** As it is called on the wire. */
  readonly name: string;
  readonly kind: FilterKind;
  readonly isRequired: boolean;
  /** True when the row has the value; absent: it filters nothing. */
  readonly matches?: (row: Item, value: Json) => boolean;
}

const addresses: FilterKind = { of: 'hex', bytes: 20, isList: true };
const address: FilterKind = { of: 'hex', bytes: 20, isList: false };
const hashes: FilterKind = { of: 'hex', bytes: 32, isList: true };
const numbers: FilterKind = { of: 'number', isList: true };
const flag: FilterKind = { of: 'boolean' };

/** Names of transfer types in the order of their numbers. */
export const transferTypes: readonly string[] = [
  'native_tx',
  'native_internal',
  'erc20',
  'erc721',
  'erc1155',
];

/** Seconds of the intervals that a subscription to OHLC can ask for. */
export const intervalSeconds: Readonly<Record<string, number>> = {
  '1m': 60,
  '5m': 300,
  '1h': 3600,
  '1d': 86_400,
};

const callTypes = ['CALL', 'DELEGATECALL', 'STATICCALL', 'CREATE', 'CREATE2'];

type Known = Omit<Filter, 'name' | 'isRequired'> & { readonly name?: string };

const isAmong =
  (...members: readonly string[]) =>
  (row: Item, value: Json): boolean =>
    members.some((member) => row[member] === value);
const isContract = (row: Item, value: Json): boolean =>
  typeof row['contract_id'] === 'string' && row['contract_id'].startsWith(String(value));
const isTransferType = (row: Item, value: Json): boolean =>
  row['transfer_type'] === value || row['transfer_type'] === transferTypes.indexOf(String(value));

const known: Readonly<Record<string, Known>> = {
  block_numbers: { kind: numbers, matches: isAmong('block_number') },
  block_hashes: { kind: hashes, matches: isAmong('block_hash') },
  tx_hashes: { kind: hashes, matches: isAmong('tx_hash') },
  tx_types: { kind: numbers, matches: isAmong('tx_type') },
  from_addresses: { kind: addresses, matches: isAmong('from_address') },
  from_address: { kind: address, matches: isAmong('from_address') },
  to_addresses: { kind: addresses, matches: isAmong('to_address') },
  to_address: { kind: address, matches: isAmong('to_address') },
  created_contract_addresses: { kind: addresses, matches: isAmong('created_contract_address') },
  status_success: { kind: flag, matches: isAmong('status_success') },
  tx_success: { kind: flag, matches: isAmong('tx_success') },
  contract_addresses: {
    kind: addresses,
    matches: (row, value) => row['contract_address'] === value || isContract(row, value),
  },
  contract_address: { kind: address, matches: isAmong('contract_address') },
  address: { kind: address, matches: isAmong('contract_address') },
  topic_zeros: { kind: hashes, matches: isAmong('topic_zero') },
  call_types: {
    kind: { of: 'word', allowed: callTypes, isList: true },
    matches: isAmong('call_type'),
  },
  signature_hashes: {
    kind: { of: 'hex', bytes: 4, isList: true },
    matches: isAmong('signature_hash'),
  },
  latest_only: { kind: flag },
  exchange_ids: { kind: numbers, matches: isAmong('exchange_id') },
  pool_type_ids: { kind: numbers, matches: isAmong('type_id') },
  pool_uids: { kind: hashes, matches: isAmong('pool_uid') },
  pool_ids: { kind: hashes, matches: isAmong('pool_id') },
  pool_addresses: {
    kind: addresses,
    matches: (row, value) => String(row['pool_uid']).startsWith(String(value)),
  },
  include_details: { kind: flag },
  include_adjusted_amounts: { kind: flag },
  base_token_address: { kind: address, matches: isAmong('token_in', 'token_out') },
  quote_token_address: { kind: address, matches: isAmong('token_in', 'token_out') },
  priced_token_address: {
    name: 'base_token_address',
    kind: address,
    matches: isAmong('token_address'),
  },
  // A bar in dollars tells neither pool nor exchange: these are accepted and filter nothing.
  priced_exchange_ids: { name: 'exchange_ids', kind: numbers },
  priced_pool_uids: { name: 'pool_uids', kind: hashes },
  quote_currency_code: { kind: { of: 'word', allowed: ['USD'], isList: false } },
  token_in_addresses: { kind: addresses, matches: isAmong('token_in') },
  token_out_addresses: { kind: addresses, matches: isAmong('token_out') },
  fee_token_addresses: { kind: addresses, matches: isAmong('fee_token') },
  token_addresses: { kind: addresses, matches: isAmong('token_address') },
  borrowed_token_addresses: {
    name: 'token_addresses',
    kind: addresses,
    matches: isAmong('token'),
  },
  token_address: { kind: address, matches: isAmong('token_address') },
  transfer_types: {
    kind: { of: 'word', allowed: transferTypes, isList: true },
    matches: isTransferType,
  },
  transfer_type: { kind: numbers, matches: isTransferType },
  flash_loan_source_addresses: { kind: addresses, matches: isAmong('flash_loan_source') },
  aggregation_interval: {
    kind: { of: 'word', allowed: Object.keys(intervalSeconds), isList: false },
    matches: (row, value) => row['bucket_seconds'] === intervalSeconds[String(value)],
  },
  target_period_days: {
    kind: { of: 'number', isList: false },
    matches: isAmong('target_period_days'),
  },
  require_full_period: {
    kind: flag,
    matches: (row, value) => value === false || row['is_full_period'] === true,
  },
  path_ids: { kind: hashes, matches: isAmong('path_id') },
  is_active: { kind: flag, matches: isAmong('is_active') },
};

/** Filters by their names on the wire; `!` behind a name makes it required. */
export function filters(names: readonly string[]): Readonly<Record<string, Filter>> {
  const entries = names.map((text) => {
    const id = text.replace('!', '');
    const filter = known[id];
    if (filter === undefined) throw new RangeError(`There is no filter ${id}.`);
    const name = filter.name ?? id;
    return [name, { ...filter, name, isRequired: text.endsWith('!') }] as const;
  });
  return Object.fromEntries(entries);
}

/** True when the row passes every filter that has a value. */
export function passes(row: Item, known: Readonly<Record<string, Filter>>, given: Item): boolean {
  return Object.entries(given).every(([name, value]) => {
    const matches = known[name]?.matches;
    if (matches === undefined || value === undefined) return true;
    const values: readonly Json[] = Array.isArray(value) ? value : [value];
    return values.some((one) => matches(row, one));
  });
}
