/**
 * What a node and BlockDB tell of one block are the same records: the rows of the evm source, written
 * as BlockDB writes them, become the same rows under the same event ids.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { eventId, type Origin, type Row } from '../../../../src/model/event.ts';
import { blockdbChannels } from '../../../../src/sources/blockdb/channels.ts';
import type { BlockdbDataset, WireFields } from '../../../../src/sources/blockdb/messages.ts';
import { inBlockOrder } from '../../../../src/sources/blockdb/rows/block-order.ts';
import { callsOfTracer } from '../../../../src/sources/evm/calls.ts';
import { evmChannels } from '../../../../src/sources/evm/channels.ts';
import { parseBlock, parseReceipts } from '../../../../src/sources/evm/wire.ts';
import { decodedRow, fieldList, nameOf } from '../../../support/blockdb/field-list.ts';

function fixture(name: string): unknown {
  const file = new URL(`../../../fixtures/evm/001-every-dataset/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8'));
}

const block = parseBlock(fixture('block'), 'fixture');
assert(block !== null);
const message = {
  block,
  receipts: parseReceipts(fixture('receipts'), 'fixture'),
  calls: callsOfTracer(fixture('tracer'), block),
};
const origin: Origin = {
  chain: 'eip155:31337',
  source: 'test',
  height: 16,
  blockHash: block.hash,
  blockTimeMs: block.timeMs,
  isBackfill: false,
  receivedAtUs: 1,
};

/** Columns whose field has another name. */
const fieldNames: Readonly<Record<string, string>> = {
  height: 'block_number',
  parent_hash: 'parent_block_hash',
  receipts_root: 'receipt_root',
  size_bytes: 'size',
  tx_nonce: 'nonce',
  amount: 'amount_raw',
};

/** Columns that BlockDB does not tell; null, or not there. */
const untold: Readonly<Record<string, readonly string[]>> = {
  transactions: ['cumulative_gas_used', 'log_count'],
  token_transfers: ['operator_address'],
  blocks: [
    'state_root',
    'transactions_root',
    'uncles_hash',
    'logs_bloom',
    'gas_used',
    'base_fee_per_gas_wei',
    'difficulty',
    'block_nonce',
    'mix_hash',
    'withdrawals_root',
    'blob_gas_used',
    'excess_blob_gas',
    'parent_beacon_root',
    'transaction_count',
  ],
};
const blobs = ['max_fee_per_blob_gas_wei', 'blob_gas_used', 'blob_gas_price_wei'];

/** A row as BlockDB would send it. */
function wireRow(dataset: BlockdbDataset, row: Row): WireFields {
  const listed = fieldList.find((each) => nameOf(each) === dataset);
  const fields = new Set(listed?.fields.map(({ name }) => name));
  const data: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) {
    const field = fieldNames[column] ?? column;
    if (fields.has(field)) data[field] = typeof value === 'string' ? bare(value) : value;
  }
  const time = new Date(origin.blockTimeMs).toISOString();
  data[dataset === 'blocks' ? 'timestamp_utc' : 'block_time'] = time;
  if (dataset !== 'logs') return data;
  const [topicZero, ...others] = ['topic0', 'topic1', 'topic2', 'topic3'].flatMap((column) =>
    typeof row[column] === 'string' ? [bare(row[column])] : [],
  );
  const { tx_hash: _, ...told } = data;
  return { ...told, topic_zero: topicZero ?? null, data_topics: others };
}

function bare(text: string): string {
  return text.replace(/^0x/, '');
}

/** Decoded rows by event id, without what BlockDB does not tell. */
function rowsOf(dataset: BlockdbDataset, events: Iterable<{ index: string; row: Row }>) {
  const hidden = [...(untold[dataset] ?? []), ...(dataset === 'transactions' ? blobs : [])];
  if (dataset !== 'transactions') hidden.push('tx_hash');
  return [...events].map(({ index, row }) => {
    const told = Object.entries(decodedRow(dataset, row)).filter(
      ([column]) => !hidden.includes(column.replace(/_dec$/, '')),
    );
    return [eventId(origin, { dataset, index }), Object.fromEntries(told)];
  });
}

describe('a record', () => {
  for (const dataset of Object.keys(evmChannels) as BlockdbDataset[]) {
    it(`of ${dataset} is the same from a node and from BlockDB`, () => {
      const fromNode = [...(evmChannels[dataset]?.normalize(message, origin) ?? [])];
      assert(fromNode.length > 0);
      const wire = fromNode.map(({ row }) => wireRow(dataset, row)).reverse();
      const batch = dataset === 'token_transfers' ? wire.reverse() : wire;
      const fromBlockdb = inBlockOrder(dataset, batch).flatMap((each) => [
        ...blockdbChannels[dataset].normalize(each, origin),
      ]);
      assert.deepEqual(rowsOf(dataset, fromBlockdb), rowsOf(dataset, fromNode));
    });
  }
});
