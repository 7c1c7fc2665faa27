/** The rows of a block: columns exactly as the schemas have them, values exact. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Event, Row } from '../../../../src/model/event.ts';
import { callsOfTraceBlock, callsOfTracer } from '../../../../src/sources/evm/calls.ts';
import { evmChannels, needsOf } from '../../../../src/sources/evm/channels.ts';
import type { EvmMessage, TransactionCalls } from '../../../../src/sources/evm/messages.ts';
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
const receipts = parseReceipts(fixture('receipts'), 'fixture');
const tracer = callsOfTracer(fixture('tracer'), block);
const word = (digits: string): string => `0x${digits.padStart(64, '0')}`;
const address = (digits: string): string => `0x${digits.padStart(40, '0')}`;

function message(calls: readonly TransactionCalls[] | null = tracer): EvmMessage {
  assert(block !== null);
  return { block, receipts, calls };
}

function events(dataset: string, of: EvmMessage = message()): Event[] {
  const channel = evmChannels[dataset];
  assert(channel !== undefined);
  if (!channel.accepts(of)) return [];
  const origin = {
    chain: 'eip155:31337',
    source: 'test',
    height: 16,
    blockHash: of.block.hash,
    blockTimeMs: of.block.timeMs,
    isBackfill: false,
    receivedAtUs: 1,
  };
  return [...channel.normalize(of, origin)];
}

const rows = (dataset: string, of?: EvmMessage): Row[] => events(dataset, of).map(({ row }) => row);

/** Some columns of each row. */
function columns(list: readonly Row[], ...names: readonly string[]): unknown[][] {
  return list.map((row) => names.map((name) => row[name]));
}

/** A node does not tell them: they take their default, null. */
const onlyOfBlockdb = ['amount_adjusted', 'details'];

describe('every dataset', () => {
  for (const dataset of Object.keys(evmChannels)) {
    it(`${dataset} has rows with exactly the columns of its schema`, () => {
      const path = new URL(`../../../../schemas/evm/${dataset}.avsc`, import.meta.url);
      const schema = JSON.parse(readFileSync(path, 'utf8')) as { fields: { name: string }[] };
      // The decimal twins of amounts are made by encoding.
      const names = schema.fields.map(({ name }) => name);
      const told = names.filter((name) => !onlyOfBlockdb.includes(name));
      const expected = told.filter((name) => !name.endsWith('_dec')).sort();
      const list = rows(dataset);
      assert(list.length > 0);
      for (const row of list) assert.deepEqual(Object.keys(row).sort(), expected);
    });

    it(`${dataset} gives each event an index of its own, and the time of the block`, () => {
      const list = events(dataset);
      assert.equal(new Set(list.map(({ index }) => index)).size, list.length);
      assert(list.every(({ timeMs }) => timeMs === 1_700_000_000_000));
    });
  }
});

describe('blocks', () => {
  it('carry the header', () => {
    assert.deepEqual(
      columns(rows('blocks'), 'height', 'parent_hash', 'base_fee_per_gas_wei', 'transaction_count'),
      [[16, word('aaaa'), '1000000000', 4]],
    );
  });
});

describe('transactions', () => {
  it('carry exact amounts, the receipt and types of other layers', () => {
    const names = ['tx_nonce', 'value_wei', 'tx_type', 'status_success', 'gas_used', 'log_count'];
    assert.deepEqual(columns(rows('transactions'), ...names), [
      [5, '1000000000000000000', 2, true, 21000, 0],
      [6, '0', 0, true, 21000, 6],
      [7, '0', 126, false, 21000, 0],
      [8, '0', 3, true, 21000, 0],
    ]);
  });

  it('have a blob gas price only with blobs', () => {
    assert.deepEqual(
      columns(rows('transactions'), 'blob_gas_used', 'blob_gas_price_wei').slice(2),
      [
        [null, null],
        [131072, '1'],
      ],
    );
  });

  it('name the contract that they create', () => {
    assert.deepEqual(columns(rows('transactions'), 'to_address', 'created_contract_address')[3], [
      null,
      address('d0'),
    ]);
  });

  it('say when their trace could not be made', () => {
    const calls = tracer.map((own, index) => (index === 1 ? null : own));
    const flags = (of: EvmMessage) => columns(rows('transactions', of), 'trace_failed').flat();
    assert.deepEqual(flags(message(calls)), [false, true, false, false]);
    assert.deepEqual(flags(message(null)), [null, null, null, null]);
  });

  it('are refused, naming transaction and field, when a value is no number', () => {
    const [first, ...others] = block?.transactions ?? [];
    assert(block !== null && first !== undefined);
    const broken = { ...block, transactions: [{ ...first, value: '0xzz' }, ...others] };
    assert.throws(() => rows('transactions', { ...message(), block: broken }), {
      code: 'row.invalid',
      message: /"value" of 0x0+71 is "0xzz"/,
    });
  });
});

describe('logs', () => {
  it('have up to four topics, and null for those that are missing', () => {
    const list = columns(rows('logs'), 'log_index', 'topic0', 'topic3', 'data');
    assert.deepEqual(list[4], [4, null, null, '0xdead']);
    assert.deepEqual(list[1]?.slice(2), [word('4d'), '0x']);
  });
});

describe('internal transactions', () => {
  it('are the frames below the top call, depth first', () => {
    const names = ['tx_index', 'trace_address', 'call_type', 'value_wei', 'error', 'output'];
    assert.deepEqual(columns(rows('internal_transactions'), ...names), [
      [1, '0', 'STATICCALL', null, null, '0x02'],
      [1, '1', 'CALL', '5', 'execution reverted', null],
      [1, '1.0', 'CREATE', '0', null, '0x60'],
      [3, '0', 'CREATE2', '1', null, '0x61'],
      [3, '1', 'SELFDESTRUCT', '2', null, null],
    ]);
  });

  it('are the same from both trace methods', () => {
    assert(block !== null);
    const flat = message(callsOfTraceBlock(fixture('flat'), block));
    for (const dataset of ['internal_transactions', 'contracts', 'transactions']) {
      assert.deepEqual(rows(dataset, flat), rows(dataset));
    }
  });
});

describe('contracts', () => {
  const id = (of: string, txIndex: string) => `${address(of)}00000010${txIndex}`;

  it('are those that came into being, not those of reverted frames', () => {
    const names = ['contract_id', 'creator_address', 'creation_call_type', 'trace_address'];
    assert.deepEqual(columns(rows('contracts'), ...names), [
      [id('d0', '0003'), address('a'), 'CREATE', ''],
      [id('d1', '0003'), address('d0'), 'CREATE2', '0'],
    ]);
  });

  it('come from the receipts where there are no traces', () => {
    const list = rows('contracts', message(null));
    assert.deepEqual(columns(list, 'contract_id', 'trace_address'), [[id('d0', '0003'), '']]);
  });
});

describe('token transfers', () => {
  it('are found in the logs of all three standards, exact, batches in order', () => {
    const uint256Max = (2n ** 256n - 1n).toString();
    const names = ['transfer_ref', 'transfer_type', 'token_id', 'amount', 'batch_index'];
    assert.deepEqual(columns(rows('token_transfers'), ...names), [
      ['log/0/0', 'erc20', null, '1000000000000000000', null],
      ['log/1/0', 'erc721', '77', '1', null],
      ['log/2/0', 'erc1155', '5', uint256Max, null],
      ['log/3/0', 'erc1155', '1', '100', 0],
      ['log/3/1', 'erc1155', '2', '200', 1],
    ]);
  });
});

describe('what has to be fetched', () => {
  it('is the least that gives the datasets', () => {
    assert.deepEqual(needsOf(new Set(['blocks'])), {
      fullTransactions: false,
      receipts: false,
      traces: false,
    });
    assert.deepEqual(needsOf(new Set(['logs'])), {
      fullTransactions: false,
      receipts: true,
      traces: false,
    });
    assert.deepEqual(needsOf(new Set(['contracts'])), {
      fullTransactions: false,
      receipts: true,
      traces: true,
    });
  });
});
