/** A session against a scripted node: what it reports when the chain grows or forks, and how it ends. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { tokenCursor } from '../../../../src/model/cursor.ts';
import { fakeBlock, hashOf, wireBlock } from '../../../support/evm-node/fake-chain.ts';
import { FakeNode } from '../../../support/evm-node/fake-node.ts';
import { type Fold, open } from '../../../support/evm-node/fold.ts';
import { until } from '../../../support/evm-node/until.ts';

let node: FakeNode;
beforeEach(async () => {
  node = await FakeNode.start();
});
afterEach(() => node.close());

const reached = (name: string) => (fold: Fold) => fold.chain.tip?.hash === hashOf(name);

describe('a growing chain', () => {
  it('is reported block by block from the start, in order', async () => {
    node.grow('1a 2a 3a', '0a');
    const { fold, source } = open({ http: [node.http] });
    await fold.run(source, reached('3a'));
    assert.equal(fold.picture, '+a +1a +2a +3a');
  });

  it('is caught up in several fetches at once and still reported in order', async () => {
    const names = Array.from({ length: 199 }, (_, index) => `${index + 1}a`);
    node.grow(names.join(' '), '0a');
    const { fold, source } = open({ http: [node.http], blocksPerFetch: 3, concurrency: 7 });
    await fold.run(source, reached('199a'));
    assert.deepEqual(
      fold.updates.flatMap((update) => (update.kind === 'block' ? [update.header.height] : [])),
      Array.from({ length: 200 }, (_, index) => index),
    );
    const flags = fold.updates.flatMap((u) => (u.kind === 'block' ? [u.isBackfill] : []));
    assert.equal(flags.indexOf(false), 194, 'what is well below the head is backfill');
  });

  it('goes on strictly after the cursor', async () => {
    node.grow('1a 2a', '0a');
    const { fold, source } = open({ http: [node.http] });
    await fold.run(source, reached('2a'));
    node.grow('3a', '2a');
    await fold.run(source, reached('3a'));
    assert.equal(fold.picture, '+a +1a +2a +3a');
  });

  it('begins at the head with start latest, and at the finalized block with start finalized', async () => {
    node.grow('1a 2a 3a', '0a');
    node.finalizedHeight = 2;
    const latest = open({ http: [node.http], start: 'latest' });
    await latest.fold.run(latest.source, reached('3a'));
    assert.equal(latest.fold.picture, '+3a');
    const finalized = open({ http: [node.http], start: 'finalized' });
    await finalized.fold.run(finalized.source, reached('3a'));
    assert.equal(finalized.fold.picture, '+2a +3a');
  });

  it('waits for a start height that the chain has not reached yet', async () => {
    node.grow('1a', '0a');
    const { fold, source } = open({ http: [node.http], start: 3 });
    const running = fold.run(source, reached('3a'));
    await until('the head was polled', () => node.calls.length > 6);
    node.grow('2a 3a', '1a');
    await running;
    assert.equal(fold.picture, '+3a');
  });

  it('reports that it is alive while nothing happens', async () => {
    const { fold, source } = open({ http: [node.http] });
    await fold.run(source, (_, update) => update.kind === 'idle');
    assert.deepEqual(fold.updates.at(-1), { kind: 'idle', cursor: fold.cursor });
  });

  it('refuses a cursor that names no block', async () => {
    const { fold, source } = open({ http: [node.http] });
    fold.cursor = tokenCursor('17');
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'cursor.unreadable' },
    );
  });
});

describe('a fork', () => {
  it('is reported from the common ancestor to the new head, then its blocks', async () => {
    node.grow('1a 2a 3a', '0a');
    const { fold, source } = open({ http: [node.http] });
    await fold.run(source, reached('3a'));
    node.grow('2b 3b 4b', '1a');
    await fold.run(source, reached('4b'));
    assert.equal(fold.picture, '+a +1a +2a +3a ~1a,2b,3b,4b +2b +3b +4b');
  });

  it('of the same length is found by polling', async () => {
    node.grow('1a 2a 3a', '0a');
    const { fold, source } = open({ http: [node.http] });
    const running = fold.run(source, reached('3b'));
    await until('3a is held', () => reached('3a')(fold));
    node.grow('3b', '2a');
    await running;
    assert.equal(fold.picture, '+a +1a +2a +3a ~2a,3b +3b');
  });

  it('in the middle of a read is no error: the head is looked at again', async () => {
    node.grow('1a 2a 3a', '0a');
    node.onCall = ({ method }) => {
      if (method !== 'eth_getBlockReceipts' || node.head.hash !== hashOf('3a')) return undefined;
      node.grow('2b 3b 4b', '1a');
      node.forget(node.byName('2a'));
      return undefined;
    };
    const { fold, source } = open({ http: [node.http], attemptsMax: 1 });
    await fold.run(source, reached('4b'));
    assert.equal(fold.picture, '+a +1a +2b +3b +4b');
  });

  it('between two answers of one read is noticed by the parent hashes', async () => {
    node.grow('1a 2b 3b', '0a');
    node.grow('1a 2a 3a', '0a');
    let mixed = 0;
    node.onCall = ({ method, params }) => {
      if (method !== 'eth_getBlockByNumber' || params[0] !== '0x2' || mixed > 0) return undefined;
      mixed += 1;
      return { result: wireBlock(node.byName('2b'), true) };
    };
    const { fold, source } = open({ http: [node.http] });
    await fold.run(source, reached('3a'));
    assert.equal(mixed, 1);
    assert.equal(fold.picture, '+a +1a +2a +3a');
  });

  it('back to the first branch is reported again', async () => {
    node.grow('1a 2a', '0a');
    const { fold, source } = open({ http: [node.http] });
    await fold.run(source, reached('2a'));
    node.grow('2b', '1a');
    await fold.run(source, reached('2b'));
    node.setHead(node.byName('2a'));
    await fold.run(source, reached('2a'));
    assert.equal(fold.picture, '+a +1a +2a ~1a,2b +2b ~1a,2a +2a');
  });

  it('reports nothing of a branch until all of its contents are there', async () => {
    node.grow('1a 2a 3a', '0a');
    const { fold, source } = open({ http: [node.http], attemptsMax: 1 });
    await fold.run(source, reached('3a'));
    node.grow('2b 3b 4b', '1a');
    node.onCall = ({ method, params }) =>
      method === 'eth_getBlockReceipts' && params[0] === hashOf('3b') ? { result: [] } : undefined;
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'source.inconsistent_block' },
    );
    assert.equal(fold.picture, '+a +1a +2a +3a');
  });

  for (const finality of ['tag', 'depth'] as const) {
    it(`while nobody looked, for longer than finality takes, is an ordinary one (${finality})`, async () => {
      node.grow('1a 2a 3a', '0a');
      const options = { http: [node.http], sliceBlocks: 4, finality, finalityDepth: 5 };
      const { fold, source } = open(options);
      await fold.run(source, reached('3a'));
      const names = Array.from({ length: 28 }, (_, index) => `${index + 3}b`);
      node.grow(names.join(' '), '2a');
      node.finalizedHeight = 25;
      await fold.run(source, reached('30b'));
      assert.match(fold.picture, /^\+a \+1a \+2a \+3a ~2a,3b,/);
    });
  }

  it('below the finalized block is handed to continuity with a root that is not ours', async () => {
    node.grow('1a 2a 3a 4a', '0a');
    node.finalizedHeight = 3;
    const { fold, source } = open({ http: [node.http] });
    await fold.run(source, (_, update) => update.kind === 'finalized');
    node.finalizedHeight = 0;
    node.grow('2b 3b 4b 5b', '1a');
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'chain.reorg_below_finality' },
    );
    assert.deepEqual(Object.values(fold.hashes).at(-1), hashOf('4a'), 'nothing was taken back');
  });

  it('below the finalized block is another chain when its genesis block is another one', async () => {
    node.grow('1a 2a 3a 4a', '0a');
    node.finalizedHeight = 3;
    const { fold, source } = open({ http: [node.http] });
    const running = fold.run(source, (_, { kind }) => {
      if (kind === 'finalized') {
        node.add(fakeBlock('0b', 'f'));
        node.grow('1b 2b 3b 4b 5b', '0b');
      }
      return false;
    });
    await assert.rejects(running, { code: 'source.other_genesis' });
  });
});

describe('the end of a session', () => {
  it('comes with the close code and reason when the socket is lost', async () => {
    const { fold, source } = open({ http: [node.http], ws: [node.ws] });
    const running = fold.run(source, () => false);
    const failed = assert.rejects(running, {
      code: 'source.session_lost',
      message: /1013 \(bye\)/,
    });
    await until('the subscription', () => node.isSubscribed);
    node.hangUp(1013, 'bye');
    await failed;
  });

  it('comes after a while when no socket could be opened, so that it is tried again', async () => {
    const { fold, source } = open({
      http: [node.http],
      ws: ['ws://127.0.0.1:1'],
      webSocketRetryMs: 100,
    });
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'source.session_lost', message: /no WebSocket could be opened/ },
    );
    assert.equal(fold.picture, '+a', 'it polled meanwhile');
  });

  it('comes with source.unreachable when no node answers', async () => {
    const { fold, source } = open({ http: ['http://127.0.0.1:1'] });
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'source.unreachable' },
    );
  });
});
