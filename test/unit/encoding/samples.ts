/** One true-to-life row per dataset, and an encoder with fixed ids around them. */
import {
  ChangelogEncoder,
  type ChangelogEncoderOptions,
} from '../../../src/encoding/changelog-encoder.ts';
import { loadDataset } from '../../../src/encoding/dataset.ts';
import { PartitionTable } from '../../../src/encoding/partition-table.ts';
import type { Route } from '../../../src/encoding/route.ts';
import type { Event, Origin, Reorg, Row } from '../../../src/model/event.ts';

const hash = (digit: string) => `0x${digit.repeat(64)}`;
const address = (digit: string) => `0x${digit.repeat(40)}`;
const uint256Max = (2n ** 256n - 1n).toString();

export const datasetNames = [
  'blocks',
  'contracts',
  'internal_transactions',
  'logs',
  'token_transfers',
  'transactions',
] as const;

export type DatasetName = (typeof datasetNames)[number];

export const origin: Origin = {
  chain: 'eip155:1',
  source: 'mainnet',
  height: 20_000_000,
  blockHash: hash('a'),
  blockTimeMs: 1_700_000_000_000,
  isBackfill: false,
  receivedAtUs: 1_700_000_000_123_456,
};

export const publishedAtUs = 1_700_000_000_130_789;

export const reorg: Reorg = {
  id: `eip155:1/${hash('a')}/1`,
  depth: 2,
  commonAncestorHeight: 19_999_999,
  commonAncestorHash: hash('9'),
  reason: 'parent hash',
};

const basics = {
  chain: origin.chain,
  height: origin.height,
  block_hash: origin.blockHash,
  block_time: origin.blockTimeMs,
};

export const rows: Readonly<Record<DatasetName, Row>> = {
  blocks: {
    ...basics,
    parent_hash: hash('9'),
    miner: address('1'),
    logs_bloom: `0x${'0'.repeat(512)}`,
    gas_limit: '30000000',
    gas_used: 9_000_000_000,
    base_fee_per_gas_wei: '12345678901',
    difficulty: '0',
    extra_data: '0x',
    size_bytes: 98_211,
    transaction_count: 3,
  },
  contracts: {
    ...basics,
    contract_id: `${address('c')}01312d000002`,
    contract_address: address('c'),
    tx_index: 2,
    trace_address: '0.1',
    creator_address: address('1'),
    creation_call_type: 'CREATE2',
  },
  internal_transactions: {
    ...basics,
    tx_index: 2,
    trace_address: '0.1',
    call_type: 'CALL',
    from_address: address('1'),
    to_address: address('2'),
    value_wei: '1000000000000000000',
    gas: '30000',
    error: 'reverted: "straße" 🪙',
    tx_success: false,
  },
  logs: {
    ...basics,
    tx_hash: hash('b'),
    tx_index: 2,
    log_index: 12,
    contract_address: address('c'),
    topic0: hash('d'),
    topic1: null,
    data: '0x00',
  },
  token_transfers: {
    ...basics,
    tx_hash: hash('b'),
    tx_index: 2,
    log_index: 12,
    transfer_ref: 'log/12/0',
    transfer_type: 'erc20',
    token_address: address('c'),
    from_address: address('1'),
    to_address: address('2'),
    amount: uint256Max,
  },
  transactions: {
    ...basics,
    tx_hash: hash('b'),
    tx_index: 2,
    from_address: address('1'),
    to_address: address('2'),
    tx_nonce: 7,
    value_wei: '99999999999999999999999999999999999999',
    gas_limit: '30000',
    gas_used: 21_000,
    effective_gas_price_wei: '1250000000',
    tx_type: 2,
    status_success: true,
    trace_failed: null,
    input: '0xa9059cbb',
    log_count: 1,
  },
};

export function eventOf(dataset: DatasetName, row: Row = rows[dataset]): Event {
  return { dataset, index: '12', row, timeMs: origin.blockTimeMs };
}

export function topicOf(dataset: DatasetName, envelope: 'flat' | 'debezium'): string {
  return `ommer.eip155-1.${dataset}${envelope === 'flat' ? '' : '.debezium'}`;
}

export function routeOf(
  name: DatasetName,
  envelope: 'flat' | 'debezium',
  changes: Partial<Route> = {},
): Route {
  const dataset = loadDataset(`evm/${name}`);
  const topic = topicOf(name, envelope);
  return { dataset, topic, envelope, routing: dataset.routing, timestamps: 'event', ...changes };
}

/** Key id 1, value id 2 on every topic, six partitions, unless told otherwise. */
export function encoderOf(
  routes: readonly Route[],
  changes: Partial<ChangelogEncoderOptions> = {},
): ChangelogEncoder {
  const topics = routes.map((route) => route.topic);
  return new ChangelogEncoder({
    source: 'mainnet',
    chain: origin.chain,
    connector: 'evm',
    version: '0.1.0',
    routes,
    schemaIds: new Map(topics.map((topic, index) => [topic, { key: 1, value: 2 + index }])),
    partitions: new PartitionTable({
      counts: topics.map((topic) => ({ topic, fromHeight: 0, partitions: 6 })),
      pinned: new Map(),
    }),
    schemaById: (id) => Promise.reject(new Error(`nobody registered ${id}`)),
    ...changes,
  });
}
