/** How `ommer tail` reads and shows records. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createPaint, hasColors } from '../../../src/cli/io.ts';
import { type Change, changeOf } from '../../../src/cli/tail/change.ts';
import { isShown } from '../../../src/cli/tail/filter.ts';
import { changeLine } from '../../../src/cli/tail/line.ts';

const place = { topic: 't', partition: 1, offset: 7, timestampMs: 0 };
const key = { chain: 'c', dataset: 'logs', block_hash: '0xaa', log_index: 0 };
const row = {
  chain: 'c',
  height: 5,
  block_hash: '0xaa',
  block_time: 0,
  amount: '1',
  amount_dec: Buffer.from([1]),
  topic1: null,
};
const flat = {
  ...row,
  op: 'd',
  sign: -1,
  event_id: 'e',
  incarnation: 1,
  reorg_id: 'r1',
  ts_ms: 0,
  received_at_us: 0,
  published_at_us: 0,
};
const debezium = {
  before: row,
  after: null,
  source: {},
  transaction: null,
  op: 'd',
  ts_ms: 0,
  sign: -1,
  event_id: 'e',
  incarnation: 1,
  reorg: { id: 'r1' },
};

describe('a record', () => {
  it('says the same in both envelopes', () => {
    const expected = {
      ...place,
      key,
      kind: 'retraction',
      reorgId: 'r1',
      row: { chain: 'c', height: 5, block_hash: '0xaa', block_time: 0, amount: '1' },
    };
    for (const value of [flat, debezium]) {
      assert.deepEqual(changeOf(place, key, value), { ...expected, value });
    }
    const insert = { ...debezium, before: null, after: row, op: 'c', sign: 1, reorg: null };
    const { kind, reorgId, row: shown } = changeOf(place, key, insert);
    assert.deepEqual([kind, reorgId, shown], ['insert', null, expected.row]);
  });

  it('of the control topic is recognised, a heartbeat and a tombstone are background', () => {
    const control = {
      kind: 'reorg',
      chain: 'c',
      source: 's',
      time: 0,
      height: 4,
      hash: '0x1',
      reorg: { id: 'r1' },
    };
    assert.deepEqual(
      [changeOf(place, null, control).kind, changeOf(place, null, control).reorgId],
      ['control', 'r1'],
    );
    assert.equal(
      changeOf(place, null, { ...control, kind: 'heartbeat', reorg: null }).kind,
      'other',
    );
    assert.equal(changeOf(place, key, null).kind, 'other');
  });

  it('of a market says which one and what of it before anything else', () => {
    const times = { from_time: 1_000, to_time: null };
    const what = { dataset: 'trades', symbol: 'BTC', state: 'gap', epoch: null };
    const market = { ...what, ...times, reason: 'r' };
    const control = { kind: 'market', chain: 'venue', source: 's', time: 0, height: null, market };
    const line = changeLine(changeOf(place, null, control), createPaint(false));
    assert.equal(
      line,
      '· t/1@7 kind=market symbol=BTC state=gap dataset=trades from_time=1970-01-01T00:00:01.000Z reason=r',
    );
  });

  it('of a block, a reorg, a gap or a session says it on the line, with its rows counted', () => {
    const control = { chain: 'c', source: 's', time: 0, height: 4, hash: '0x1' };
    const tally = { topic: 'c.logs', partition: 0, inserts: 3, retractions: 1, first_offset: 9 };
    const block = { incarnation: 0, tallies: [tally, tally] };
    const reorg = { id: 'r1', depth: 2, reverted: [{ height: 5 }], tallies: [] };
    const gap = { after: '1:5:0xa', resumed_at: '1:9:0xb', reason: 'too_old' };
    const reason = 'source.retry_budget_exhausted';
    const session = { state: 'lost', generation: 3, reason };
    const lines = Object.entries({ block, reorg, gap, session }).map(([kind, part]) =>
      changeLine(changeOf(place, null, { kind, ...control, [kind]: part }), createPaint(false)),
    );
    assert.deepEqual(lines, [
      '· t/1@7 kind=block height=4 hash=0x1 incarnation=0 inserted=6 retracted=2',
      '· t/1@7 kind=reorg height=4 hash=0x1 id=r1 depth=2 inserted=0 retracted=0',
      '· t/1@7 kind=gap height=4 hash=0x1 after=1:5:0xa resumed_at=1:9:0xb reason=too_old',
      '· t/1@7 kind=session height=4 hash=0x1 state=lost generation=3 reason=source.retry_budget_exhausted',
    ]);
  });
});

describe('a line', () => {
  const retraction = changeOf(place, key, flat);

  it('of a retraction is marked, red and struck out on a terminal', () => {
    const line = changeLine(retraction, createPaint(true));
    assert.ok(line.startsWith('\u001b[31m−'));
    assert.ok(line.includes('\u001b[9mheight=5 block_hash=0xaa amount=1\u001b[29m'));
  });

  it('has the mark and no escape codes elsewhere', () => {
    assert.equal(
      changeLine(retraction, createPaint(false)),
      '− t/1@7 height=5 block_hash=0xaa amount=1 reorg=r1',
    );
  });

  it('is cut to the width of the terminal', () => {
    const line = changeLine(retraction, createPaint(false), 40);
    assert.ok(line.length <= 40, line);
    assert.ok(line.includes('…'));
  });

  it('has colours only on a terminal and without NO_COLOR', () => {
    const terminal = { write: () => true, isTTY: true };
    assert.equal(hasColors(terminal, {}), true);
    assert.equal(hasColors(terminal, { NO_COLOR: '1' }), false);
    assert.equal(hasColors({ write: () => true }, {}), false);
  });
});

describe('the filter', () => {
  const retraction = changeOf(place, key, flat);
  const insert: Change = { ...retraction, kind: 'insert', reorgId: null };

  it('by reorgs shows retractions and their summaries only', () => {
    assert.equal(isShown(retraction, { key: undefined, onlyReorgs: true }), true);
    assert.equal(isShown(insert, { key: undefined, onlyReorgs: true }), false);
  });

  it('by key finds a text in key or row, in either case', () => {
    assert.equal(isShown(insert, { key: '0xAA', onlyReorgs: false }), true);
    assert.equal(isShown(insert, { key: '0xbb', onlyReorgs: false }), false);
  });
});
