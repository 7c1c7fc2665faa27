/** Which block a bar is of, and what becomes of it when that block falls, or when it is corrected. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { hashOf, Story } from '../../../support/blockdb/assembly-story.ts';

let story: Story;
/** Blocks are 12 s apart: a minute ends with block 10. */
beforeEach(() => {
  story = new Story(7);
  story.block(7, 'a', 'z').block(8, 'b', 'a').block(9, 'c', 'b').later();
  assert.equal(story.told, '+7a[] +8b[] +9c[]');
});

describe('a bar', () => {
  it('waits, however often it is told, and comes with the block that closes its bucket', () => {
    assert.equal(story.bar(120, 1).bar(180, 1).bar(120, 2).later().told, '');
    assert.equal(story.block(10, 'd', 'c').block(11, 'e', 'd').told, '+10d[120=2]');
  });

  it('is of the first block at or after the end of its bucket, alone or among several', () => {
    story.bar(120, 1).bar(180, 2).bar(240, 3);
    story.blockOf(119, [10, 'd', 'c']).blockOf(240, [11, 'e', 'd']).blockOf(241, [12, 'f', 'e']);
    assert.equal(story.later().told, '+10d[] +11e[120=1,180=2,240=3] +12f[]');
  });

  it('that comes late, or once more with other values, revises its block', () => {
    assert.equal(story.block(10, 'd', 'c').later().told, '+10d[]');
    assert.equal(story.bar(120, 1).later().told, '~10d[120=1]');
    assert.equal(story.bar(120, 1).later().told, '');
    assert.equal(story.bar(120, 2).later().told, '~10d[120=2]');
  });

  it('is not put back by an old version of itself, unless that is flagged', () => {
    story.bar(120, 1).block(10, 'd', 'c').bar(120, 2).later();
    assert.equal(story.told, '+10d[120=2]');
    assert.equal(story.bar(120, 1).later().told, '');
    assert.equal(story.bar(120, 1, true).later().told, '~10d[120=1]');
  });

  it('waits for the parent of its block, which tells what is of it', () => {
    story.bar(120, 1).block(11, 'e', 'd').later();
    assert.equal(story.told, '');
    assert.equal(story.block(10, 'd', 'c').later().told, '+10d[120=1] +11e[]');
  });
});

describe('a bar whose block falls', () => {
  beforeEach(() => {
    story.bar(120, 1).block(10, 'd', 'c').later();
    assert.equal(story.told, '+10d[120=1]');
  });

  it('is of the block in its place, also when nobody tells it again', () => {
    assert.equal(story.block(10, 'e', 'c', true).later().told, 'fork@9 +10e[120=1]');
  });

  it('is of the block above when its bucket is open again', () => {
    story.blockOf(119, [10, 'e', 'c'], true).block(11, 'f', 'e');
    assert.equal(story.later().told, 'fork@9 +10e[] +11f[120=1]');
  });

  it('has the values that it has on the new branch, and the old ones when that falls too', () => {
    story.block(9, 'g', 'b', true).block(10, 'e', 'g', true).bar(120, 5, true);
    assert.equal(story.later().told, 'fork@8 +9g[] +10e[120=5]');
    story.block(9, 'c', 'b', true).block(10, 'd', 'c', true).bar(120, 1, true);
    assert.equal(story.later().told, 'fork@8 +9c[] +10d[120=1]');
  });
});

describe('a published bar', () => {
  beforeEach(() => {
    story.bar(120, 1).block(10, 'd', 'c').later();
    assert.equal(story.told, '+10d[120=1]');
  });

  it('that REST has otherwise, or not at all, is as REST says', () => {
    assert(story.restBars([10, 'd', 'c'], [[120, 3]]));
    assert.equal(story.told, '~10d[120=3]');
    assert(story.restBars([10, 'd', 'c'], []));
    assert.equal(story.told, '~10d[]');
    assert.equal(story.block(10, 'e', 'c', true).later().told, 'fork@9 +10e[]');
  });

  it('is not compared before REST has come to what was said last', () => {
    story.block(11, 'e', 'd').block(12, 'f', 'e').bar(120, 2).later();
    assert.equal(story.told, '+11e[] +12f[] ~10d[120=2]');
    assert(!story.restBars([10, 'd', 'c'], [[120, 1]], 12));
    assert.equal(story.told, '');
    assert(story.restBars([10, 'd', 'c'], [[120, 2]], 13));
    assert.equal(story.told, '');
  });

  it('is not compared before REST has come to what a new session heard first', () => {
    const next = new Story(7, story.chain);
    assert(!next.restBars([10, 'd', 'c'], [[120, 1]], 14));
    next.block(11, 'e', 'd');
    assert(!next.restBars([10, 'd', 'c'], [[120, 1]], 10));
    assert(next.restBars([10, 'd', 'c'], [[120, 2]], 11));
    assert.match(next.later().told, /~10d\[120=2\]/);
  });
});

describe('a bar that was compared while it was new', () => {
  it('is asked for again before it is final, and its block again when it is another', () => {
    story = new Story(9).block(9, 'b', 'a').block(10, 'c', 'b').block(11, 'd', 'c').later();
    assert(story.restBars([9, 'b', 'a'], []) && story.restBars([10, 'c', 'b'], [[120, 3]]));
    assert.deepEqual(story.recheck([]), []);
    story.block(12, 'e', 'd').block(13, 'f', 'e').block(14, 'g', 'f').block(15, 'h', 'g');
    assert.equal(story.assembler.auditedTo, 10);
    assert.deepEqual(story.recheck([[120, 4]]), [9, 10]);
    assert.equal(story.assembler.auditedTo, 9);
    assert(story.restBars([10, 'c', 'b'], [[120, 4]]));
    assert.deepEqual(story.recheck([]), []);
    assert.match(story.later().told, /\+10c\[120=4\]|~10c\[120=4\]/);
  });

  it('is left as it is when REST says the same', () => {
    story = new Story(10).block(10, 'c', 'b');
    assert(story.restBars([10, 'c', 'b'], [[120, 3]]));
    story.block(11, 'd', 'c').block(12, 'e', 'd').block(13, 'f', 'e').block(14, 'g', 'f');
    assert.deepEqual(story.block(15, 'h', 'g').recheck([[120, 3]]), [10]);
    assert.equal(story.assembler.auditedTo, 10);
  });
});

describe('a bar that closed', () => {
  it('with a final block, or below it, is a dead letter', () => {
    story.bar(120, 1).block(10, 'd', 'c').later();
    assert.equal(story.told, '+10d[120=1]');
    story.assembler.prune(10);
    story.chain.finalize({ height: 10, hash: `0x${hashOf('d')}` });
    assert.equal(story.bar(120, 2).later().told, '');
    const codes = story.assembler.discards.letters.map(({ code }) => code);
    assert.deepEqual(codes, ['source.late_bar']);
  });

  it('before the source began is dropped, and counted', () => {
    story.assembler.settleBelow({ height: 6, hash: '0x', parentHash: '0x', timeMs: 72_000 });
    assert.equal(story.bar(60, 1).later().told, '');
    assert.equal(story.assembler.discards.dropped.get('final'), 1);
    assert.deepEqual(story.assembler.discards.letters, []);
  });
});
