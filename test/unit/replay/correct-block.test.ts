import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InsertRecord } from '../../../src/encoding/encoded-record.ts';
import type { Event, Origin } from '../../../src/model/event.ts';
import { PublishedRows } from '../../../src/pipeline/published-rows.ts';
import { correctBlock, type RowEncoding } from '../../../src/replay/correct-block.ts';
import type { StateTopics } from '../../../src/replay/state-records.ts';

const header = { height: 7, hash: '0x7', parentHash: '0x6', timeMs: 7_000 };
const origin: Origin = {
  ...{ chain: 'c', source: 's', height: 7, blockHash: '0x7', blockTimeMs: 7_000 },
  isBackfill: true,
  receivedAtUs: 1,
};

/** Rows are texts; a retraction is the text with a minus. */
const encoding: RowEncoding = {
  insert: (event, _, { incarnation }) => [record(event.index, String(event.row['v']), incarnation)],
  retract: (row) => ({ ...row, value: Buffer.from(`-${row.value}`) }),
  isSameRow: (stored, fresh) => stored.value.equals(fresh.value),
};

function record(id: string, value: string, incarnation = 1): InsertRecord {
  return {
    ...{ topic: 't', partition: 0, key: Buffer.from(id), value: Buffer.from(value) },
    ...{ timestampMs: 7_000, rowStart: 0, rowEnd: value.length, eventId: id, incarnation },
  };
}

/** `a=1` is an insert, `-a=1` its retraction, `a=1#2` the second incarnation; offsets count up. */
function published(...changes: readonly string[]): PublishedRows {
  const rows = new PublishedRows();
  for (const [offset, text] of changes.entries()) {
    const [, minus, id = '', value = '', incarnation] =
      /^(-?)(\w+)=(\w+)(?:#(\d))?$/.exec(text) ?? [];
    const row = record(id, value, Number(incarnation ?? 1));
    rows.add({ isRetraction: minus === '-', height: 7, record: row }, offset);
  }
  return rows;
}

/** A state topic whose keys are the rows' own; it has the block, or lacks it. */
function statesOf(hasBlock: boolean): StateTopics {
  const topic = 't.state';
  return {
    state: (row) => ({ ...row, topic, value: Buffer.from(`${row.value}`) }),
    tombstone: (row) => ({ ...row, topic, value: null }),
    hasBlock: () => hasBlock,
  };
}

/** What is published for a block whose rows are these. */
function corrected(rows: Readonly<Record<string, string>>, ...changes: readonly string[]) {
  return correctedWith(statesOf(true), rows, ...changes);
}

function correctedWith(
  topics: StateTopics,
  rows: Readonly<Record<string, string>>,
  ...changes: readonly string[]
) {
  const events = Object.entries(rows).map(
    ([index, v]): Event => ({ dataset: 't', index, row: { v }, timeMs: 7_000 }),
  );
  const block = { header, origin, events, isWhole: true };
  const options = { encoding, states: topics, publishedAtUs: 1 };
  const correction = correctBlock(block, published(...changes), options);
  const { retractions, inserts, states, differences } = correction;
  return {
    out: [
      ...retractions.map(({ key, value }) => `${value}`.replace('-', `-${key}=`)),
      ...inserts.map(({ eventId, value, incarnation }) => `${eventId}=${value}#${incarnation}`),
    ],
    states: states.map(({ key, value }) => `${key}=${value ?? 'gone'}`),
    what: differences.map(({ what, eventId }) => `${what} ${eventId}`),
  };
}

test('a block that is right is left alone', () => {
  assert.deepEqual(corrected({ a: '1', b: '2' }, 'a=1', 'b=2'), { out: [], states: [], what: [] });
  assert.deepEqual(corrected({ a: '1' }, 'a=1', '-a=1', 'a=1#2').out, []);
});

test('a missing row is inserted for the first time', () => {
  const { out, what } = corrected({ a: '1', b: '2' }, 'b=2');
  assert.deepEqual([out, what], [['a=1#1'], ['missing a']]);
});

test('a row that was taken back and is true again is its next incarnation', () => {
  assert.deepEqual(corrected({ a: '1' }, 'a=1', '-a=1', 'a=1#2', '-a=1#2').out, ['a=1#3']);
});

test('a row that differs is taken back as it was published, then inserted as its next incarnation', () => {
  const { out, what } = corrected({ a: '1' }, 'a=9');
  assert.deepEqual([out, what], [['-a=9', 'a=1#2'], ['different a']]);
});

test('rows that the block does not have are taken back, newest first', () => {
  const { out, what } = corrected({ b: '2' }, 'a=1', 'b=2', 'c=3');
  assert.deepEqual(
    [out, what],
    [
      ['-c=3', '-a=1'],
      ['superfluous a', 'superfluous c'],
    ],
  );
});

test('a row that lives twice is taken back in every copy, and inserted once', () => {
  assert.deepEqual(corrected({ a: '1' }, 'a=1', 'a=1').out, ['-a=1', '-a=1', 'a=1#2']);
  assert.deepEqual(corrected({ a: '1' }, 'a=1', 'a=1#2').out, ['-a=1', '-a=1', 'a=1#3']);
});

test('a state topic gets each row that is put right, and a tombstone for one that nothing replaces', () => {
  const { states } = corrected({ a: '1', b: '2', c: '3' }, 'a=9', 'b=2', 'd=4');
  assert.deepEqual(states.sort(), ['a=1', 'c=3', 'd=gone']);
});

test('a state topic that lacks the block gets the rows that are right, as they were published', () => {
  const { out, states, what } = correctedWith(statesOf(false), { a: '1', b: '2' }, 'a=1', 'b=9');
  assert.deepEqual(out, ['-b=9', 'b=2#2']);
  assert.deepEqual(states.sort(), ['a=1', 'b=2']);
  assert.deepEqual(what, ['different b', 'not_in_state a']);
});

test('rows that are not in what could be read of a block stay', () => {
  const events = [{ dataset: 't', index: 'a', row: { v: '1' }, timeMs: 7_000 }];
  const unreadable: RowEncoding = { ...encoding, insert: () => null };
  const options = { encoding, states: statesOf(true), publishedAtUs: 1 };
  const rows = () => published('a=9', 'b=2');
  const part = correctBlock({ header, origin, events, isWhole: false }, rows(), options);
  assert.deepEqual(
    part.differences.map(({ what, eventId }) => `${what} ${eventId}`),
    ['different a'],
  );
  const whole = { header, origin, events, isWhole: true };
  const none = correctBlock(whole, rows(), { ...options, encoding: unreadable });
  assert.deepEqual([none.retractions, none.inserts], [[], []]);
});
