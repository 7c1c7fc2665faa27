import assert from 'node:assert/strict';
import { test } from 'node:test';
import { positiveMurmur2 } from '../../../src/encoding/murmur2.ts';
import { currentPartitionCounts } from '../../../src/encoding/partition-counts.ts';
import { PartitionTable } from '../../../src/encoding/partition-table.ts';
import type { PartitionCount } from '../../../src/model/checkpoint.ts';
import { PipelineError } from '../../../src/model/errors.ts';

const topic = 'trades';
const values = Array.from({ length: 200 }, (_, index) => `value-${index}`);

function tableOf(counts: readonly PartitionCount[], pinned: Record<string, number> = {}) {
  return new PartitionTable({ counts, pinned: new Map([[topic, pinned]]) });
}

const growth = { nextHeight: 100, fixed: new Set<string>(), market: new Set<string>() };
const six = { topic, fromHeight: 0, partitions: 6 };

test('a value goes where the default partitioner of Java sends its bytes', () => {
  const table = tableOf([six]);
  for (const value of [...values, ...values]) {
    assert.equal(table.partitionOf(topic, value, 1), positiveMurmur2(value) % 6, value);
  }
});

test('a pinned value has its partition to itself and the others share the rest', () => {
  const table = tableOf([six], { BTC: 0, ETH: 4 });
  assert.equal(table.partitionOf(topic, 'BTC', 1), 0);
  assert.equal(table.partitionOf(topic, 'ETH', 1), 4);
  const used = new Set(values.map((value) => table.partitionOf(topic, value, 1)));
  assert.deepEqual([...used].sort(), [1, 2, 3, 5]);
});

test('blocks below a growth keep the partition they had', () => {
  const before = tableOf([six]);
  const grown = tableOf([{ topic, fromHeight: 100, partitions: 9 }, six], {});
  for (const value of values) {
    assert.equal(grown.partitionOf(topic, value, 99), before.partitionOf(topic, value, 99));
    assert.equal(grown.partitionOf(topic, value, 100), positiveMurmur2(value) % 9);
  }
});

test('a pin to a partition that a growth brought holds for the newer blocks only', () => {
  const table = tableOf([six, { topic, fromHeight: 100, partitions: 9 }], { BTC: 8 });
  assert.equal(table.partitionOf(topic, 'BTC', 100), 8);
  assert.equal(table.partitionOf(topic, 'BTC', 99), positiveMurmur2('BTC') % 6);
});

test('counts that only final blocks used are forgotten, the others are kept', () => {
  const counts = [six, { topic, fromHeight: 100, partitions: 9 }];
  const table = tableOf(counts);
  table.forget(98);
  assert.deepEqual(table.counts(), counts);
  table.forget(99);
  assert.deepEqual(table.counts(), counts.slice(1));
});

test('pins without room are refused with what to do', () => {
  const refuses = (pinned: Record<string, number>, message: RegExp) =>
    assert.throws(
      () => tableOf([{ topic, fromHeight: 0, partitions: 2 }], pinned),
      (error) => error instanceof PipelineError && message.test(error.message),
    );
  refuses({ BTC: 2 }, /2 partitions and "BTC" is pinned to 2\. Pin it to one of 0 to 1/);
  refuses({ BTC: -1 }, /pinned to -1/);
  refuses({ BTC: 0, ETH: 1 }, /each of them.*add partitions/);
});

test('an unknown topic is named', () => {
  assert.throws(() => tableOf([six]).partitionOf('other', 'x', 1), /of topic other is not known/);
});

test('a grown topic gets a new count from the next height, a shrunken one is refused', () => {
  const actual = new Map([
    [topic, 9],
    ['new', 3],
  ]);
  assert.deepEqual(currentPartitionCounts([six], actual, growth), [
    six,
    { topic, fromHeight: 100, partitions: 9 },
    { topic: 'new', fromHeight: 0, partitions: 3 },
  ]);
  assert.deepEqual(currentPartitionCounts([six], new Map([[topic, 6]]), growth), [six]);
  assert.throws(
    () => currentPartitionCounts([six], new Map([[topic, 5]]), growth),
    /has 5 partitions, but it had 6/,
  );
});

test('a fixed topic that has grown keeps its count, for new blocks too', () => {
  const fixed = { nextHeight: 100, fixed: new Set([topic]), market: new Set<string>() };
  assert.deepEqual(currentPartitionCounts([six], new Map([[topic, 9]]), fixed), [six]);
  assert.throws(() => currentPartitionCounts([six], new Map([[topic, 5]]), fixed), /it had 6/);
});

test('a grown topic of market data, whose rows have no height, goes by its new count', () => {
  const market = { nextHeight: 0, fixed: new Set<string>(), market: new Set([topic]) };
  const nine = { topic, fromHeight: 0, partitions: 9 };
  assert.deepEqual(currentPartitionCounts([six], new Map([[topic, 9]]), market), [nine]);
});
