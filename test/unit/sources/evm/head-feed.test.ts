/** A subscription that is open but dead is noticed by what polling finds. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { openHeadWatcher } from '../../../../src/sources/evm/head-feed.ts';
import { FakeNode } from '../../../support/evm-node/fake-node.ts';
import { testConfig } from '../../../support/evm-node/fold.ts';
import { WallClock } from '../../../support/sources/wall-clock.ts';

class MovableClock extends WallClock {
  aheadMs = 0;
  override nowMs(): number {
    return super.nowMs() + this.aheadMs;
  }
}

it('a subscription that announces nothing while the chain grows ends the session', async () => {
  const node = await FakeNode.start();
  const clock = new MovableClock();
  const { signal } = new AbortController();
  const config = testConfig({ http: [node.http], ws: [node.ws] });
  const watcher = await openHeadWatcher(config, { clock }, signal);
  try {
    watcher.found(50, 1_000);
    node.announce(node.grow('1a', '0a'));
    assert.equal((await watcher.next(5_000, signal)).kind, 'announced');
    clock.aheadMs = 61_000;
    // Time alone proves nothing, and what was announced counts anew.
    watcher.found(9, 1_000);
    assert.throws(() => watcher.found(1, 1_000), { code: 'source.session_lost' });
  } finally {
    watcher.close();
    await node.close();
  }
});
