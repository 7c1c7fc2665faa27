/** One block, read from a node and told by BlockDB: the rows of `schemas/evm` are the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { blockFromEvm } from '../../../../src/devnet/blockdb/chain/from-evm.ts';
import { BlockdbSimulator } from '../../../../src/devnet/blockdb/simulator.ts';
import type { Row } from '../../../../src/model/event.ts';
import { blockdbChannels } from '../../../../src/sources/blockdb/channels.ts';
import { inBlockOrder } from '../../../../src/sources/blockdb/rows/block-order.ts';
import { callsOfTracer } from '../../../../src/sources/evm/calls.ts';
import { evmChannels } from '../../../../src/sources/evm/channels.ts';
import { parseBlock, parseReceipts } from '../../../../src/sources/evm/wire.ts';

const fixture = (name: string): unknown =>
  JSON.parse(
    readFileSync(
      new URL(`../../../fixtures/evm/001-every-dataset/${name}.json`, import.meta.url),
      'utf8',
    ),
  );

const block = parseBlock(fixture('block'), 'fixture');
assert(block !== null);
const origin = {
  chain: 'eip155:1',
  source: 'test',
  height: block.height,
  blockHash: block.hash,
  blockTimeMs: block.timeMs,
  isBackfill: false,
  receivedAtUs: 1,
};
const message = {
  block,
  receipts: parseReceipts(fixture('receipts'), 'fixture'),
  calls: callsOfTracer(fixture('tracer'), block),
};
const simulator = new BlockdbSimulator({ historyBlocks: 0 });
simulator.add(
  blockFromEvm(
    { block: fixture('block'), receipts: fixture('receipts'), traces: fixture('tracer') },
    simulator.chainId,
  ),
);

const shared = {
  '0101': 'blocks',
  '0102': 'transactions',
  '0103': 'logs',
  '0111': 'internal_transactions',
  '0121': 'contracts',
  '0304': 'token_transfers',
} as const;

/** Columns that BlockDB does not tell. */
const untold: Readonly<Record<string, readonly string[]>> = {
  blocks: [
    'base_fee_per_gas_wei',
    'blob_gas_used',
    'block_nonce',
    'difficulty',
    'excess_blob_gas',
    'gas_used',
    'logs_bloom',
    'mix_hash',
    'parent_beacon_root',
    'state_root',
    'transaction_count',
    'transactions_root',
    'uncles_hash',
    'withdrawals_root',
  ],
  transactions: [
    'blob_gas_price_wei',
    'blob_gas_used',
    'cumulative_gas_used',
    'log_count',
    'max_fee_per_blob_gas_wei',
  ],
  logs: ['tx_hash'],
  internal_transactions: ['tx_hash'],
  contracts: ['tx_hash'],
  token_transfers: ['operator_address', 'tx_hash'],
};

/** Rows with the index of their event, which makes their ids. */
function rowsOfNode(dataset: string): Row[] {
  const channel = evmChannels[dataset];
  assert(channel !== undefined);
  return [...channel.normalize(message, origin)].map(({ index, row }) => ({ ...row, index }));
}

function rowsOfBlockdb(id: keyof typeof shared): Row[] {
  const dataset = shared[id];
  const rows = inBlockOrder(dataset, simulator.canonical()[id]).flatMap((row) => [
    ...blockdbChannels[dataset].normalize(row, origin),
  ]);
  // A node's logs do not tell of the native coin.
  return rows
    .map(({ index, row }): Row => ({ ...row, index }))
    .filter((row) => !String(row['transfer_type']).startsWith('native'));
}

describe('a block read from a node and told by BlockDB', () => {
  for (const [id, dataset] of Object.entries(shared)) {
    it(`has the same ${dataset}, but for columns that BlockDB does not tell`, () => {
      const node = rowsOfNode(dataset);
      const told = rowsOfBlockdb(id as keyof typeof shared);
      assert.ok(node.length > 0);
      const missing = new Set<string>();
      const filled = node.map((row, n) => {
        const columns = Object.entries(row).map(([name, value]) => {
          const other = told[n]?.[name] ?? null;
          if (value !== null && other === null) missing.add(name);
          return [name, other === null ? value : other];
        });
        return Object.fromEntries(columns);
      });
      assert.deepEqual(filled, node);
      assert.equal(told.length, node.length);
      assert.deepEqual([...missing].sort(), untold[dataset]);
    });
  }
});
