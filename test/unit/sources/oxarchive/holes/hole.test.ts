/** From the cut to the last row: what is asked for, when a hole counts as filled, and what is said of it. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { MarketUpdate } from '../../../../../src/model/update.ts';
import { Hole } from '../../../../../src/sources/oxarchive/holes/hole.ts';
import { RowTrail } from '../../../../../src/sources/oxarchive/holes/row-trail.ts';
import { pageOf, tradeAt } from './page.ts';

const limits = {
  overlapMs: 120_000,
  firstRowWaitMs: 10_000,
  archiveLagMs: 10_000,
  archiveWaitMaxMs: 600_000,
};
const fromMs = 1_000_000;

function hole(trail = new RowTrail(100)): Hole {
  const market = { venue: 'hyperliquid', symbol: 'BTC' } as const;
  return new Hole({ market, dataset: 'trades', fromMs, reason: 'session_lost', trail, limits });
}

const said = (updates: readonly MarketUpdate[]) =>
  updates.map(({ state, fromMs: from, toMs, rows, reason }) => [state, from, toMs, rows, reason]);

describe('a hole', () => {
  it('is asked for when the first live row has come, with the overlap on both sides', () => {
    const it1 = hole();
    assert.equal(it1.askAtMs, Number.POSITIVE_INFINITY);
    it1.live(tradeAt(1_050_000), 1_050_000);
    assert.equal(it1.askAtMs, Number.POSITIVE_INFINITY, 'rows before the cut say nothing');
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_100);
    assert.equal(it1.askAtMs, 1_061_100);
    assert.deepEqual(it1.ask(1_300_000), { fromMs: 880_000, toMs: 1_181_000 });
  });

  it('of a market without a trade is asked for after a while, up to the cut', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    assert.equal(it1.askAtMs, 1_070_000);
    assert.deepEqual(it1.ask(1_070_000), { fromMs: 880_000, toMs: 1_070_000 });
  });

  it('is filled once the archive has a row at its right edge', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    const { rows } = it1.take(pageOf(tradeAt(1_010_000), tradeAt(1_061_000)));
    assert.equal(rows.length, 2);
    assert.deepEqual(said(it1.end(null, 1_061_100)), [['closed', fromMs, 1_061_000, 2, 'filled']]);
    assert.equal(it1.isSettled, true);
  });

  it('is filled once the archive says that it has come so far', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    assert.deepEqual(said(it1.end(1_060_999, 1_061_100)), []);
    it1.ask(1_071_100);
    assert.deepEqual(said(it1.end(1_061_000, 1_071_200)), [
      ['closed', fromMs, 1_061_000, 0, 'filled'],
    ]);
  });

  it('is asked for again while the archive is behind, and in the end the rest is said to be missing', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    const askedAtMs: number[] = [];
    let nowMs = it1.askAtMs;
    let told: readonly MarketUpdate[] = [];
    while (!it1.isSettled) {
      askedAtMs.push(nowMs - 1_061_000);
      it1.ask(nowMs);
      it1.take(pageOf(tradeAt(1_010_000)));
      told = it1.end(1_012_000, nowMs);
      nowMs = it1.askAtMs;
    }
    assert.deepEqual(askedAtMs, [0, 10_000, 40_000, 130_000, 400_000, 1_000_000]);
    assert.deepEqual(
      said(told).map((each) => [each[0], each[1], each[2], each[4]]),
      [
        ['closed', fromMs, 1_061_000, 'partial'],
        ['gap', 1_012_000, 1_061_000, 'archive_behind'],
      ],
    );
  });

  it('of a quiet market is filled when the overlap has passed, because nothing else can tell', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.ask(1_070_000);
    assert.deepEqual(it1.end(1_050_000, 1_070_000), []);
    it1.ask(1_180_000);
    assert.deepEqual(said(it1.end(1_050_000, 1_180_000)), [
      ['closed', fromMs, 1_060_000, 0, 'filled'],
    ]);
  });

  it('hands on what was missed and what is corrected, and nothing that is known', () => {
    const trail = new RowTrail(100);
    trail.add(tradeAt(990_000));
    trail.add(tradeAt(1_061_000));
    const it1 = hole(trail);
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    const corrected = { ...tradeAt(1_061_000), price: '7' };
    const { rows } = it1.take(pageOf(tradeAt(990_000), tradeAt(1_020_000), corrected));
    assert.deepEqual(rows, [tradeAt(1_020_000), corrected]);
  });

  it('hands on again what an earlier session had, and calls it not missed', () => {
    const trail = new RowTrail(100);
    trail.add(tradeAt(1_010_000));
    trail.beginSession();
    trail.add(tradeAt(1_061_000));
    const it1 = hole(trail);
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    const { rows } = it1.take(pageOf(tradeAt(1_010_000), tradeAt(1_061_000)));
    assert.deepEqual(rows, [tradeAt(1_010_000)]);
    assert.deepEqual(said(it1.end(null, 1_061_100)), [['closed', fromMs, 1_061_000, 0, 'filled']]);
  });

  it('is not filled by an archive that lacks a row which was live before the cut', () => {
    const trail = new RowTrail(100);
    trail.add(tradeAt(990_000));
    const it1 = hole(trail);
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    it1.take(pageOf(tradeAt(1_061_000)));
    assert.deepEqual(it1.end(1_061_000, 1_061_000), []);
    it1.ask(2_000_000);
    it1.take(pageOf(tradeAt(1_061_000)));
    const told = it1.end(1_061_000, 2_000_000);
    assert.deepEqual(
      told.map(({ reason }) => reason),
      ['partial', 'archive_lacks_known_rows'],
    );
  });

  it('stays open where the archive itself has a hole, and where it gives nothing', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    it1.take({ ...pageOf(tradeAt(1_061_000)), lacking: [{ fromMs: 1_020_000, toMs: 1_030_000 }] });
    assert.deepEqual(said(it1.end(null, 1_062_000)), [
      ['closed', fromMs, 1_061_000, 1, 'partial'],
      ['gap', 1_020_000, 1_030_000, null, 'archive_hole'],
    ]);
    const refused = hole();
    refused.cut(1_060_000);
    refused.ask(1_070_000);
    assert.deepEqual(said(refused.refused('archive_refuses', 1_070_000)), [
      ['closed', fromMs, 1_060_000, 0, 'partial'],
      ['gap', fromMs, 1_060_000, null, 'archive_refuses'],
    ]);
  });
});
