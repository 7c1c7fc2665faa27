/** What state topics get, per primary key, for rows that come, go and come back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InsertRecord } from '../../../src/encoding/encoded-record.ts';
import { PipelineError } from '../../../src/model/errors.ts';
import { UndoBlock } from '../../../src/normalization/undo-window.ts';
import { StateWrites } from '../../../src/pipeline/state-writes.ts';
import { simulatedEncoders } from '../../support/simulation/encoders.ts';
import { simulatedTables } from '../../support/simulation/run.ts';

const encoders = simulatedEncoders();

function writesOf(specs = simulatedTables('exactly_once'), tables = encoders.tables): StateWrites {
  return new StateWrites(specs, { tables, nowMs: () => 1 });
}

/** A row of `transfers` is known by its nonce, one of `balances` by its account. */
function rowOf(dataset: string, height: number, id: number): InsertRecord {
  const hash = `${height}a`;
  const row = { height, block_hash: hash, index: 0, nonce: id, routing: id, amount: hash };
  const event = { dataset, index: '0', row, timeMs: height };
  const origin = {
    chain: 'test:1',
    source: 'sim',
    height,
    blockHash: hash,
    blockTimeMs: height,
    isBackfill: false,
    receivedAtUs: 1,
  };
  const [record] = encoders.insert(event, origin, { incarnation: 1, publishedAtUs: 1 });
  assert.ok(record);
  return record;
}

function shown(writes: StateWrites): string[] {
  return writes.take().map(({ key, value }) => {
    const height = value === null ? 'none' : JSON.parse(value.toString()).row.height;
    return `${key.toString()}: ${height}`;
  });
}

describe('a state topic', () => {
  it('gets one record per key in a reorg: the replacement, or a tombstone where there is none', () => {
    const writes = writesOf();
    const [moved, lost] = [rowOf('transfers', 5, 1), rowOf('transfers', 5, 2)];
    writes.insert([moved, lost], 5);
    assert.deepEqual(shown(writes), ['[1]: 5', '[2]: 5']);
    writes.retract([lost, moved]);
    writes.insert([rowOf('transfers', 6, 1)], 6);
    assert.deepEqual(shown(writes), ['[2]: none', '[1]: 6']);
  });

  it('gives a tombstone the time of the row that it removes', () => {
    const writes = writesOf();
    writes.retract([rowOf('transfers', 5, 1)]);
    assert.deepEqual(
      writes.take().map(({ value, timestampMs }) => [value, timestampMs]),
      [[null, 5]],
    );
  });

  it('keeps a row that stays when another of its key is taken back after a crash', () => {
    const writes = writesOf();
    const kept = rowOf('transfers', 5, 1);
    const { height, blockHash: hash } = { height: 5, blockHash: '5a' };
    const header = { height, hash, parentHash: '4a', timeMs: 5, incarnation: 1 };
    writes.withdraw(
      [rowOf('transfers', 7, 1), rowOf('transfers', 7, 2)],
      [new UndoBlock(header, [kept])],
    );
    assert.deepEqual(shown(writes), ['[1]: 5', '[2]: none']);
  });

  it('gets nothing of rows whose changelog has none, also after a crash', () => {
    const specs = simulatedTables('exactly_once').filter((spec) => spec.changelog !== 'balances');
    const state: typeof encoders.tables.state = (record, madeAtMs) => {
      assert.equal(record.topic, 'transfers', 'the encoder has no state topic for others');
      return encoders.tables.state(record, madeAtMs);
    };
    const writes = writesOf(specs, { ...encoders.tables, state });
    const [kept, other] = [rowOf('transfers', 5, 1), rowOf('balances', 5, 1)];
    const header = { height: 5, hash: '5a', parentHash: '4a', timeMs: 5, incarnation: 1 };
    writes.withdraw([rowOf('transfers', 7, 1), other], [new UndoBlock(header, [kept, other])]);
    writes.insert([other], 5);
    assert.deepEqual(shown(writes), ['[1]: 5']);
  });
});

describe('a state topic of a dataset whose later rows supersede earlier ones', () => {
  it('gets the earlier row again when the later one is retracted, final or not', () => {
    const writes = writesOf();
    const rows = [rowOf('balances', 5, 1), rowOf('balances', 6, 1), rowOf('balances', 7, 1)];
    for (const [index, row] of rows.entries()) writes.insert([row], 5 + index);
    shown(writes);
    const [first, second, third] = rows;
    assert.ok(first && second && third);
    assert.deepEqual(
      writes.finalize([first]).map(({ topic }) => topic),
      ['balances.state.finalized'],
    );
    writes.retract([third]);
    assert.deepEqual(shown(writes), ['[1]: 6']);
    writes.retract([second]);
    assert.deepEqual(shown(writes), ['[1]: 5']);
  });

  it('gets a tombstone when nothing is uncovered', () => {
    const writes = writesOf();
    const row = rowOf('balances', 5, 1);
    writes.insert([row], 5);
    writes.retract([row]);
    assert.deepEqual(shown(writes), ['[1]: none']);
  });

  it('keeps the row of a higher block when one below it is revised', () => {
    const writes = writesOf();
    const [low, high] = [rowOf('balances', 5, 1), rowOf('balances', 7, 1)];
    writes.insert([low], 5);
    writes.insert([high], 7);
    shown(writes);
    writes.retract([low]);
    const revised = { ...low, incarnation: 2 };
    writes.insert([revised], 5);
    assert.deepEqual(shown(writes), ['[1]: 7']);
    writes.retract([high]);
    assert.deepEqual(shown(writes), ['[1]: 5']);
    writes.retract([revised]);
    assert.deepEqual(shown(writes), ['[1]: none']);
  });

  it('stops the source at one key more than it may hold', () => {
    const writes = writesOf();
    for (let account = 0; account < 5; account += 1) {
      writes.insert([rowOf('balances', 5, account)], 5);
    }
    writes.insert([rowOf('balances', 6, 4)], 6);
    assert.throws(
      () => writes.insert([rowOf('balances', 6, 5)], 6),
      (error) => error instanceof PipelineError && error.code === 'state.too_many_keys',
    );
  });
});
