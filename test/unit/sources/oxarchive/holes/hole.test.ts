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
  return new Hole({ market, dataset: 'trades', fromMs, trail, limits });
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

  it('is not filled by the word of an archive that lacks the live row at its right edge', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    it1.take(pageOf(tradeAt(1_010_000)));
    assert.deepEqual(said(it1.end(1_100_000, 1_061_100)), [], 'it may come late');
    it1.ask(1_071_100);
    it1.take(pageOf(tradeAt(1_061_000)));
    assert.deepEqual(said(it1.end(1_110_000, 1_071_200)), [
      ['closed', fromMs, 1_061_000, 2, 'filled'],
    ]);
  });

  it('stays a gap from the last row on where the archive never has the live row at its right edge', () => {
    const later = [[], [tradeAt(1_070_000)]];
    for (const rows of later) {
      const it1 = hole();
      it1.cut(1_060_000);
      it1.live(tradeAt(1_061_000), 1_061_000);
      it1.ask(1_061_000);
      it1.take(pageOf(tradeAt(1_010_000), ...rows));
      assert.deepEqual(said(it1.end(1_100_000, 1_061_100)), []);
      it1.ask(1_661_000);
      it1.take(pageOf(tradeAt(1_010_000), ...rows));
      assert.deepEqual(
        it1.end(1_700_000, 1_661_000).map((each) => [each.fromMs, each.toMs, each.reason]),
        [
          [fromMs, 1_061_000, 'partial'],
          [1_010_000, 1_061_000, 'archive_lacks_known_rows'],
        ],
        `${rows.length} rows beyond the edge`,
      );
    }
  });

  it('has the row at its right edge by its name, whatever else the archive says of it', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    it1.take(pageOf({ ...tradeAt(1_061_000), eventTimeMs: 1_031_000, leg: 1 }));
    assert.deepEqual(said(it1.end(null, 1_061_100)), [], 'it is not beyond the edge yet');
    it1.ask(1_071_100);
    it1.take(pageOf(tradeAt(1_061_500)));
    assert.deepEqual(
      it1.end(null, 1_071_200).map(({ reason }) => reason),
      ['filled'],
    );
  });

  it('has no right edge in a live row from before it', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(990_000), 1_060_500);
    assert.equal(it1.rightMs, null);
    it1.live(tradeAt(1_061_000), 1_061_000);
    assert.equal(it1.rightMs, 1_061_000);
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
        ['gap', 1_010_000, 1_061_000, 'archive_behind'],
      ],
    );
  });

  it('of a quiet market is filled by the word of the archive', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.ask(1_070_000);
    assert.deepEqual(
      said(it1.end(1_060_000, 1_070_000)),
      [],
      'others of that millisecond may follow',
    );
    it1.ask(1_080_000);
    assert.deepEqual(said(it1.end(1_060_001, 1_080_100)), [
      ['closed', fromMs, 1_060_000, 0, 'filled'],
    ]);
  });

  it('of a quiet market needs the live row that came while the archive was asked', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.ask(1_070_000);
    it1.live(tradeAt(1_070_050), 1_070_060);
    assert.deepEqual(said(it1.end(1_070_100, 1_070_100)), []);
    assert.equal(it1.ask(1_300_000).toMs, 1_190_050);
    it1.take(pageOf(tradeAt(1_070_050)));
    assert.deepEqual(said(it1.end(1_070_100, 1_300_100)), [
      ['closed', fromMs, 1_060_000, 1, 'filled'],
    ]);
  });

  it('of a quiet market is asked for as a whole again for the row that came, and not the rest alone', () => {
    const part = { fromMs: 1_020_000, toMs: 1_030_000, reason: 'archive_hole' } as const;
    const it1 = hole();
    it1.cut(1_060_000);
    it1.ask(1_070_000);
    it1.take({ ...pageOf(), lacking: [part] });
    assert.deepEqual(said(it1.end(1_070_100, 1_070_100)), []);
    it1.live(tradeAt(1_071_000), 1_071_000);
    assert.deepEqual(it1.ask(1_300_000), { fromMs: 880_000, toMs: 1_191_000 });
  });

  it('of a quiet market is filled by a live row that the archive has too, however late it comes', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.ask(1_070_000);
    assert.deepEqual(it1.end(1_050_000, 1_070_000), []);
    it1.live(tradeAt(1_055_000), 1_075_000);
    assert.equal(it1.askAtMs, 1_080_000, 'what is before the edge is no sign of it');
    it1.live(tradeAt(1_300_000), 1_300_100);
    assert.deepEqual(it1.ask(1_500_000), { fromMs: 880_000, toMs: 1_420_000 });
    it1.take(pageOf(tradeAt(1_055_000), tradeAt(1_300_000)));
    assert.deepEqual(said(it1.end(null, 1_500_000)), [['closed', fromMs, 1_060_000, 2, 'filled']]);
  });

  it('of a quiet market stays a gap where the archive shows nothing', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.ask(1_070_000);
    assert.deepEqual(it1.end(1_050_000, 1_070_000), []);
    it1.ask(1_300_000);
    assert.deepEqual(it1.end(1_050_000, 1_300_000), []);
    it1.ask(1_670_000);
    assert.deepEqual(said(it1.end(1_050_000, 1_670_000)), [
      ['closed', fromMs, 1_060_000, 0, 'partial'],
      ['gap', 1_050_000, 1_060_000, null, 'archive_silent'],
    ]);
  });

  it('becomes wider when rows are lost again, whatever is answered of it meanwhile', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_062_000);
    assert.equal(it1.widen(990_000), true);
    it1.take(pageOf(tradeAt(1_061_000)));
    assert.deepEqual(it1.end(1_100_000, 1_063_000), []);
    assert.equal(it1.askAtMs, Number.POSITIVE_INFINITY);
    assert.equal(it1.widen(995_000), false, 'nothing more is missing than was told');
    it1.cut(1_070_000);
    it1.live(tradeAt(1_071_000), 1_071_000);
    assert.equal(it1.ask(1_071_000).fromMs, 870_000);
    it1.take(pageOf(tradeAt(1_061_000)));
    assert.deepEqual(said(it1.end(1_071_001, 1_071_000)), [], 'its right edge is another one');
    it1.ask(1_081_000);
    it1.take(pageOf(tradeAt(1_071_000)));
    assert.deepEqual(
      it1.end(1_071_001, 1_081_000).map((each) => [each.fromMs, each.toMs, each.reason]),
      [[990_000, 1_071_000, 'filled']],
    );
  });

  it('stays a gap from its beginning where only an answer that was overtaken had rows of it', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_062_000);
    it1.widen(990_000);
    it1.take(pageOf(tradeAt(1_010_000), tradeAt(1_080_000)));
    it1.end(null, 1_081_000);
    it1.cut(1_082_000);
    it1.live(tradeAt(1_071_000), 1_082_100);
    it1.ask(1_082_100);
    assert.deepEqual(said(it1.end(null, 1_082_200)), []);
    it1.ask(1_700_000);
    assert.deepEqual(
      it1.end(null, 1_700_000).map((each) => [each.fromMs, each.toMs, each.reason]),
      [
        [990_000, 1_071_000, 'partial'],
        [990_000, 1_071_000, 'archive_lacks_known_rows'],
      ],
    );
  });

  it('that became wider needs the row at its new right edge, though the archive had the one before', () => {
    const part = { fromMs: 1_020_000, toMs: 1_030_000, reason: 'archive_hole' } as const;
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    it1.take({ ...pageOf(tradeAt(1_061_000)), lacking: [part] });
    assert.deepEqual(said(it1.end(null, 1_061_100)), []);
    it1.widen(1_065_000);
    it1.cut(1_070_000);
    it1.live(tradeAt(1_071_000), 1_071_000);
    it1.ask(1_071_000);
    it1.take(pageOf(tradeAt(1_061_000)));
    assert.deepEqual(said(it1.end(1_100_000, 1_071_100)), []);
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

  it('is not filled by an archive that lacks the last row before it, whatever else it has', () => {
    const trail = new RowTrail(100);
    trail.add(tradeAt(980_000));
    trail.add(tradeAt(990_000));
    const it1 = hole(trail);
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    it1.take(pageOf(tradeAt(980_000), tradeAt(1_040_000), tradeAt(1_061_000)));
    assert.deepEqual(it1.end(1_061_000, 1_061_000), [], 'it may come late');
    it1.ask(2_000_000);
    assert.deepEqual(said(it1.end(1_061_000, 2_000_000)), [
      ['closed', fromMs, 1_061_000, 2, 'partial'],
      ['gap', fromMs, 1_061_000, null, 'archive_lacks_known_rows'],
    ]);
  });

  it('is filled where the archive has the last row before it, and lacks older ones', () => {
    const trail = new RowTrail(100);
    for (const timeMs of [870_000, 980_000, 990_000]) trail.add(tradeAt(timeMs));
    const it1 = hole(trail);
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    it1.take(pageOf(tradeAt(990_000), tradeAt(1_061_000)));
    assert.equal(said(it1.end(null, 1_061_000))[0]?.[4], 'filled');
  });

  it('is not filled by an archive that lacks a row which came within it', () => {
    for (const hasIt of [true, false]) {
      const trail = new RowTrail(100);
      trail.add(tradeAt(990_000));
      const it1 = hole(trail);
      it1.cut(1_030_000);
      it1.live(tradeAt(1_031_000), 1_031_000);
      trail.add(tradeAt(1_031_000));
      it1.ask(1_031_000);
      it1.widen(1_031_000);
      it1.take(pageOf(tradeAt(990_000), tradeAt(1_031_000)));
      it1.end(null, 1_050_000);
      it1.cut(1_060_000);
      it1.live(tradeAt(1_061_000), 1_061_000);
      it1.ask(1_061_000);
      const within = hasIt ? [tradeAt(1_031_000)] : [];
      it1.take(pageOf(tradeAt(990_000), ...within, tradeAt(1_061_000)));
      assert.equal(said(it1.end(null, 1_062_000))[0]?.[4], hasIt ? 'filled' : undefined);
    }
  });

  it('is not lacking known rows where the archive is behind them', () => {
    const trail = new RowTrail(100);
    trail.add(tradeAt(990_000));
    const it1 = hole(trail);
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    for (const nowMs of [1_061_000, 2_000_000]) {
      it1.ask(nowMs);
      it1.take(pageOf(tradeAt(980_000)));
      if (nowMs < 2_000_000) assert.deepEqual(it1.end(985_000, nowMs), []);
    }
    assert.deepEqual(said(it1.end(985_000, 2_000_000))[1], [
      ...['gap', fromMs, 1_061_000, null, 'archive_behind'],
    ]);
  });

  it('needs a row that came late within it', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    it1.live(tradeAt(1_030_000), 1_061_050);
    it1.take(pageOf(tradeAt(1_061_000)));
    assert.deepEqual(it1.end(null, 1_061_100), []);
    it1.ask(1_071_100);
    it1.take(pageOf(tradeAt(1_030_000), tradeAt(1_061_000)));
    assert.equal(said(it1.end(null, 1_071_200))[0]?.[4], 'filled');
  });

  it('needs no rows of a hole that the archive names', () => {
    const trail = new RowTrail(100);
    trail.add(tradeAt(990_000));
    const it1 = hole(trail);
    const part = { fromMs: 985_000, toMs: 1_010_000, reason: 'archive_hole' } as const;
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    it1.take({ ...pageOf(tradeAt(1_061_000)), lacking: [part] });
    assert.deepEqual(said(it1.end(null, 1_062_000)), []);
    assert.deepEqual(it1.ask(1_661_000), { fromMs: part.fromMs, toMs: part.toMs });
    it1.take({ ...pageOf(), lacking: [part] });
    assert.deepEqual(said(it1.end(null, 1_661_000)).slice(1), [
      ['gap', part.fromMs, part.toMs, null, 'archive_hole'],
    ]);
  });

  it('is asked for where the archive has a hole, which may be repaired, and stays one in the end', () => {
    const part = { fromMs: 1_020_000, toMs: 1_030_000, reason: 'archive_hole' } as const;
    for (const isRepaired of [true, false]) {
      const it1 = hole();
      it1.cut(1_060_000);
      it1.live(tradeAt(1_061_000), 1_061_000);
      it1.ask(1_061_000);
      it1.take({ ...pageOf(tradeAt(1_061_000)), lacking: [part] });
      assert.deepEqual(it1.end(null, 1_062_000), []);
      const { fromMs: askedMs, toMs } = it1.ask(1_661_000);
      assert.deepEqual([askedMs, toMs], [part.fromMs, part.toMs], 'the rest is there');
      it1.take({ ...pageOf(), lacking: isRepaired ? [] : [part] });
      const told = said(it1.end(null, 1_661_000));
      const end = isRepaired ? 'filled' : 'partial';
      assert.deepEqual(told[0], ['closed', fromMs, 1_061_000, 1, end]);
      const gap = ['gap', 1_020_000, 1_030_000, null, 'archive_hole'];
      assert.deepEqual(told.slice(1), isRepaired ? [] : [gap]);
    }
  });

  it('is not asked for again where it is older than the archive', () => {
    const it1 = hole();
    it1.cut(1_060_000);
    it1.live(tradeAt(1_061_000), 1_061_000);
    it1.ask(1_061_000);
    const part = { fromMs: 880_000, toMs: 1_010_000, reason: 'before_the_archive' } as const;
    it1.take({ ...pageOf(tradeAt(1_061_000)), lacking: [part] });
    assert.deepEqual(said(it1.end(null, 1_062_000)), [
      ['closed', fromMs, 1_061_000, 1, 'partial'],
      ['gap', 880_000, 1_010_000, null, 'before_the_archive'],
    ]);
  });

  it('stays a gap where the archive gives nothing', () => {
    const refused = hole();
    refused.cut(1_060_000);
    refused.ask(1_070_000);
    assert.deepEqual(said(refused.refused('archive_refuses')), [
      ['closed', fromMs, 1_060_000, 0, 'partial'],
      ['gap', fromMs, 1_060_000, null, 'archive_refuses'],
    ]);
  });
});
