/** Rows of BlockDB become exactly the rows of their schemas, and what is no row is refused. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BlockdbDataset, WireFields } from '../../../../src/sources/blockdb/messages.ts';
import {
  decodedRow,
  eventOf,
  exampleOf,
  fieldList,
  fieldListFile,
  nameOf,
} from '../../../support/blockdb/field-list.ts';

/** Without nulls and the decimals that the encoder derives. */
function shown(row: Readonly<Record<string, unknown>>): unknown {
  const held = Object.entries(row).filter(
    ([name, value]) => value !== null && !name.endsWith('_dec'),
  );
  return Object.fromEntries(held);
}

describe('rows', () => {
  it('of the examples are as expected, through Avro', () => {
    const rows = fieldList.map((listed) => {
      const dataset = nameOf(listed);
      const { index, row, tracingId } = eventOf(dataset, listed.example);
      return { dataset, index, tracingId, row: shown(decodedRow(dataset, row)) };
    });
    assert.deepEqual(rows, fieldListFile('rows.json'));
  });

  it('keep members that nobody knows, but for those of BlockDB’s own bookkeeping', () => {
    const unknown = { z_new: [9007199254740993n, 'größe'], a_new: { b: 1, a: null }, gone: null };
    const { row } = eventOf('logs', { ...exampleOf('logs'), ...unknown, _ingested_by: 'node-7' });
    const details = '{"a_new":{"a":null,"b":1},"z_new":[9007199254740993,"größe"]}';
    assert.equal(decodedRow('logs', row)['details'], details);
  });

  it('have the column of two names from the newer one, where both are there', () => {
    const contract_address = `0x${'ab'.repeat(20)}`;
    const both = { contract_address, address: `0x${'cd'.repeat(20)}` };
    for (const dataset of ['contracts', 'tokens_erc20'] as const) {
      const { row } = eventOf(dataset, { ...exampleOf(dataset), ...both });
      assert.equal(row['contract_address'], contract_address);
    }
  });

  it('have an amount that is not known among those that are', () => {
    const { row } = eventOf('tvl_usd', { ...exampleOf('tvl_usd'), token_amounts: ['1.50', null] });
    assert.deepEqual(decodedRow('tvl_usd', row)['token_amounts'], ['1.5', null]);
  });

  it('have null where bytes of some length are none, however that is written', () => {
    for (const none of ['', '0x', null, undefined]) {
      const { row } = eventOf('transactions', { ...exampleOf('transactions'), to_address: none });
      assert.equal(row['to_address'], null);
      const { row: log } = eventOf('logs', { ...exampleOf('logs'), topic_zero: none, data: none });
      assert.deepEqual(
        [log['topic0'], log['data']],
        [null, none ? '0x' : none === '' ? '0x' : null],
      );
    }
  });

  it('are refused with dataset, member, value and expectation', () => {
    const bad: readonly [BlockdbDataset, WireFields, RegExp][] = [
      [
        'logs',
        { log_index: undefined },
        /"log_index" of a BlockDB row of logs is missing, expected a whole number within 2\^53, which is required/,
      ],
      ['logs', { tx_index: 1.5 }, /"tx_index" .* is 1\.5, expected a whole number/],
      [
        'logs',
        { contract_address: 'abc' },
        /"contract_address" .* is "abc", expected hex of 20 bytes/,
      ],
      ['logs', { contract_address: '' }, /"contract_address" .* which is required/],
      ['logs', { chain_id: 56 }, /"chain_id" .* is 56, expected the id of eip155:1\./],
      ['logs', { data: '0xabc' }, /"data" .* expected hex of whole bytes/],
      ['logs', { data_topics: ['00'] }, /"data_topics" .* is \[00\], expected a list of hex of 32/],
      [
        'logs',
        { data_topics: Array.from({ length: 4 }, () => '00'.repeat(32)) },
        /at most 3 items/,
      ],
      ['logs', { block_number: 7 }, /"block_number" .* is 7, expected 21000500, the height/],
      ['logs', { block_hash: '00'.repeat(32) }, /"block_hash" .* the hash of its block/],
      ['arb_paths', { pool_uids: [null] }, /"pool_uids" .* a list of hex of 32 bytes/],
      ['arb_paths', { chain_id: 10 }, /"chain_id" .* is 10, expected the id of eip155:1/],
      [
        'token_transfers',
        { amount_raw: '1.5' },
        /"amount_raw" .* is "1.5", expected a whole number/,
      ],
      ['token_transfers', { amount_raw: '-1' }, /"amount_raw"/],
      [
        'token_transfers',
        { transfer_type: 9 },
        /"transfer_type" .* is 9, expected a transfer type/,
      ],
      ['prices_spot_prints', { exec_price: 'NaN' }, /"exec_price" .* expected a decimal number/],
      [
        'prices_spot_ohlc',
        { bucket_start: '2026-01-15T10:20:00' },
        /"bucket_start" .* with its zone/,
      ],
      ['transactions', { status_success: 'true' }, /"status_success" .* expected true or false/],
      ['arb_paths', { tvl_usd: '1' }, /row of the dataset arb_paths has the members of tvl_usd/],
    ];
    for (const [dataset, change, message] of bad) {
      assert.throws(() => eventOf(dataset, { ...exampleOf(dataset), ...change }), {
        code: 'row.invalid',
        message,
      });
    }
  });
});
