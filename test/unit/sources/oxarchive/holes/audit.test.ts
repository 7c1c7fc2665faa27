/** An audit finds what was dropped without a word, and says nothing where nothing was. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Audit } from '../../../../../src/sources/oxarchive/holes/audit.ts';
import { RowTrail } from '../../../../../src/sources/oxarchive/holes/row-trail.ts';
import { pageOf, tradeAt } from './page.ts';

const limits = {
  auditIntervalMs: 60_000,
  archiveLagMs: 10_000,
  overlapMs: 120_000,
  archiveWaitMaxMs: 600_000,
};

function audit({ isOnlyWay = false, rowsMax = 100 } = {}) {
  const market = { venue: 'hyperliquid', symbol: 'BTC' } as const;
  const trail = new RowTrail(rowsMax);
  return { trail, audit: new Audit({ market, dataset: 'trades', trail, isOnlyWay }, limits) };
}

describe('an audit', () => {
  it('begins when rows are yielded, and looks at those that the archive should have', () => {
    const { audit: it1 } = audit();
    assert.equal(it1.askAtMs, Number.POSITIVE_INFINITY);
    it1.begin(1_000_000, 1_000_000);
    assert.equal(it1.askAtMs, 1_060_000);
    assert.deepEqual(it1.ask(1_060_000), { fromMs: 1_000_000, toMs: 1_050_000 });
  });

  it('tells of rows that were never live, and gives them', () => {
    const { audit: it1, trail } = audit();
    trail.add(tradeAt(1_010_000));
    it1.begin(1_000_000, 1_000_000);
    it1.ask(1_060_000);
    const { rows, updates } = it1.take(pageOf(tradeAt(1_010_000), tradeAt(1_020_000)));
    assert.deepEqual(rows, [tradeAt(1_020_000)]);
    assert.deepEqual(
      updates.map(({ state, fromMs, reason }) => [state, fromMs, reason]),
      [['gap', 1_020_000, 'dropped_silently']],
    );
    const [closed] = it1.end(1_050_001, 1_061_000);
    assert.deepEqual(
      [closed?.state, closed?.rows, closed?.fromMs, closed?.reason],
      ['closed', 1, 1_020_000, 'filled'],
    );
  });

  it('leaves open what it told until the archive is beyond it, and then says what is missing', () => {
    const { audit: it1 } = audit();
    it1.begin(1_000_000, 1_000_000);
    it1.ask(1_060_000);
    it1.take(pageOf(tradeAt(1_020_000)));
    assert.deepEqual(it1.end(1_050_000, 1_061_000), [], 'rows of that millisecond may follow');
    it1.ask(1_700_000);
    it1.take(pageOf());
    const told = it1.end(null, 1_700_000);
    assert.deepEqual(
      told.map(({ state, fromMs, toMs, reason }) => [state, fromMs, toMs, reason]),
      [
        ['closed', 1_020_000, 1_050_000, 'partial'],
        ['gap', 1_020_000, 1_050_000, 'archive_behind'],
      ],
    );
  });

  it('leaves open what it told where the archive lacks a row that is known there', () => {
    for (const comes of [true, false]) {
      const { audit: it1, trail } = audit();
      trail.add(tradeAt(1_030_000));
      it1.begin(1_000_000, 1_000_000);
      it1.ask(1_060_000);
      it1.take(pageOf(tradeAt(1_020_000)));
      trail.add(tradeAt(1_020_000));
      assert.deepEqual(it1.end(1_055_000, 1_061_000), []);
      const { fromMs } = it1.ask(comes ? 1_121_000 : 1_700_000);
      assert.equal(fromMs, 1_010_000);
      it1.take(pageOf(...(comes ? [tradeAt(1_020_000), tradeAt(1_030_000)] : [])));
      const told = it1.end(2_000_000, comes ? 1_121_000 : 1_700_000);
      assert.deepEqual(
        told.map(({ state, toMs, reason }) => [state, toMs, reason]),
        comes
          ? [['closed', 1_050_000, 'filled']]
          : [
              ['closed', 1_050_000, 'partial'],
              ['gap', 1_050_000, 'archive_lacks_known_rows'],
            ],
      );
      it1.ask(1_760_000);
      it1.take(pageOf(tradeAt(1_740_000)));
      assert.equal(it1.end(2_000_000, 1_761_000)[0]?.reason, 'filled', 'another time');
    }
  });

  it('needs no row that the archive has not come to', () => {
    const { audit: it1, trail } = audit();
    it1.begin(1_000_000, 1_000_000);
    it1.ask(1_060_000);
    it1.take(pageOf(tradeAt(1_020_000)));
    for (const timeMs of [1_020_000, 1_040_000]) trail.add(tradeAt(timeMs));
    assert.deepEqual(it1.end(1_030_000, 1_061_000), []);
    it1.ask(1_700_000);
    it1.take(pageOf(tradeAt(1_020_000)));
    const told = it1.end(1_030_000, 1_700_000);
    assert.deepEqual(told.at(-1)?.reason, 'archive_behind');
  });

  it('hands what it told over to a hole that was opened, and says no more of it', () => {
    const { audit: it1 } = audit();
    it1.begin(1_000_000, 1_000_000);
    it1.ask(1_060_000);
    it1.take(pageOf(tradeAt(1_020_000)));
    assert.equal(it1.handOver(), 1_020_000);
    const { rows, updates } = it1.take(pageOf(tradeAt(1_030_000)));
    assert.deepEqual([rows.length, updates], [1, []]);
    assert.deepEqual(it1.end(2_000_000, 1_061_000), []);
  });

  it('gives a row that has another content now, and calls it no gap', () => {
    const { audit: it1, trail } = audit();
    trail.add(tradeAt(1_010_000));
    it1.begin(1_000_000, 1_000_000);
    it1.ask(1_060_000);
    const corrected = { ...tradeAt(1_010_000), price: '7' };
    assert.deepEqual(it1.take(pageOf(corrected)), { rows: [corrected], updates: [] });
  });

  it('says nothing where all was live, and goes on from there', () => {
    const { audit: it1, trail } = audit();
    trail.add(tradeAt(1_010_000));
    it1.begin(1_000_000, 1_000_000);
    it1.ask(1_060_000);
    assert.deepEqual(it1.take(pageOf(tradeAt(1_010_000))), { rows: [], updates: [] });
    assert.deepEqual(it1.end(null, 1_061_000), []);
    assert.equal(it1.askAtMs, 1_121_000);
    assert.deepEqual(it1.ask(1_121_000), { fromMs: 1_000_000, toMs: 1_111_000 });
  });

  it('calls nothing missed that may only be forgotten, or has no live stream', () => {
    for (const options of [{ rowsMax: 1 }, { isOnlyWay: true }]) {
      const { audit: it1, trail } = audit(options);
      trail.add(tradeAt(1_010_000));
      trail.add(tradeAt(1_020_000));
      it1.begin(1_000_000, 1_000_000);
      it1.ask(1_060_000);
      const { rows, updates } = it1.take(pageOf(tradeAt(1_005_000)));
      assert.deepEqual([rows.length, updates], [1, []]);
    }
  });
});
