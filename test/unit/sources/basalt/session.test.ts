/** A session against simulated nodes: what it reports when the chain grows, jumps or goes back. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { NodeOptions } from '../../../../src/devnet/basalt/node.ts';
import { open } from '../../../support/basalt/basalt-fold.ts';
import { BasaltSite } from '../../../support/basalt/basalt-site.ts';
import { assertSameRows } from '../../../support/basalt/basalt-truth.ts';
import { until } from '../../../support/evm-node/until.ts';

let site: BasaltSite;
afterEach(() => site.close());

async function start(historyBlocks: number, nodes?: readonly NodeOptions[]) {
  site = await BasaltSite.open({ historyBlocks }, nodes);
  return { simulator: site.simulator, config: site.config };
}

describe('a growing chain', () => {
  it('is published from genesis to the head, row for row', async () => {
    const { simulator, config } = await start(60);
    const { fold, source } = open(config);
    await fold.run(source, (reader) => site.isReached(reader));
    assertSameRows(fold, simulator);
  });

  it('is followed by its frames', async () => {
    const { simulator, config } = await start(3);
    const fold = await site.whileRunning({ ...config, silenceMs: 60_000 }, () => {
      simulator.produce(4);
    });
    assertSameRows(fold, simulator);
    assert.deepEqual(fold.forks, []);
  });

  it('jumps where a node announces only the last block of a batch', async () => {
    const { simulator, config } = await start(3, [{ mode: 'rpc' }]);
    const fold = await site.whileRunning({ ...config, silenceMs: 60_000 }, () => {
      simulator.produce(100);
    });
    assertSameRows(fold, simulator);
    assert.deepEqual(fold.forks, []);
  });

  it('costs no second request for a block without transactions', async () => {
    const { simulator, config } = await start(3);
    await site.whileRunning({ ...config, silenceMs: 60_000 }, () => {
      simulator.produce(1, { transactions: 0 });
    });
    const { number } = simulator.head;
    const asked = site.servers[0]?.requests.filter((path) =>
      path.startsWith(`/v1/blocks/${number}`),
    );
    assert.deepEqual(asked, [`/v1/blocks/${number}`]);
  });

  it('is followed where the next block comes before the current one', async () => {
    const { simulator, config } = await start(3);
    simulator.node.faults.arm({ name: 'next-before-current' });
    const { fold, source } = open({ ...config, silenceMs: 60_000 });
    const running = fold.run(source, () => site.isReached(fold) && simulator.head.number === 4);
    await until('the head is held', () => site.isReached(fold));
    simulator.produce();
    await running;
    assertSameRows(fold, simulator);
  });

  it('is followed by frames that have only what the documentation names', async () => {
    const { simulator, config } = await start(3);
    simulator.node.faults.arm({ name: 'six-fields' });
    simulator.node.faults.arm({ name: 'seconds' });
    const fold = await site.whileRunning({ ...config, silenceMs: 60_000 }, () => {
      simulator.produce(2);
    });
    assertSameRows(fold, simulator);
  });
});

describe('final blocks that are replaced', () => {
  it('are retracted to the common ancestor, and counted as a broken promise', async () => {
    const { simulator, config } = await start(10);
    const fold = await site.whileRunning(config, () => {
      simulator.reorganize({ depth: 4 });
    });
    assertSameRows(fold, simulator);
    assert.deepEqual(fold.forks, ['6 parent_hash']);
    assert.equal(fold.counted.get('broken_promises'), 1);
  });

  it('are found without a frame, when the stream is silent', async () => {
    const { simulator, config } = await start(10);
    const fold = await site.whileRunning(config, () => {
      simulator.node.faults.arm({ name: 'mute' });
      simulator.reorganize({ depth: 3, newBlocks: 3 });
    });
    assertSameRows(fold, simulator);
    assert.equal(fold.counted.get('broken_promises'), 1);
  });

  it('are retracted after a rollback that no block follows, once it is seen twice', async () => {
    const { simulator, config } = await start(10);
    const fold = await site.whileRunning(config, () => {
      simulator.rollback(3);
    });
    assertSameRows(fold, simulator);
    assert.deepEqual(fold.forks, ['7 head_went_back']);
  });

  it('are found while the session was away', async () => {
    const { simulator, config } = await start(10);
    const { fold, source } = open(config);
    await fold.run(source, (reader) => site.isReached(reader));
    simulator.reorganize({ depth: 5 });
    await fold.run(source, (reader) => site.isReached(reader));
    assertSameRows(fold, simulator);
  });

  it('below what is final here stop the source, and nothing is taken back', async () => {
    const { simulator, config } = await start(10);
    const settings = { ...config, confirmations: 3 };
    const { fold, source } = open(settings);
    await fold.run(source, (_, update) => update.kind === 'finalized' && site.isReached(fold));
    const before = fold.rows('blocks');
    simulator.reorganize({ depth: 6 });
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'chain.reorg_below_finality' },
    );
    assert.deepEqual(fold.rows('blocks'), before);
  });
});
