import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messagesOf } from '../../../../src/sources/blockdb/assembly/block-messages.ts';
import { HeldRows } from '../../../../src/sources/blockdb/assembly/held-rows.ts';
import type { KeyedRow } from '../../../../src/sources/blockdb/assembly/said-row.ts';

const covers = new Set(['token_transfers', 'logs', 'reserves']);

/** Items of logs: `7/a` is item a of log 7. */
function transfers(...names: readonly string[]): KeyedRow[] {
  return names.map((key) => ({
    key,
    dataset: 'token_transfers',
    data: { log_index: Number(key.split('/')[0]), amount: key.length },
  }));
}

function heldAfter(stream: readonly KeyedRow[]): HeldRows {
  const rows = new HeldRows();
  for (const row of stream) rows.take({ ...row, isCorrection: false });
  return rows;
}

const keysOf = (rows: HeldRows) => [...rows.values()].map(({ key }) => key);

test('items of one log that the stream turned round take the order of REST', () => {
  const rows = heldAfter(transfers('7/b', '7/a', '8/c'));
  assert.equal(rows.settle(transfers('7/a', '7/b', '8/c'), covers), true);
  assert.deepEqual(keysOf(rows), ['7/a', '7/b', '8/c']);
  assert.equal(rows.settle(transfers('7/a', '7/b', '8/c'), covers), false);
});

/** A snapshot of one pool; its place in the block is told over REST only. */
function snapshot(name: string, log_index?: number): KeyedRow {
  const place = log_index === undefined ? {} : { tx_index: 0, log_index };
  const data = { pool_uid: 'aa'.repeat(32), _tracing_id: name, reserves: ['1'], ...place };
  return { key: `reserves/${name}`, dataset: 'reserves', data };
}

const tracingIdsOf = (rows: HeldRows) =>
  messagesOf(rows.values()).map(({ data }) => data['_tracing_id']);

test('a snapshot that only REST tells stands where it does in the block', () => {
  const rows = heldAfter([snapshot('02')]);
  assert.equal(rows.settle([snapshot('01', 4), snapshot('02', 9)], covers), true);
  assert.deepEqual(tracingIdsOf(rows), ['01', '02']);
});

test('snapshots of one pool that the stream turned round take the order of REST', () => {
  const rows = heldAfter([snapshot('02'), snapshot('01')]);
  const said = [snapshot('01', 4), snapshot('02', 9)];
  assert.equal(rows.settle(said, covers), true);
  assert.deepEqual(tracingIdsOf(rows), ['01', '02']);
  assert.equal(rows.settle(said, covers), false);
});

test('the order of logs is no difference, because they have places of their own', () => {
  const rows = heldAfter(transfers('8/c', '7/a', '7/b'));
  assert.equal(rows.settle(transfers('7/a', '7/b', '8/c'), covers), false);
});

test('rows of datasets that REST was not asked for stay, and those it does not know go', () => {
  const [kept, gone] = [snapshot('01'), ...transfers('7/a')];
  const rows = heldAfter([...transfers('7/a', '7/b'), kept]);
  assert.equal(rows.settle(transfers('7/b'), new Set(['token_transfers'])), true);
  assert.equal(rows.has(gone?.key ?? ''), false);
  assert.deepEqual(keysOf(rows), [kept.key, '7/b']);
});

test('a row that REST tells twice stands once, where it is told last', () => {
  const rows = heldAfter(transfers('7/a', '7/b'));
  rows.settle(transfers('7/a', '7/b', '7/a'), covers);
  assert.deepEqual(keysOf(rows), ['7/b', '7/a']);
});

const log = (key: string, data = '0x'): KeyedRow => ({ key, dataset: 'logs', data: { data } });

test('a row that REST tells twice stands in for none that it does not tell', () => {
  const rows = heldAfter([log('1'), log('2')]);
  assert.equal(rows.settle([log('1'), log('1')], covers), true);
  assert.deepEqual(keysOf(rows), ['1']);
});

test('a snapshot that REST only confirms takes its place in the block from it', () => {
  const rows = heldAfter([snapshot('01')]);
  assert.equal(rows.settle([snapshot('01', 4)], covers), false);
  assert.deepEqual([...rows.values()], [snapshot('01', 4)]);
});

test('a row that REST was not asked for stands in for none that it does not tell', () => {
  const block: KeyedRow = { key: 'b', dataset: 'blocks', data: {} };
  const rows = heldAfter([block, log('1')]);
  assert.equal(rows.settle([block], covers), true);
  assert.deepEqual(keysOf(rows), ['b']);
});

test('a row that REST tells otherwise is what REST says', () => {
  const rows = heldAfter([log('1', '0xaa'), log('2')]);
  assert.equal(rows.settle([log('1', '0xbb'), log('2')], covers), true);
  assert.deepEqual([...rows.values()], [log('1', '0xbb'), log('2')]);
});
