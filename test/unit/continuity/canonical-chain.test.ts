import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CanonicalChain } from '../../../src/continuity/canonical-chain.ts';
import { draw, header, headers } from '../../support/picture.ts';

function play(picture: string, chain = new CanonicalChain('test:1')): string {
  return headers(picture)
    .map((block) => draw(chain.apply(block)))
    .filter((text) => text !== '')
    .join(' ');
}

function refs(names: string) {
  return names.split(' ').map((hash) => ({ height: Number.parseInt(hash, 10), hash }));
}

function hasCode(code: string) {
  return (error: unknown) => (error as { code?: string }).code === code;
}

describe('CanonicalChain', () => {
  const pictures: readonly (readonly [string, string])[] = [
    ['1a 2a 3a', '+1a +2a +3a'],
    ['1a 2a 3a | 3b 4b', '+1a +2a +3a -3a +3b +4b'],
    ['1a 2a 3a 4a | 2b 3b', '+1a +2a +3a +4a -4a -3a -2a +2b +3b'],
    ['1a 2a | 2b | 2a', '+1a +2a -2a +2b -2b +2a#2'],
    ['1a 2a | 2b | 2a | 2b', '+1a +2a -2a +2b -2b +2a#2 -2a +2b#2'],
    ['1a 1a', '+1a'],
  ];
  for (const [picture, expected] of pictures) {
    it(`turns ${picture} into ${expected}`, () => assert.equal(play(picture), expected));
  }

  it('reverts to the highest common block of a fork and is settled by its last block', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a 4a', chain);
    assert.equal(draw(chain.fork(refs('2a 3b 4b'), 'parent_hash')), '-4a -3a');
    assert.equal(chain.isSettled, false);
    assert.equal(draw(chain.apply(header('3b', '2a'))), '+3b');
    assert.equal(chain.isSettled, false);
    chain.apply(header('4b', '3b'));
    assert.equal(chain.isSettled, true);
  });

  it('takes back nothing by a fork that names no block, or before it holds one', () => {
    const chain = new CanonicalChain('test:1');
    assert.deepEqual(chain.fork(refs('3b'), 'parent_hash'), []);
    play('1a 2a', chain);
    assert.deepEqual(chain.fork([], 'parent_hash'), []);
    assert.equal(chain.isSettled, true);
    assert.equal(chain.tip?.hash, '2a');
  });

  it('goes on after a gap from the block that is named, and what was held before is final', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    assert.equal(draw(chain.resume({ height: 7, hash: '7a' })), '=7a');
    assert.equal(chain.depth, 0);
    assert.equal(draw(chain.apply(header('8a', '7a'))), '+8a');
    assert.throws(() => chain.fork(refs('2a 3b'), 'parent_hash'), {
      code: 'chain.reorg_below_finality',
    });
    assert.throws(() => chain.resume({ height: 8, hash: '8b' }), { code: 'chain.not_continuous' });
    assert.equal(chain.tip?.hash, '8a');
  });

  it('is settled at once by a fork to a shorter chain', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    assert.equal(draw(chain.fork(refs('1a'), 'rewind')), '-3a -2a');
    assert.equal(chain.isSettled, true);
    assert.deepEqual(chain.tip, {
      height: 1,
      hash: '1a',
      parentHash: '0a',
      timeMs: 1000,
      incarnation: 1,
    });
  });

  it('settles a fork whose target was overtaken by another branch', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    chain.fork(refs('1a 2b 3b'), 'parent_hash');
    chain.apply(header('2c', '1a'));
    chain.apply(header('3c', '2c'));
    assert.equal(chain.isSettled, true);
  });

  it('settles a fork when the source says that nothing is coming', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    chain.fork(refs('1a 2b 3b'), 'parent_hash');
    chain.settle();
    assert.equal(chain.isSettled, true);
  });

  it('counts a block final as soon as it arrives below the mark', () => {
    const chain = new CanonicalChain('test:1');
    chain.finalize({ height: 3, hash: '3a' });
    assert.equal(play('1a 2a 3a 4a', chain), '+1a =1a +2a =2a +3a =3a +4a');
    assert.equal(chain.depth, 1);
  });

  it('never moves finality back', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    assert.equal(draw(chain.finalize({ height: 2, hash: '2a' })), '=2a');
    assert.equal(draw(chain.finalize({ height: 1, hash: '1a' })), '');
    assert.deepEqual(chain.finalized, { height: 2, hash: '2a' });
  });

  it('refuses a reorg below finality and keeps everything it held', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a 4a', chain);
    chain.finalize({ height: 2, hash: '2a' });
    const before = chain.state();
    assert.throws(() => chain.fork(refs('1a 2b 3b'), 'x'), hasCode('chain.reorg_below_finality'));
    assert.throws(() => chain.rollback(1, 'x'), hasCode('chain.reorg_below_finality'));
    assert.throws(() => chain.apply(header('2b', '1a')), hasCode('source.contradiction'));
    assert.deepEqual(chain.state(), before);
  });

  it('allows a reorg of everything above the finalized block', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    chain.finalize({ height: 1, hash: '1a' });
    assert.equal(draw(chain.apply(header('2b', '1a'))), '-3a -2a +2b');
  });

  it('takes no block for final because of a mark above it, until the chain goes on from it', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    assert.equal(draw(chain.finalize({ height: 9, hash: '9b' })), '');
    assert.equal(draw(chain.apply(header('3b', '2a'))), '-3a +3b =3b');
  });

  it('refuses a finality mark that contradicts the reported chain', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a', chain);
    assert.throws(() => chain.finalize({ height: 2, hash: '2b' }), hasCode('source.contradiction'));
    chain.finalize({ height: 3, hash: '3x' });
    assert.throws(() => chain.apply(header('3a', '2a')), hasCode('source.contradiction'));
  });

  it('refuses a hole, an unknown parent and an old block', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    for (const block of [header('5a', '4a'), header('4x', '3x'), header('2a', '1a')]) {
      assert.throws(() => chain.apply(block), hasCode('chain.not_continuous'));
    }
  });

  it('retracts all it published when a reorg goes below its first block', () => {
    const chain = new CanonicalChain('test:1');
    play('5a 6a', chain);
    assert.equal(chain.floorHeight, 4);
    assert.equal(draw(chain.fork(refs('4b 5b 6b'), 'x')), '-6a -5a');
    assert.deepEqual(chain.tip, { height: 4, hash: '4b' });
    assert.throws(() => chain.apply(header('5x', '4x')), hasCode('chain.not_continuous'));
    assert.equal(draw(chain.apply(header('5b', '4b'))), '+5b');
  });

  it('goes on from its state as if it had never stopped', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a | 3b 4b', chain);
    const again = new CanonicalChain('test:1', chain.state());
    assert.equal(draw(again.apply(header('3a', '2a'))), '-4b -3b +3a#2');
  });

  it('counts on from the greatest incarnation of a block it is told of twice', () => {
    const chain = new CanonicalChain('test:1');
    play('1a', chain);
    const twice = [2, 1].map((incarnation) => ({ height: 2, hash: '2a', incarnation }));
    const again = new CanonicalChain('test:1', { ...chain.state(), reverted: twice });
    assert.equal(draw(again.apply(header('2a', '1a'))), '+2a#3');
  });

  it('raises the incarnation of a revised block, and counts on from it when it comes back', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    const revised = chain.revision({ height: 2, hash: '2a' });
    assert.equal(revised?.incarnation, 2);
    assert.equal(chain.revision({ height: 2, hash: '2a' })?.incarnation, 2, 'nothing moved');
    chain.revise(revised);
    assert.deepEqual(chain.tip, chain.state().blocks[2]);
    assert.equal(draw(chain.apply(header('2b', '1a'))), '-3a -2a +2b');
    assert.equal(draw(chain.apply(header('2a', '1a'))), '-2b +2a#3');
  });

  it('counts on from an incarnation that a crash published and a checkpoint does not know', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a', chain);
    const reverted = [{ height: 2, hash: '2a', incarnation: 4 }];
    const again = new CanonicalChain('test:1', { ...chain.state(), reverted });
    assert.equal(again.revision({ height: 2, hash: '2a' })?.incarnation, 5);
    again.rollback(1, 'announced');
    assert.equal(draw(again.apply(header('2a', '1a'))), '+2a#5');
  });

  it('counts on from its own incarnation where a crash published a lower one', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a', chain);
    const state = chain.state();
    const blocks = state.blocks.map((block) => ({ ...block, incarnation: 6 }));
    const reverted = [{ height: 2, hash: '2a', incarnation: 4 }];
    const again = new CanonicalChain('test:1', { ...state, blocks, reverted });
    again.rollback(1, 'announced');
    assert.equal(draw(again.apply(header('2a', '1a'))), '+2a#7');
  });

  it('does not revise a final block, and refuses one that it does not hold', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    chain.finalize({ height: 2, hash: '2a' });
    assert.equal(chain.revision({ height: 2, hash: '2a' }), null);
    assert.equal(chain.revision({ height: 1, hash: '1x' }), null);
    for (const block of [
      { height: 3, hash: '3b' },
      { height: 4, hash: '4a' },
    ]) {
      assert.throws(() => chain.revision(block), hasCode('chain.not_continuous'));
    }
  });

  it('gives up the oldest blocks when bounded, and forgets their rivals', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a | 2b 3b 4b 5b', chain);
    assert.equal(draw(chain.bound(2)), '=3b');
    assert.deepEqual(chain.state().reverted, []);
    assert.equal(draw(chain.bound(2)), '');
  });

  it('takes a rollback by height alone', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    assert.equal(draw(chain.rollback(1, 'announced')), '-3a -2a');
    assert.equal(draw(chain.apply(header('2b', '1a'))), '+2b');
    assert.equal(draw(chain.rollback(9, 'announced')), '');
  });

  it('names a reorg by the first block it takes back, the same on every run', () => {
    const chain = new CanonicalChain('test:1');
    play('1a 2a 3a', chain);
    const [update] = chain.fork(refs('1a 2b'), 'parent_hash');
    assert.deepEqual(update?.kind === 'reverted' && update.reorg, {
      id: 'test:1/2a/1',
      depth: 2,
      commonAncestorHeight: 1,
      commonAncestorHash: '1a',
      reason: 'parent_hash',
    });
  });
});
