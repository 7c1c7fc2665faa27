import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldRows } from '../../../../src/sources/blockdb/assembly/held-rows.ts';
import type { KeyedRow } from '../../../../src/sources/blockdb/assembly/said-row.ts';

const covers = new Set(['token_transfers', 'logs']);

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

test('the order of logs is no difference, because they have places of their own', () => {
  const rows = heldAfter(transfers('8/c', '7/a', '7/b'));
  assert.equal(rows.settle(transfers('7/a', '7/b', '8/c'), covers), false);
});
