/** What is only doubtful retracts nothing: it must last, or hub and REST must agree. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import { TzktScene } from '../../../support/tzkt/scene.ts';
import { allDatasets, open } from '../../../support/tzkt/tzkt-fold.ts';
import { assertSameRows } from '../../../support/tzkt/tzkt-truth.ts';

let scene: TzktScene;
let simulator: TzktSimulator;
beforeEach(async () => {
  scene = await TzktScene.open();
  ({ simulator } = scene);
});
afterEach(() => scene.close());

describe('a session', () => {
  for (const [title, datasets, blocks] of [
    ['below what was published', new Set(['blocks']), 1],
    ['below what was announced', allDatasets, 0],
  ] as const) {
    it(`retracts nothing for a REST that lags ${title}, and says so in the end`, async () => {
      const { fold, source } = open(scene.server, { restLagMaxMs: 400 }, datasets);
      await fold.run(source, scene.isAtHead);
      const seen = fold.updates.length;
      const { level } = simulator.head;
      simulator.faults.arm({ name: 'rest-lag' });
      const running = fold.run(source, () => {
        if (fold.updates.length === seen + 1) simulator.produce(1);
        return false;
      });
      await assert.rejects(running, { code: 'source.missing_block' });
      assert.equal(fold.chain.tip?.height, level + blocks);
      assert.deepEqual(fold.forks, []);
    });
  }

  it('uses no list that lags behind the hashes', async () => {
    const { fold, source } = scene.reader({ restLagMaxMs: 600_000 });
    simulator.faults.arm({ name: 'rest-lag', path: '/v1/operations' });
    simulator.produce(2, { groups: 2 });
    let looks = 0;
    fold.hear = (frame) => {
      const isLook = frame.kind === 'http' && frame.path.includes('/v1/operations/transactions');
      // The levels before it, and three times this one.
      if (isLook && ++looks === 9) simulator.faults.clear('rest-lag');
    };
    await fold.run(source, scene.isAtHead);
    assert(looks >= 9);
    assertSameRows(fold, simulator);
  });

  /** Looks of the source, with nothing taken back, until the next thing happens. */
  async function takesNothingBack(
    change: () => void,
    resolve: () => void,
    rewindConfirmMs = 600_000,
  ): Promise<void> {
    const { fold, source } = scene.reader({
      auditIntervalMs: 20,
      rewindConfirmMs,
      restLagMaxMs: 600_000,
    });
    const forks = () => fold.updates.filter(({ kind }) => kind === 'fork').length;
    let requests = Number.POSITIVE_INFINITY;
    let isResolved = false;
    await fold.run(source, (reader, update) => {
      if (isResolved) return scene.isAtHead(reader);
      if (requests === Number.POSITIVE_INFINITY) {
        if (!scene.isAtHead(reader) || update.kind !== 'idle') return false;
        change();
        requests = scene.server.requests;
      } else if (scene.server.requests > requests + 20) {
        assert.equal(forks(), 0, reader.picture);
        isResolved = true;
        resolve();
      }
      return false;
    });
    assert.equal(forks(), 1, fold.picture);
    assertSameRows(fold, simulator);
  }

  it('does not believe another branch of REST before it lasts, without the hub’s word', async () => {
    const change = () => {
      simulator.faults.arm({ name: 'hold' });
      simulator.reorganize({ depth: 1, newBlocks: 1 });
    };
    await takesNothingBack(change, () => simulator.faults.clear('hold'));
  });

  it('does not believe another branch of a REST that is behind the hub, however long it lasts', async () => {
    const change = () => {
      simulator.faults.arm({ name: 'hold' });
      simulator.reorganize({ depth: 2, newBlocks: 1 });
    };
    await takesNothingBack(change, () => simulator.faults.clear('hold'), 0);
  });

  it('does not take back what was announced as void before that lasts, or a branch is there', async () => {
    const change = () => {
      simulator.revert();
      simulator.flush();
    };
    await takesNothingBack(change, () => simulator.produce(1));
  });

  it('remembers the hub’s word while REST does not know of it', async () => {
    const change = () => {
      simulator.faults.arm({ name: 'rest-lag' });
      simulator.revert();
      simulator.flush();
    };
    await takesNothingBack(change, () => {
      // Nothing else tells of the other branch.
      simulator.faults.arm({ name: 'drop-data', channel: 'blocks', times: 0 });
      simulator.faults.arm({ name: 'drop-data', channel: 'head', times: 0 });
      simulator.produce(1);
      simulator.faults.clear('rest-lag');
    });
  });

  it('reports a fork below finality as it is, so that continuity stops the source', async () => {
    const { fold, source } = scene.reader();
    await fold.run(source, (reader) => reader.chain.finalized?.height === simulator.head.level - 2);
    simulator.reorganize({ depth: 4 });
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'chain.reorg_below_finality' },
    );
  });
});
