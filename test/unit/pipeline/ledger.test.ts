import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blockCursor, tokenCursor } from '../../../src/model/cursor.ts';
import { DataError } from '../../../src/model/errors.ts';
import {
  parseChange,
  parseCheckpoint,
  simulatedEncoders,
} from '../../support/simulation/encoders.ts';
import { block, ledgerWith, publish } from '../../support/simulation/ledger.ts';
import { simulatedTables } from '../../support/simulation/run.ts';

describe('Ledger', () => {
  it('is not ready between a fork and the last block of the new branch', () => {
    const { ledger } = ledgerWith();
    for (const height of [1, 2, 3]) ledger.take(block(height));
    publish(ledger);
    const canonical = [
      { height: 1, hash: '1a' },
      { height: 2, hash: '2b' },
      { height: 3, hash: '3b' },
    ];
    ledger.take({ kind: 'fork', canonical, reason: 'parent_hash' });
    assert.equal(ledger.isReady, false);
    ledger.take(block(2, 'b'));
    assert.equal(ledger.isReady, false);
    ledger.take(block(3, 'b'));
    assert.equal(ledger.isReady, true);
    const { batch, control } = publish(ledger, 3);
    const ops = batch.records.map(({ value }) => parseChange(value ?? Buffer.alloc(0)));
    assert.deepEqual(
      ops.map(({ op, row }) => `${op}${row['block_hash']}`),
      ['d3a', 'd2a', 'c2b', 'c3b'],
    );
    assert.deepEqual(
      control.map(({ kind }) => kind),
      ['reorg', 'block', 'block'],
    );
  });

  it('writes what a jump of finality made final in parts, each with its own finalized head', () => {
    const { ledger } = ledgerWith({
      tables: simulatedTables('exactly_once'),
      finalRowsMax: 3,
      undoRowsMax: 8,
    });
    for (const height of [1, 2, 3, 4]) ledger.take(block(height, 'a', 2));
    publish(ledger);
    ledger.take({ kind: 'finalized', block: { height: 3, hash: '3a' } });
    const first = publish(ledger, 8);
    assert.equal(first.final, 4, 'whole blocks until 3 rows are reached');
    assert.equal(first.checkpoint.finalized?.height, 2);
    assert.deepEqual(
      first.checkpoint.blocks.map(({ height, rows }) => [height, rows]),
      [
        [3, 2],
        [4, 2],
      ],
    );
    assert.equal(ledger.isReady, true, 'the rest is due');
    const second = publish(ledger, 8);
    assert.deepEqual([second.final, second.checkpoint.finalized?.height], [2, 3]);
    assert.equal(ledger.isReady, false);
  });

  it('forgets with which partition counts blocks were published that are final', () => {
    const forgotten: number[] = [];
    const forgetPartitionCounts = (height: number) => forgotten.push(height);
    const { ledger } = ledgerWith({ encoders: { ...simulatedEncoders(), forgetPartitionCounts } });
    for (const height of [1, 2, 3]) ledger.take(block(height));
    assert.deepEqual(forgotten, []);
    ledger.take({ kind: 'finalized', block: { height: 2, hash: '2a' } });
    assert.deepEqual(forgotten, [2]);
  });

  it('is backed up while more final rows wait than may be held', () => {
    const { ledger } = ledgerWith({ tables: simulatedTables('exactly_once'), undoRowsMax: 4 });
    for (const height of [1, 2, 3, 4]) ledger.take(block(height, 'a', 2));
    assert.equal(ledger.isBackedUp, false, '4 rows wait');
    ledger.take(block(5, 'a', 2));
    assert.equal(ledger.isBackedUp, true, '6 rows wait');
    publish(ledger);
    assert.equal(ledger.isBackedUp, false);
  });

  it('counts rows and names first offsets per topic-partition', () => {
    const { ledger } = ledgerWith();
    ledger.take(block(1, 'a', 2));
    ledger.take(block(2, 'a', 3));
    const { control, checkpoint } = publish(ledger, 100);
    const tallies = control.map((event) => (event.kind === 'block' ? event.tallies[0] : null));
    const common = { topic: 'logs', partition: 0, retractions: 0 };
    assert.deepEqual(tallies, [
      { ...common, inserts: 2, firstOffset: 100 },
      { ...common, inserts: 3, firstOffset: 102 },
    ]);
    assert.deepEqual(checkpoint.undo, [
      { topic: 'logs', partition: 0, firstOffset: 100, lastOffset: 104 },
    ]);
    assert.deepEqual(
      checkpoint.blocks.map(({ rows }) => rows),
      [2, 3],
    );
  });

  it('tells a repeated transaction its new offsets', () => {
    const { ledger } = ledgerWith();
    ledger.take(block(1));
    const batch = ledger.close();
    batch.seal(Float64Array.of(5));
    const sealed = batch.seal(Float64Array.of(9)).at(-1)?.value;
    assert.ok(sealed);
    assert.equal(parseCheckpoint(sealed).undo[0]?.firstOffset, 9);
  });

  it('describes in a checkpoint the chain as it was when the draft was closed', () => {
    const { ledger } = ledgerWith();
    ledger.take(block(1));
    const batch = ledger.close();
    ledger.take(block(2));
    const sealed = batch.seal(Float64Array.of(0)).at(-1)?.value;
    assert.ok(sealed);
    const checkpoint = parseCheckpoint(sealed);
    assert.equal(checkpoint.cursor, '1:block:1:1a');
    assert.deepEqual(
      checkpoint.blocks.map(({ hash }) => hash),
      ['1a'],
    );
  });

  it('goes on after a gap: it is announced, and what was held before it is final', () => {
    const { ledger } = ledgerWith();
    ledger.take(block(1));
    const resumedAt = blockCursor({ height: 4, hash: '4a' });
    const gap = { after: blockCursor({ height: 1, hash: '1a' }), resumedAt, reason: 'lost' };
    ledger.take({ kind: 'gap', ...gap });
    assert.equal(ledger.cursor, resumedAt);
    assert.equal(ledger.undoRows, 0);
    ledger.take(block(5));
    const { control, checkpoint } = publish(ledger);
    assert.deepEqual(
      control.map(({ kind }) => kind),
      ['block', 'gap', 'block', 'finalized'],
    );
    assert.equal(checkpoint.finalized?.height, 4);
    assert.equal(checkpoint.cursor, '1:block:5:5a');
  });

  it('stays where it is after a gap that ends at no block: one of a single dataset', () => {
    const { ledger } = ledgerWith();
    ledger.take(block(1));
    const { cursor, undoRows } = ledger;
    const resumedAt = tokenCursor('rest/logs');
    ledger.take({
      kind: 'gap',
      after: blockCursor({ height: 1, hash: '1a' }),
      resumedAt,
      reason: '',
    });
    assert.deepEqual([ledger.cursor, ledger.undoRows], [cursor, undoRows]);
    ledger.take(block(2));
    assert.equal(publish(ledger).checkpoint.finalized, null);
  });

  it('calls blocks final when the undo window outgrows its blocks or rows', () => {
    const { ledger: byBlocks } = ledgerWith({ undoBlocksMax: 2 });
    const { ledger: byRows } = ledgerWith({ undoRowsMax: 5 });
    for (const height of [1, 2, 3, 4]) {
      byBlocks.take(block(height));
      byRows.take(block(height, 'a', 3));
    }
    assert.equal(byBlocks.chain.finalized?.height, 2);
    assert.equal(byRows.chain.finalized?.height, 3);
    assert.equal(byRows.undoRows, 3);
    assert.deepEqual(publish(byBlocks).control.at(-1), {
      kind: 'finalized',
      block: { height: 2, hash: '2a' },
    });
  });

  it('keeps a row that cannot be encoded as a dead letter and publishes the others', () => {
    const encoders = simulatedEncoders();
    const insert: typeof encoders.insert = (event, origin, context) => {
      if (event.index === '1') throw unreadable();
      return encoders.insert(event, origin, context);
    };
    const { ledger, quarantined } = ledgerWith({
      dataErrors: 'quarantine',
      encoders: { ...encoders, insert },
    });
    ledger.take(block(1, 'a', 3));
    const topics = publish(ledger).batch.records.map(({ topic }) => topic);
    assert.deepEqual(topics, ['dead-letters', 'logs', 'logs']);
    assert.deepEqual(quarantined, ['row.invalid']);
  });

  it('publishes nothing of a block whose row is refused when it is told to stop', () => {
    const encoders = simulatedEncoders();
    const insert: typeof encoders.insert = (event, origin, context) => {
      if (origin.height === 2) throw unreadable();
      return encoders.insert(event, origin, context);
    };
    const { ledger } = ledgerWith({ encoders: { ...encoders, insert } });
    ledger.take(block(1));
    assert.equal(ledger.isReady, true);
    assert.throws(() => ledger.take(block(2)), DataError);
    assert.equal(ledger.isReady, false);
  });

  it('puts a malformed frame into the dead letters with its bytes', () => {
    const { ledger } = ledgerWith({ dataErrors: 'quarantine' });
    const raw = Buffer.from('{"oops');
    ledger.take({ kind: 'malformed', raw, code: 'source.malformed_frame', reason: 'cut off' });
    const [record] = publish(ledger).batch.records;
    const letter = JSON.parse(String(record?.value)) as { raw: { data: number[] } };
    assert.deepEqual(Buffer.from(letter.raw.data), raw);
  });

  it('refuses a malformed frame where input that cannot be understood stops the source', () => {
    const { ledger } = ledgerWith();
    const raw = Buffer.from('{"oops');
    const take = () =>
      ledger.take({ kind: 'malformed', raw, code: 'source.malformed_frame', reason: 'cut off' });
    assert.throws(take, { code: 'source.malformed_frame', message: 'cut off', raw });
  });
});

function unreadable(): DataError {
  return new DataError('row.invalid', { stage: 'encoding', message: 'Not a row.' });
}
