/** Tokens and liquidity pools, and the fees that pools ask. */
import { parents, place, tableOf } from './table.ts';

const recognised = `
contract_id hex!
contract_address hex:20!
block_number height!
block_time block_time
tx_index long!
name text
symbol text`;

/** BlockDB's pool, and which exchange and archetype it is of. */
export const pool = `
pool_uid hex:32!
exchange_id long
type_id long`;

export const entities = {
  tokens_erc20: tableOf({
    dataset: 'tokens_erc20',
    id: '0201',
    params: `
contract_address hex:20
address hex:20 contract_address`,
    restPaths: ['/evm/entities/tokens/erc20', '/evm/tokens/erc20'],
    keys: ['contract_id tx_index'],
    order: 'tx_index',
    index: 'contract_id tx_index',
    members: `${recognised}
decimals long
address hex:20 contract_address
log_index long legacy${parents}`,
  }),
  tokens_erc721: tableOf({
    dataset: 'tokens_erc721',
    id: '0202',
    params: `
contract_address hex:20`,
    restPaths: ['/evm/entities/tokens/erc721', '/evm/tokens/erc721'],
    keys: ['contract_id tx_index'],
    order: 'tx_index',
    index: 'contract_id tx_index',
    members: `${recognised}
token_uri text
supports_metadata flag
supports_enumerable flag${parents}`,
  }),
  tokens_erc1155: tableOf({
    dataset: 'tokens_erc1155',
    id: '0203',
    params: `
contract_address hex:20`,
    restPaths: ['/evm/entities/tokens/erc1155', '/evm/tokens/erc1155'],
    keys: ['contract_id tx_index'],
    order: 'tx_index',
    index: 'contract_id tx_index',
    members: `${recognised}
decimals long
uri text
supports_metadata_uri flag${parents}`,
  }),
  pools: tableOf({
    dataset: 'pools',
    id: '0211',
    aliases: [{ id: '0203', collides: true }],
    params: `
exchange_ids long[]
pool_type_ids long[]`,
    restPaths: ['/evm/entities/pools', '/evm/pools'],
    keys: ['pool_uid'],
    order: 'tx_index log_index',
    index: 'pool_uid',
    members: `${pool}${place}
factory hex:20
tokens hex[]:20
contract_id hex
contract_address hex:20
pool_id hex:32
pairnum long
asset_managers hex[]:20
amp numeric
weights numeric[]
tick_spacing long${parents}`,
  }),
  fee_terms: tableOf({
    dataset: 'fee_terms',
    id: '0212',
    aliases: [{ id: '0204', collides: false }],
    params: `
pool_uids hex[]:32
exchange_ids long[]`,
    restPaths: ['/evm/entities/pools/fee-terms', '/evm/pools/fee-terms'],
    keys: ['pool_uid tx_index log_index'],
    order: 'tx_index log_index',
    index: 'pool_uid tx_index log_index',
    members: `${pool}${place}
total_fee numeric
user_fee numeric
protocol_fee numeric
extra_fee numeric${parents}`,
  }),
};
