/** Rows of a chain that was written without the source: each becomes a row, and each has its own id. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BlockdbSimulator } from '../../../../src/devnet/blockdb/simulator.ts';
import { isBarDataset } from '../../../../src/sources/blockdb/bars.ts';
import type { WireFields } from '../../../../src/sources/blockdb/messages.ts';
import { inBlockOrder } from '../../../../src/sources/blockdb/rows/block-order.ts';
import { naturalKey } from '../../../../src/sources/blockdb/rows/identity.ts';
import { rowOf } from '../../../../src/sources/blockdb/rows/row.ts';
import {
  decodedRow,
  exampleOrigin,
  fieldList,
  nameOf,
} from '../../../support/blockdb/field-list.ts';

const simulator = new BlockdbSimulator({ historyBlocks: 60, seed: 'rows' });
const canonical: Readonly<Record<string, readonly WireFields[]>> = simulator.canonical();

/** Rows by height; bars all at one. */
function byHeight(rows: readonly WireFields[]): ReadonlyMap<number, readonly WireFields[]> {
  const heights = new Map<number, WireFields[]>();
  for (const row of rows) {
    const height = Number(row['block_number'] ?? simulator.head.height);
    heights.set(height, [...(heights.get(height) ?? []), row]);
  }
  return heights;
}

const hashes = new Map(
  canonical['0101']?.map((row) => [Number(row['block_number']), `0x${row['block_hash']}`]),
);

describe('a simulated chain', () => {
  for (const listed of fieldList) {
    const dataset = nameOf(listed);
    it(`has rows of ${dataset} that all are rows, each with its own id and key`, () => {
      const heights = byHeight(canonical[listed.id] ?? []);
      assert(heights.size > (isBarDataset(dataset) ? 0 : 1));
      for (const [height, rows] of heights) {
        const origin = { ...exampleOrigin, height, blockHash: hashes.get(height) ?? '' };
        const messages = inBlockOrder(dataset, rows);
        const events = messages.map((message) => rowOf(message, origin));
        for (const { row } of events) decodedRow(dataset, row);
        assert.equal(new Set(events.map(({ index }) => index)).size, rows.length);
        assert.equal(new Set(rows.map((row) => naturalKey(dataset, row))).size, rows.length);
      }
    });
  }
});
