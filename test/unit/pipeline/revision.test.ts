/** A block whose content its source tells anew: what is published of the difference, and what not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InsertRecord } from '../../../src/encoding/encoded-record.ts';
import type { Checkpoint } from '../../../src/model/checkpoint.ts';
import { DataError } from '../../../src/model/errors.ts';
import type { RevisionUpdate } from '../../../src/model/update.ts';
import { UndoBlock } from '../../../src/normalization/undo-window.ts';
import { nothingRestored } from '../../../src/pipeline/ledger-state.ts';
import type { SimulatedBlock } from '../../support/simulation/chain-world.ts';
import { parseChange, simulatedEncoders } from '../../support/simulation/encoders.ts';
import { block, ledgerWith, publish } from '../../support/simulation/ledger.ts';

type Ledger = ReturnType<typeof ledgerWith>['ledger'];

/** The whole content of a block: amounts by row index. */
function revision(
  height: number,
  amounts: Readonly<Record<number, string>>,
  hash = `${height}a`,
): RevisionUpdate<SimulatedBlock> {
  const { header } = block(height);
  const rows = Object.entries(amounts).map(([index, amount]) => ({
    dataset: 'logs',
    row: {
      ...{ height, block_hash: hash, index: Number(index), routing: 0 },
      ...(amount === '' ? {} : { amount }),
    },
  }));
  const messages = [{ ...header, hash, rows }];
  const named = { ...header, hash };
  return { kind: 'revision', block: named, messages, isBackfill: false, receivedAtUs: 1 };
}

/** `+2a.0#1` is the insert of row 0 of block 2a, first incarnation. */
function changes(records: readonly { value: Buffer | null }[]): string[] {
  return records.map(({ value }) => {
    const { op, row, incarnation } = parseChange(value ?? Buffer.alloc(0));
    return `${op === 'd' ? '-' : '+'}${row['block_hash']}.${row['index']}#${incarnation}`;
  });
}

/** Blocks 1 and 2 with two rows each, published at offsets 0 to 3. */
function grown(): Ledger {
  const { ledger } = ledgerWith();
  ledger.take(block(1, 'a', 2));
  ledger.take(block(2, 'a', 2));
  publish(ledger);
  return ledger;
}

/** As `grown` is found after the second row of block 2 was taken back. */
function restoredLedger(checkpoint: Checkpoint): Ledger {
  const at = { topic: 'logs', partition: 0 };
  const undo = checkpoint.blocks.map((ref, index) => {
    const first = index * 2;
    const last = first + ref.rows - 1;
    return new UndoBlock<InsertRecord>(ref, [], [{ ...at, firstOffset: first, lastOffset: last }]);
  });
  return ledgerWith({}, { ...nothingRestored, checkpoint, undo }).ledger;
}

describe('a revision', () => {
  it('publishes nothing where the content is what was published', () => {
    const ledger = grown();
    ledger.take(revision(1, { 0: '', 1: '' }));
    assert.equal(ledger.isReady, false);
    assert.equal(ledger.draft.isEmpty, true);
  });

  it('takes back what differs or is gone, newest first, then inserts, and leaves the rest', () => {
    const ledger = grown();
    ledger.take(block(3, 'a', 3));
    publish(ledger, 4);
    ledger.take(revision(3, { 0: '', 1: 'new', 5: 'late' }));
    const { batch } = publish(ledger, 7);
    assert.deepEqual(changes(batch.records), ['-3a.2#1', '-3a.1#1', '+3a.1#2', '+3a.5#2']);
    assert.equal(ledger.undoRows, 2 + 2 + 3);
  });

  it('tells of the block, its incarnation and both counts on the control topic', () => {
    const ledger = grown();
    ledger.take(revision(1, { 0: 'new', 1: '', 2: 'late' }));
    const { control, checkpoint } = publish(ledger, 10);
    const { header } = block(1);
    const tallies = [{ topic: 'logs', partition: 0, inserts: 2, retractions: 1, firstOffset: 10 }];
    assert.deepEqual(control, [
      { kind: 'revision', block: header, incarnation: 2, isBackfill: false, tallies },
    ]);
    assert.equal(checkpoint.cursor, '1:block:2:2a', 'the chain did not move');
    assert.deepEqual(
      checkpoint.blocks.map(({ hash, incarnation, rows }) => [hash, incarnation, rows]),
      [
        ['1a', 2, 3],
        ['2a', 1, 2],
      ],
    );
  });

  it('of a block of the same draft lies in the same publication', () => {
    const { ledger } = ledgerWith();
    ledger.take(block(1, 'a', 2));
    ledger.take(revision(1, { 1: 'new' }));
    const { batch, checkpoint } = publish(ledger);
    assert.deepEqual(changes(batch.records), [
      ...['+1a.0#1', '+1a.1#1'],
      ...['-1a.1#1', '-1a.0#1', '+1a.1#2'],
    ]);
    assert.deepEqual(checkpoint.blocks[0]?.rows, 1);
  });

  it('is taken back with its block, which counts on when it comes back', () => {
    const ledger = grown();
    ledger.take(revision(2, { 0: 'new', 1: '' }));
    publish(ledger, 4);
    ledger.take(block(2, 'b', 1));
    assert.deepEqual(changes(publish(ledger, 6).batch.records), ['-2a.0#2', '-2a.1#1', '+2b.0#1']);
    ledger.take(block(2, 'a', 2));
    const back = changes(publish(ledger, 9).batch.records);
    assert.deepEqual(back, ['-2b.0#1', '+2a.0#3', '+2a.1#3']);
  });

  it('makes the ranges of the checkpoint reach over what it took back', () => {
    const ledger = grown();
    ledger.take(revision(2, { 0: '' }));
    const { checkpoint } = publish(ledger, 4);
    assert.deepEqual(checkpoint.undo, [
      { topic: 'logs', partition: 0, firstOffset: 0, lastOffset: 4 },
    ]);
  });

  it('may be taken back on a partition that a restarted instance writes nothing to', () => {
    const ledger = grown();
    ledger.take(revision(2, { 0: '' }));
    const { checkpoint } = publish(ledger, 4);
    // The first row of block 2 is the last that lives; the retraction after it must be read too.
    const restored = restoredLedger(checkpoint);
    restored.announce({ kind: 'heartbeat', block: null });
    const [range] = publish(restored).checkpoint.undo;
    assert.deepEqual([range?.firstOffset, range?.lastOffset], [0, 4]);
  });

  it('of a final block changes nothing and is a dead letter that names it', () => {
    const { ledger, quarantined } = ledgerWith({ dataErrors: 'quarantine' });
    ledger.take(block(1, 'a', 2));
    ledger.take(block(2));
    ledger.take({ kind: 'finalized', block: { height: 1, hash: '1a' } });
    publish(ledger);
    ledger.take(revision(1, {}));
    const { batch } = publish(ledger, 4);
    assert.deepEqual(
      batch.records.map(({ topic }) => topic),
      ['dead-letters'],
    );
    assert.match(String(batch.records[0]?.value), /chain\.revision_below_finality.*1a/);
    assert.deepEqual(quarantined, ['chain.revision_below_finality']);
  });

  it('of a final block stops a source that is told to stop at bad input', () => {
    const { ledger } = ledgerWith();
    ledger.take(block(1));
    ledger.take({ kind: 'finalized', block: { height: 1, hash: '1a' } });
    assert.throws(() => ledger.take(revision(1, {})), { code: 'chain.revision_below_finality' });
  });

  it('of another hash or above the tip retracts nothing and asks for a new session', () => {
    const ledger = grown();
    const refused = { code: 'chain.not_continuous' };
    assert.throws(() => ledger.take(revision(2, {}, '2x')), refused);
    assert.throws(() => ledger.take(revision(3, {})), refused);
    assert.equal(ledger.isReady, false);
    assert.equal(ledger.undoRows, 4);
  });

  it('keeps rows that are not in the content where a message made no row', () => {
    const encoders = simulatedEncoders();
    const insert: typeof encoders.insert = (event, origin, context) => {
      if (event.row['amount'] === 'bad') throw new DataError('row.invalid', unreadable);
      return encoders.insert(event, origin, context);
    };
    const { ledger } = ledgerWith({
      dataErrors: 'quarantine',
      encoders: { ...encoders, insert },
    });
    ledger.take(block(1, 'a', 3));
    publish(ledger);
    ledger.take(revision(1, { 0: 'new', 1: 'bad' }));
    const records = publish(ledger, 3).batch.records;
    const rows = records.filter(({ topic }) => topic === 'logs');
    assert.deepEqual(changes(rows), ['-1a.0#1', '+1a.0#2']);
  });

  it('publishes rows that supersede one another in their order', () => {
    const encoders = simulatedEncoders();
    const orderOf = () => 'one account';
    const { ledger } = ledgerWith({ encoders: { ...encoders, orderOf } });
    ledger.take(block(1, 'a', 3));
    publish(ledger);
    ledger.take(revision(1, { 0: '', 1: 'new', 2: '' }));
    const { batch } = publish(ledger, 3);
    const inserted = ['+1a.1#2', '+1a.2#2'];
    assert.deepEqual(changes(batch.records), ['-1a.2#1', '-1a.1#1', ...inserted]);
  });

  it('retracts the very record that was published', () => {
    const ledger = grown();
    ledger.take(revision(1, { 0: '' }));
    const [record] = publish(ledger, 4).batch.records;
    assert.ok(record?.value);
    const { row, reorg, eventId } = parseChange(record.value);
    assert.deepEqual(row, { height: 1, block_hash: '1a', index: 1, routing: 0 });
    assert.equal(reorg, 'test:1/revision/1a/2');
    assert.equal(eventId, 'test:1/1a/logs/1');
  });
});

const unreadable = { stage: 'encoding' as const, message: 'Not a row.' };
