/** Reads the simulated topics as a consumer would and holds them against the canonical chain. */
import assert from 'node:assert/strict';
import type { StoredRecord } from '../../../src/encoding/encoded-record.ts';
import type { SimulatedBlock } from './chain-world.ts';
import { parseChange, parseCheckpoint, primaryKeyOf, type SimulatedChange } from './encoders.ts';
import { changelogs, type SimulationResult } from './run.ts';

/** G1: inserts minus retractions are exactly the rows of the canonical chain. */
export function assertNetEffect(result: SimulationResult): void {
  for (const topic of changelogs) {
    const net = new Map<string, number>();
    for (const { value } of result.kafka.read(topic)) {
      const { row, op } = parseChange(value);
      const text = JSON.stringify(row);
      net.set(text, (net.get(text) ?? 0) + (op === 'd' ? -1 : 1));
    }
    const actual = [...net].filter(([, count]) => count !== 0).sort();
    assert.deepEqual(actual, expectedRows(result, topic));
  }
}

/** At least once: what a consumer that keeps one state per (event id, incarnation) ends with. */
export function assertIdempotentEffect(result: SimulationResult): void {
  for (const topic of changelogs) {
    const retracted = new Set<string>();
    const rows = new Map<string, string>();
    for (const { value } of result.kafka.read(topic)) {
      const { row, op, eventId, incarnation } = parseChange(value);
      const id = `${eventId}#${incarnation}`;
      if (op === 'd') retracted.add(id);
      rows.set(id, JSON.stringify(row));
    }
    const live = [...rows].filter(([id]) => !retracted.has(id)).map(([, row]) => [row, 1]);
    assert.deepEqual(live.sort(), expectedRows(result, topic));
  }
}

/**
 * G2, G3, G5: each retraction repeats the one live insert of its key on its partition; nothing is
 * published twice.
 */
export function assertExactness(result: SimulationResult): void {
  for (const topic of changelogs) {
    const live = new Map<string, StoredRecord>();
    const seen = new Set<string>();
    for (const stored of result.kafka.read(topic)) {
      const change = parseChange(stored.value);
      const place = `${stored.partition}/${change.eventId}`;
      const insert = live.get(place);
      if (change.op === 'd') {
        assert.ok(insert, `retraction of ${change.eventId} without a live insert`);
        const inserted = parseChange(insert.value);
        assert.deepEqual(change.row, inserted.row);
        assert.equal(change.incarnation, inserted.incarnation);
        assert.deepEqual(stored.key, insert.key);
        assert.equal(stored.partition, insert.partition);
        assert.equal(stored.timestampMs, insert.timestampMs);
        live.delete(place);
      } else {
        const id = `${change.eventId}#${change.incarnation}`;
        assert.equal(insert, undefined, `${change.eventId} inserted while it was live`);
        assert.ok(!seen.has(id), `${id} was published twice`);
        seen.add(id);
        live.set(place, stored);
      }
    }
  }
}

/**
 * G3: within one reorg and partition, retractions go from the highest block to the lowest, and in a
 * block from the row that was published last to the first.
 */
export function assertNewestFirst(result: SimulationResult): void {
  for (const topic of changelogs) {
    const newest = new Map<string, number>();
    const inserts = new Map<string, number>();
    for (const { value, partition, offset } of result.kafka.read(topic)) {
      const { row, op, reorg, eventId, incarnation } = parseChange(value);
      const id = `${eventId}#${incarnation}`;
      if (op !== 'd') inserts.set(id, offset);
      if (op !== 'd') continue;
      const at = Number(row['height']) * 1e6 + (inserts.get(id) ?? 0);
      const before = newest.get(`${reorg}/${partition}`) ?? Number.POSITIVE_INFINITY;
      assert.ok(at < before, `retraction at ${at} after ${before} in reorg ${reorg}`);
      newest.set(`${reorg}/${partition}`, at);
    }
  }
}

/** The last record per key of every state topic is the canonical row of that primary key. */
export function assertState(result: SimulationResult): void {
  for (const dataset of changelogs) {
    const places = new Map<string, number>();
    const rows = new Map<string, unknown>();
    for (const { key, value, partition } of result.kafka.readTable(`${dataset}.state`)) {
      const text = key.toString();
      assert.equal(partition, places.get(text) ?? partition, `${text} moved to another partition`);
      places.set(text, partition);
      if (value === null) rows.delete(text);
      else rows.set(text, parseChange(value).row);
    }
    const expected = new Map<string, unknown>();
    for (const { row } of canonicalRows(result, dataset)) {
      expected.set(JSON.stringify(primaryKeyOf(dataset, row)), row);
    }
    assert.deepEqual([...rows].sort(byKey), [...expected].sort(byKey), `${dataset}.state`);
  }
}

/** Every final topic has the rows of finalized blocks, each once, in block order per partition. */
export function assertFinal(result: SimulationResult): void {
  const last = result.kafka.read('checkpoints').at(-1);
  const finalized = last === undefined ? null : parseCheckpoint(last.value).finalized;
  for (const dataset of changelogs) {
    const expected = canonicalRows(result, dataset)
      .map(({ row }) => row)
      .filter(({ height }) => Number(height) <= (finalized?.height ?? -1));
    const records = result.kafka.read(`${dataset}.final`);
    const partitions = [...new Set(records.map(({ partition }) => partition))];
    assert.equal(records.length, expected.length, `${dataset}.final`);
    for (const partition of partitions) {
      const own = records.filter((record) => record.partition === partition);
      const rows = own.map(({ value }) => parseChange(value).row);
      assert.deepEqual(rows, rows.toSorted(byHeight), 'in block order');
      assert.deepEqual(
        rows.map((row) => JSON.stringify(row)).sort(),
        expected
          .filter(({ routing }) => Number(routing) % 3 === partition)
          .map((row) => JSON.stringify(row))
          .sort(),
      );
    }
  }
}

/** The checkpoint agrees with the world: its blocks are the unfinalized part of the chain. */
export function assertCheckpoint(result: SimulationResult): void {
  const last = result.kafka.read('checkpoints').at(-1);
  assert.ok(last);
  const checkpoint = parseCheckpoint(last.value);
  const head = result.canonical.at(-1);
  assert.equal(checkpoint.cursor, `1:block:${head?.height}:${head?.hash}`);
  for (const block of checkpoint.blocks) {
    const canonical = result.canonical[block.height];
    assert.equal(block.hash, canonical?.hash);
    assert.equal(block.rows, canonical?.rows.length);
  }
}

function expectedRows(result: SimulationResult, topic: string): [string, number][] {
  return canonicalRows(result, topic)
    .map(({ row }): [string, number] => [JSON.stringify(row), 1])
    .sort();
}

function canonicalRows(result: SimulationResult, topic: string): SimulatedBlock['rows'] {
  const rows = result.canonical.flatMap((block) => block.rows);
  return rows.filter(({ dataset }) => dataset === topic);
}

function byHeight(a: SimulatedChange['row'], b: SimulatedChange['row']): number {
  return Number(a['height']) - Number(b['height']);
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
