/**
 * Every field of every dataset, from the text of a frame to the column that a reader of the topic
 * decodes: the extremes of its type, null, and absent.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { loadDataset } from '../../../../src/encoding/dataset.ts';
import { schemaDirectory } from '../../../../src/encoding/schema-files.ts';
import type { BlockdbDataset, WireFields } from '../../../../src/sources/blockdb/messages.ts';
import { parseExactJson } from '../../../../src/sources/decimal.ts';
import {
  decodedRow,
  eventOf,
  exampleOrigin,
  fieldList,
  type ListedDataset,
  type ListedField,
  nameOf,
} from '../../../support/blockdb/field-list.ts';
import { type FieldCase, fieldCases } from '../../../support/blockdb/field-values.ts';

/** Columns that have another name than their field, in every dataset or in one. */
const columnNames: Readonly<Record<string, string>> = {
  'blocks.parent_block_hash': 'parent_hash',
  'blocks.receipt_root': 'receipts_root',
  'blocks.size': 'size_bytes',
  'transactions.nonce': 'tx_nonce',
  'logs.topic_zero': 'topic0',
  'contracts.address': 'contract_address',
  'tokens_erc20.address': 'contract_address',
  'token_transfers.amount_raw': 'amount',
  'token_transfers.amount_adj': 'amount_adjusted',
  'function_results.timestamp_utc': 'observed_time',
  'reserves.reserves_decimals_adjusted': 'reserves_adjusted',
  'reserves.details': 'liquidity_details',
  'prices_spot_vwap.trade_count': 'trades_count',
  first_block_number: 'first_height',
  last_block_number: 'last_height',
};

/** Fields that only older revisions have, kept in `details`. */
const inDetails = new Set([
  'contracts.log_index',
  'tokens_erc20.log_index',
  'reserves.id',
  'swap_fees.id',
  'token_transfers.id',
  'prices_spot_prints.base_token_address',
  'prices_spot_prints.quote_token_address',
]);

/** Fields that say what the row's block says. */
const ofTheBlock: Readonly<Record<string, readonly [column: string, wrong: string]>> = {
  block_number: ['height', '21000501'],
  block_hash: ['block_hash', `"${'ab'.repeat(32)}"`],
  block_time: ['block_time', '"2026-01-15 10:20:35"'],
  'blocks.timestamp_utc': ['block_time', '1768472435'],
  chain_id: ['chain', '10'],
};

/** BlockDB's bookkeeping, which is no part of a row. */
const bookkeeping = new Set([
  '_parent_tracing_ids',
  '_is_reorg',
  '_created_at',
  '_updated_at',
  '_computed_receipt_root',
  '_computed_receipt_timestamp_utc',
]);

/** What rows of the stream lack, so that a row is the same whichever way it was read. */
function isOfRest({ seenIn }: ListedField, path: string): boolean {
  if (path === 'reserves.details') return true;
  return seenIn.includes('rest') && !seenIn.includes('wss');
}

type Decoded = Readonly<Record<string, unknown>>;

/** The data of a frame whose field has this JSON text; undefined leaves the field out. */
function dataWith({ id, example }: ListedDataset, field: string, json?: string): WireFields {
  const others = Object.entries(example).filter(([name]) => name !== field);
  const members = others.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  if (json !== undefined) members.push(`${JSON.stringify(field)}:${json}`);
  const frame = `{"chain_id":1,"dataset_id":"${id}","is_reorg":false,"data":{${members.join()}}}`;
  return (parseExactJson(frame) as { data: WireFields }).data;
}

function decoded(dataset: BlockdbDataset, data: WireFields): Decoded {
  return decodedRow(dataset, eventOf(dataset, data).row);
}

/** The decimal beside a text, worked out another way: null where 38 digits do not hold it. */
function decimalOf(text: unknown, scale: number): string | null {
  if (typeof text !== 'string') return null;
  const [whole = '', fraction = ''] = text.split('.');
  const digits = BigInt(`${whole}${fraction.padEnd(scale, '0')}`).toString();
  return fraction.length > scale || digits.replace('-', '').length > 38 ? null : digits;
}

function numberOf(bytes: unknown): string | null {
  if (!Buffer.isBuffer(bytes)) return null;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${bytes.toString('hex')}`)).toString();
}

/** Six datasets are those that a node has too. */
function subjectOf(dataset: BlockdbDataset): `${string}/${string}` {
  const own = existsSync(`${schemaDirectory}blockdb/${dataset}.avsc`);
  return own ? `blockdb/${dataset}` : `evm/${dataset}`;
}

describe('a field', () => {
  for (const listed of fieldList) {
    for (const field of listed.fields) fieldTest(listed, field);
  }
});

function fieldTest(listed: ListedDataset, field: ListedField): void {
  const path = `${nameOf(listed)}.${field.name}`;
  const ofBlock = ofTheBlock[path] ?? ofTheBlock[field.name];
  const column = columnNames[path] ?? columnNames[field.name] ?? field.name;
  if (ofBlock !== undefined) {
    it(`${path} is ${ofBlock[0]} of the row, or the row is refused`, () =>
      assertOfTheBlock(listed, field, ofBlock));
  } else if (bookkeeping.has(field.name) || isOfRest(field, path)) {
    it(`${path} is no part of the row, whatever it is`, () => assertNoPart(listed, field));
  } else if (field.name === '_tracing_id') {
    it(`${path} is beside the row`, () => assertTracingId(listed, field));
  } else if (inDetails.has(path)) {
    it(`${path} is in details`, () => assertInDetails(listed, field));
  } else if (field.name === 'data_topics') {
    it(`${path} is topic1, topic2 and topic3`, () => assertTopics(listed));
  } else if (field.name === 'transfer_type') {
    it(`${path} is the name of the type`, () => assertTransferTypes(listed));
  } else {
    it(`${path} is ${column}, exact`, () => assertExact(listed, field, column));
  }
}

function assertExact(listed: ListedDataset, field: ListedField, column: string): void {
  const dataset = nameOf(listed);
  const { fields } = loadDataset(subjectOf(dataset)).row;
  const twin = fields.find(({ name }) => name === `${column}_dec`);
  const scale = Array.isArray(twin?.type) ? (twin.type[1] as { scale?: number }).scale : undefined;
  // An older name of the same, which counts where the newer is not there.
  const older = column !== field.name && column in listed.example ? column : undefined;
  const of = older === undefined ? listed : { ...listed, example: without(listed.example, older) };
  for (const { json, expected } of casesOf(dataset, field)) {
    const row = decoded(dataset, dataWith(of, field.name, json));
    assert.deepEqual(row[column], expected, json);
    if (twin === undefined) continue;
    const decimal = decimalOf(expected, scale ?? 0);
    assert.equal(numberOf(row[`${column}_dec`]), decimal, `${column}_dec of ${json}`);
  }
  const isRequired = fields.some(({ name, type }) => name === column && !Array.isArray(type));
  for (const json of ['null', undefined]) {
    const data = dataWith(of, field.name, json);
    if (!isRequired) assert.equal(decoded(dataset, data)[column], null, json);
    else assert.throws(() => eventOf(dataset, data), { code: 'row.invalid', message: /required/ });
  }
}

/** Where the column of an older schema is of another type than the field. */
function casesOf(dataset: BlockdbDataset, field: ListedField): readonly FieldCase[] {
  const cases = fieldCases(field);
  if (dataset === 'blocks' && field.name === 'gas_limit') {
    return cases.map(({ json, expected }) => ({ json, expected: String(expected) }));
  }
  if (dataset !== 'transactions' || field.name !== 'gas_used') return cases;
  return [
    { json: '"21000"', expected: 21_000 },
    { json: '0', expected: 0 },
    { json: '"9007199254740990"', expected: Number.MAX_SAFE_INTEGER - 1 },
  ];
}

function assertOfTheBlock(
  listed: ListedDataset,
  { name }: ListedField,
  [column, wrong]: readonly [string, string],
): void {
  const dataset = nameOf(listed);
  const { chain, height, blockHash, blockTimeMs } = exampleOrigin;
  const ofOrigin = { chain, height, block_hash: blockHash, block_time: blockTimeMs };
  const right: Readonly<Record<string, string>> = {
    chain: '1',
    height: String(height),
    block_hash: `"${blockHash}"`,
    block_time: '"2026-01-15T10:20:35.000Z"',
  };
  const row = decoded(dataset, dataWith(listed, name, right[column]));
  for (const [each, value] of Object.entries(ofOrigin)) assert.equal(row[each], value);
  assert.throws(() => eventOf(dataset, dataWith(listed, name, wrong)), {
    code: 'row.invalid',
    message: new RegExp(`"${name}" of a BlockDB row of ${dataset} is `),
  });
}

function assertNoPart(listed: ListedDataset, field: ListedField): void {
  const dataset = nameOf(listed);
  const row = decoded(dataset, dataWith(listed, field.name));
  const values = fieldCases(field).map(({ json }) => json);
  for (const json of [...values, 'null', '{}', '"soon"']) {
    const data = dataWith(listed, field.name, json);
    assert(field.name in data, json);
    assert.deepEqual(decoded(dataset, data), row, json);
  }
}

function assertTracingId(listed: ListedDataset, field: ListedField): void {
  const dataset = nameOf(listed);
  const tracingIds = ['"010300000000000000000000000000000001"', '"0A"', 'null', undefined].map(
    (json) => eventOf(dataset, dataWith(listed, field.name, json)).tracingId,
  );
  assert.deepEqual(tracingIds, [
    '010300000000000000000000000000000001',
    '0a',
    undefined,
    undefined,
  ]);
  const [one, other] = ['"0a"', '"0b"'].map((json) => {
    const row = decoded(dataset, dataWith(listed, field.name, json));
    return dataset === 'reserves' ? without(row, 'snapshot_ref') : row;
  });
  assert.deepEqual(one, other);
}

function assertInDetails(listed: ListedDataset, field: ListedField): void {
  const dataset = nameOf(listed);
  for (const { json, expected } of fieldCases(field)) {
    const { details } = decoded(dataset, dataWith(listed, field.name, json));
    assert.equal(details, JSON.stringify({ [field.name]: expected }));
  }
  assert.equal(decoded(dataset, dataWith(listed, field.name, 'null'))['details'], null);
}

function assertTopics(listed: ListedDataset): void {
  const topics = ['a', 'B', '0'].map((digit) => digit.repeat(64));
  for (let count = 0; count <= topics.length; count += 1) {
    const json = JSON.stringify(topics.slice(0, count));
    const row = decoded('logs', dataWith(listed, 'data_topics', json));
    const expected = topics.map((topic, index) =>
      index < count ? `0x${topic.toLowerCase()}` : null,
    );
    assert.deepEqual([row['topic1'], row['topic2'], row['topic3']], expected);
  }
  assert.equal(decoded('logs', dataWith(listed, 'data_topics'))['topic1'], null);
}

function assertTransferTypes(listed: ListedDataset): void {
  const names = ['native_tx', 'native_internal', 'erc20', 'erc721', 'erc1155'];
  for (const [number, name] of names.entries()) {
    for (const json of [String(number), `"${number}"`, `"${name}"`]) {
      const row = decoded('token_transfers', dataWith(listed, 'transfer_type', json));
      assert.equal(row['transfer_type'], name);
    }
  }
}

function without(row: Decoded, name: string): Decoded {
  return Object.fromEntries(Object.entries(row).filter(([each]) => each !== name));
}
