/** What of the stream's rows becomes which block, and when. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { keyedRow } from '../../../../src/sources/blockdb/assembly/said-row.ts';
import { hashOf, logData, Story } from '../../../support/blockdb/assembly-story.ts';

let story: Story;
beforeEach(() => {
  story = new Story(7);
  story.block(7, 'a', 'z').log(7, 0, 'x').block(8, 'b', 'a').log(8, 0, 'y').later();
  assert.equal(story.told, '+7a[x] +8b[y]');
});

describe('a block', () => {
  it('is told once its successor is announced, or it was quiet for a while', () => {
    assert.equal(story.block(9, 'c', 'b').told, '');
    assert.equal(story.block(10, 'd', 'c').told, '+9c[]');
    assert.equal(story.later().told, '+10d[]');
  });

  it('has the rows that came before it', () => {
    assert.equal(story.log(9, 0, 'u').block(9, 'c', 'b').later().told, '+9c[u]');
  });

  it('whose parent is not ours waits', () => {
    assert.equal(story.block(10, 'd', 'c').later().told, '');
    assert.equal(story.rest(9, ['c', 'b'], ['u']).told, '+9c[u] +10d[]');
  });

  it('is revised by a row that comes late, once it has been quiet', () => {
    assert.equal(story.log(8, 1, 'v').told, '');
    assert.equal(story.later().told, '~8b[y,v]');
  });

  it('is not revised by a row that comes again', () => {
    assert.equal(story.log(8, 0, 'y').later().told, '');
  });

  it('is put right by REST', () => {
    assert.equal(story.rest(7, ['a', 'z'], ['x']).rest(8, ['b', 'a'], ['y', 'w']).told, '~8b[y,w]');
    assert.equal(story.rest(8, ['b', 'a'], []).told, '~8b[]');
  });
});

describe('a block that REST tells first', () => {
  it('is the one that the stream announces later', () => {
    assert.equal(story.rest(9, ['c', 'b'], ['u']).told, '+9c[u]');
    assert.equal(story.block(9, 'c', 'b').later().told, '');
    assert.equal(story.log(9, 1, 'v').later().told, '~9c[u,v]');
  });

  it('has none of the rows that waited for it, unless REST has them or gives no rows of their dataset', () => {
    assert.equal(story.log(9, 0, 'u').log(9, 1, 'v').rest(9, ['c', 'b'], ['u']).told, '+9c[u]');
    const codes = story.assembler.discards.letters.map(({ code }) => code);
    assert.deepEqual(codes, ['source.row_unannounced']);
    assert.equal(story.log(10, 0, 'w').rest(10, ['d', 'c'], null).told, '+10d[w]');
    assert.equal(story.assembler.discards.letters.length, 1);
  });
});

describe('a branch', () => {
  it('takes the place of ours when it was announced in it, with all rows that were tied to ours', () => {
    assert.equal(story.block(8, 'c', 'a', true).told, '');
    assert.equal(story.later().told, 'fork@7 +8c[]');
  });

  it('is told as a whole, as far as it goes', () => {
    story.block(7, 'd', 'z', true).log(7, 0, 'u', true).block(8, 'e', 'd', true);
    assert.equal(story.block(9, 'f', 'e').later().told, 'fork@6 +7d[u] +8e[] +9f[]');
  });

  it('has the corrections that came before its block was announced', () => {
    story.log(8, 0, 'u', true).later();
    assert.equal(story.told, '');
    assert.equal(story.block(8, 'c', 'a', true).later().told, 'fork@7 +8c[u]');
  });

  it('is not undone by an old row that comes again', () => {
    story.block(8, 'c', 'a', true).log(8, 0, 'u', true).later();
    assert.equal(story.told, 'fork@7 +8c[u]');
    assert.equal(story.log(8, 0, 'y').block(8, 'b', 'a').later().told, '');
  });

  it('that comes back has its rows again', () => {
    story.block(8, 'c', 'a', true).later();
    assert.equal(story.told, 'fork@7 +8c[]');
    assert.equal(story.block(8, 'b', 'a', true).later().told, 'fork@7 +8b[y]');
  });

  it('that its successor leaves is not told at all', () => {
    story.block(8, 'c', 'a', true).block(9, 'd', 'b').later();
    assert.equal(story.told, '+9d[]');
  });

  it('without a flag counts only when it is longer, or REST has it', () => {
    assert.equal(story.block(8, 'c', 'a').later().told, '');
    assert.equal(story.block(9, 'd', 'c').later().told, 'fork@7 +8c[] +9d[]');
    assert.equal(story.block(9, 'e', 'c').later().told, '');
    assert.equal(story.rest(9, ['e', 'c'], ['u']).told, 'fork@8 +9e[u]');
  });
});

describe('a correction without another block', () => {
  it('is not believed: REST decides', () => {
    assert.equal(story.log(8, 0, 'u', true).later().told, '');
    assert.equal(story.rest(7, ['a', 'z'], ['x']).rest(8, ['b', 'a'], ['u']).told, '~8b[u]');
    assert.deepEqual(story.assembler.discards.letters, []);
  });

  it('of a block that is final is a dead letter', () => {
    story.chain.finalize({ height: 8, hash: `0x${hashOf('b')}` });
    assert.equal(story.log(8, 0, 'u', true).later().told, '');
    assert.deepEqual(
      story.assembler.discards.letters.map(({ code }) => code),
      ['source.late_correction'],
    );
  });

  it('that says again what is final is dropped', () => {
    story.chain.finalize({ height: 8, hash: `0x${hashOf('b')}` });
    story.block(8, 'b', 'a', true).later();
    assert.deepEqual(story.assembler.discards.letters, []);
    assert.deepEqual([...story.assembler.discards.dropped], [['final', 1]]);
  });
});

describe('a block that another session published', () => {
  it('is left as it is when REST does not give all datasets, and put right when it does', () => {
    const next = new Story(7, story.chain);
    assert.equal(next.rest(7, ['a', 'z'], []).told, '~7a[]');
    assert.equal(next.rest(8, ['b', 'a'], [], false).told, '');
    assert.equal(next.block(9, 'c', 'b').later().told, '+9c[]');
  });

  it('is not replaced by a fallen one that comes again', () => {
    const next = new Story(7, story.chain);
    assert.equal(next.block(8, 'o', 'a').later().told, '');
    next.rest(7, ['a', 'z'], ['x']).rest(8, ['b', 'a'], ['y']);
    assert.deepEqual(next.told.split(' ').sort(), ['~7a[x]', '~8b[y]']);
  });
});

describe('rows that cannot be of one block', () => {
  it('are left to REST', () => {
    story.block(9, 'c', 'b').log(9, 0, 'u');
    const other = { ...logData(9, 0, 'v'), tx_index: 1 };
    const said = { ...keyedRow('logs', other), height: 9, header: null, isCorrection: false };
    story.assembler.take({ ...said, raw: Buffer.alloc(0), receivedAtUs: 0 }, story.nowMs);
    assert.equal(story.later().told, '');
    assert.equal(story.rest(9, ['c', 'b'], ['u']).told, '+9c[u]');
  });
});
