/** A session against a scripted node: which heads it believes, asked for or announced. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fakeBlock, hashOf } from '../../../support/evm-node/fake-chain.ts';
import { FakeNode } from '../../../support/evm-node/fake-node.ts';
import { type Fold, open } from '../../../support/evm-node/fold.ts';
import { until } from '../../../support/evm-node/until.ts';

let node: FakeNode;
beforeEach(async () => {
  node = await FakeNode.start();
});
afterEach(() => node.close());

const reached = (name: string) => (fold: Fold) => fold.chain.tip?.hash === hashOf(name);

describe('a head that went back', () => {
  it('is believed when the same node says so twice', async () => {
    node.grow('1a 2a 3a', '0a');
    const { fold, source } = open({ http: [node.http], rewindConfirmMs: 100 });
    await fold.run(source, reached('3a'));
    node.setHead(node.byName('1a'));
    const startedAtMs = Date.now();
    await fold.run(source, reached('1a'));
    assert(Date.now() - startedAtMs >= 100, 'not before the second look');
    assert.equal(fold.picture, '+a +1a +2a +3a ~1a');
  });

  it('is followed onto a shorter branch', async () => {
    node.grow('1a 2a 3a', '0a');
    const { fold, source } = open({ http: [node.http], rewindConfirmMs: 30 });
    await fold.run(source, reached('3a'));
    node.grow('2b', '1a');
    await fold.run(source, reached('2b'));
    assert.equal(fold.picture, '+a +1a +2a +3a ~1a,2b +2b');
  });

  it('says nothing of finality while it is in doubt', async () => {
    node.grow('1a 2a 3a', '0a');
    const { fold, source } = open({ http: [node.http], rewindConfirmMs: 60_000 });
    await fold.run(source, reached('3a'));
    node.grow('2b', '1a');
    node.finalizedHeight = 2;
    await fold.run(source, (_, { kind }) => kind === 'idle');
    assert.equal(fold.picture, '+a +1a +2a +3a');
    assert.deepEqual(fold.chain.finalized, { height: 0, hash: hashOf('0a') });
  });

  it('is ignored while it comes nearer: the node is catching up', async () => {
    node.grow('1a 2a 3a 4a 5a 6a 7a 8a 9a', '0a');
    const { fold, source } = open({ http: [node.http], rewindConfirmMs: 1 });
    await fold.run(source, reached('9a'));
    let height = 0;
    node.onCall = ({ params }) => {
      if (params[0] !== 'latest' || height === 9) return undefined;
      height += 1;
      node.setHead(node.byName(`${height}a`));
      return undefined;
    };
    await fold.run(source, () => height === 9);
    assert.deepEqual(fold.forks, []);
  });

  it('is ignored when it was a lagging answer', async () => {
    node.grow('1a 2a 3a', '0a');
    const { fold, source } = open({ http: [node.http], rewindConfirmMs: 0 });
    await fold.run(source, reached('3a'));
    let lagging = 0;
    node.onCall = (call) => {
      const isHead = call.method === 'eth_getBlockByNumber' && call.params[0] === 'latest';
      if (!isHead || lagging >= 5) return undefined;
      lagging += 1;
      return node.defaultAnswer({ ...call, params: ['0x1', false] }) as { result: unknown };
    };
    const running = fold.run(source, reached('4a'));
    await until('the node lagged', () => lagging === 5);
    node.grow('4a', '3a');
    await running;
    assert.equal(fold.picture, '+a +1a +2a +3a +4a');
  });

  it('is ignored when a second node still has our block', async () => {
    const second = await FakeNode.start();
    try {
      node.grow('1a 2a 3a', '0a');
      second.grow('1a 2a 3a', '0a');
      const { fold, source } = open({ http: [node.http, second.http], rewindConfirmMs: 0 });
      await fold.run(source, reached('3a'));
      node.setHead(node.byName('1a'));
      const running = fold.run(source, reached('4a'));
      await until('the second node was asked', () => second.calls.length > 4);
      second.grow('4a', '3a');
      await running;
      assert.equal(fold.picture, '+a +1a +2a +3a +4a');
    } finally {
      await second.close();
    }
  });
});

describe('announced heads', () => {
  it('are hints: skipped, repeated and reordered ones give the same chain', async () => {
    node.grow('1a', '0a');
    const { fold, source } = open({ http: [node.http], ws: [node.ws], blockTimeMs: 60_000 });
    const running = fold.run(source, reached('6a'));
    await until('the subscription', () => node.isSubscribed && reached('1a')(fold));
    node.announce(node.grow('2a', '1a'));
    await until('2a', () => reached('2a')(fold));
    node.grow('3a 4a 5a 6a', '2a');
    for (const name of ['2a', '5a', '4a', '5a', '6a']) node.announce(node.byName(name));
    await running;
    assert.equal(fold.picture, '+a +1a +2a +3a +4a +5a +6a');
  });

  it('of which only the last of a new branch comes still give the whole branch', async () => {
    node.grow('1a 2a 3a', '0a');
    const { fold, source } = open({ http: [node.http], ws: [node.ws], blockTimeMs: 60_000 });
    const running = fold.run(source, reached('4b'));
    await until('the subscription', () => node.isSubscribed && reached('3a')(fold));
    node.announce(node.grow('2b 3b 4b', '1a'));
    await running;
    assert.equal(fold.picture, '+a +1a +2a +3a ~1a,2b,3b,4b +2b +3b +4b');
  });

  it('that name our block as parent of a block that is not its child are not believed', async () => {
    node.grow('1a 2a', '0a');
    const { fold, source } = open({ http: [node.http], ws: [node.ws], blockTimeMs: 60_000 });
    const running = fold.run(source, reached('3b'));
    await until('the subscription', () => node.isSubscribed && reached('2a')(fold));
    node.grow('2b 3b', '1a');
    node.announce({ ...node.byName('3b'), parentHash: hashOf('2a') });
    await running;
    assert.equal(fold.picture, '+a +1a +2a ~1a,2b,3b +2b +3b');
  });

  it('of a side block that is not canonical are not believed', async () => {
    node.grow('1a', '0a');
    const { fold, source } = open({ http: [node.http], ws: [node.ws], blockTimeMs: 60_000 });
    const running = fold.run(source, reached('2a'));
    await until('the subscription', () => node.isSubscribed && reached('1a')(fold));
    const side = node.add(fakeBlock('2b', '1a', ['2b1']));
    node.grow('2a', '1a');
    node.announce(side);
    await running;
    assert.equal(fold.picture, '+a +1a +2a');
  });

  it('that are lost are found by polling', async () => {
    node.grow('1a', '0a');
    const { fold, source } = open({ http: [node.http], ws: [node.ws], blockTimeMs: 50 });
    const running = fold.run(source, reached('3a'));
    await until('the subscription', () => node.isSubscribed && reached('1a')(fold));
    node.grow('2a 3a', '1a');
    await running;
  });

  it('that no node has end the session after several tries', async () => {
    node.grow('1a', '0a');
    const { fold, source } = open({ http: [node.http], ws: [node.ws], blockTimeMs: 60_000 });
    const running = fold.run(source, () => false);
    const failed = assert.rejects(running, { code: 'source.missing_block' });
    await until('the subscription', () => node.isSubscribed && reached('1a')(fold));
    node.announce(fakeBlock('2a', '1a'));
    await failed;
    const asked = node.calls.filter(({ params }) => params[0] === hashOf('2a'));
    assert(asked.length >= 3, 'it was asked for more than once');
  });

  it('that come late to the node are read when it has them', async () => {
    node.grow('1a', '0a');
    const { fold, source } = open({ http: [node.http], ws: [node.ws], blockTimeMs: 60_000 });
    const running = fold.run(source, reached('2a'));
    await until('the subscription', () => node.isSubscribed && reached('1a')(fold));
    let refusals = 0;
    node.onCall = ({ method }) => {
      if (method !== 'eth_getBlockByHash' || refusals >= 2) return undefined;
      refusals += 1;
      return { result: null };
    };
    node.announce(node.grow('2a', '1a'));
    await running;
    assert.equal(refusals, 2);
  });

  it('that cannot be read are reported with their bytes, and the session goes on', async () => {
    node.grow('1a', '0a');
    const { fold, source } = open({ http: [node.http], ws: [node.ws], blockTimeMs: 60_000 });
    const running = fold.run(source, reached('2a'));
    await until('the subscription', () => node.isSubscribed && reached('1a')(fold));
    node.sendFrame('{"jsonrpc":"2.0","method":"eth_sub');
    node.announce(node.grow('2a', '1a'));
    await running;
    const malformed = fold.updates.flatMap((u) => (u.kind === 'malformed' ? [u] : []));
    assert.deepEqual(
      malformed.map(({ raw, code }) => [Buffer.from(raw).toString(), code]),
      [['{"jsonrpc":"2.0","method":"eth_sub', 'source.malformed_frame']],
    );
  });
});
