/** Sessions on the simulator: whatever hub and REST do, a reader ends with the canonical rows. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import { TzktScene } from '../../../support/tzkt/scene.ts';
import { someKinds } from '../../../support/tzkt/tzkt-fold.ts';
import { assertSameRows } from '../../../support/tzkt/tzkt-truth.ts';

let scene: TzktScene;
let simulator: TzktSimulator;
beforeEach(async () => {
  scene = await TzktScene.open();
  ({ simulator } = scene);
});
afterEach(() => scene.close());

const cases: readonly (readonly [string, () => void])[] = [
  ['blocks that come one by one', () => simulator.produce(2)],
  [
    'several blocks in one report',
    () => {
      simulator.apply();
      simulator.apply();
      simulator.flush();
    },
  ],
  ['a reorg that is reported in one batch', () => simulator.reorganize({ depth: 1 })],
  [
    'a reorg that is reported step by step',
    () => simulator.reorganize({ depth: 2, isMerged: false }),
  ],
  ['a shorter branch', () => simulator.reorganize({ depth: 2, newBlocks: 1 })],
  [
    'a rollback with nothing in its place yet',
    () => {
      simulator.revert();
      simulator.flush();
    },
  ],
  [
    'a block that was replaced without a word',
    () => {
      simulator.faults.arm({ name: 'missed-rollback' });
      simulator.reorganize({ depth: 1, newBlocks: 1 });
    },
  ],
  [
    'channels that repeat a message',
    () => {
      simulator.faults.arm({ name: 'duplicate-data', times: 4 });
      simulator.produce(2);
    },
  ],
  [
    'a channel that skips a range and repeats the next',
    () => {
      simulator.faults.arm({ name: 'range-twice', channel: 'operations' });
      simulator.produce(3);
    },
  ],
  [
    'blocks that are never announced',
    () => {
      simulator.faults.arm({ name: 'drop-data', channel: 'blocks' });
      simulator.produce(1);
    },
  ],
  [
    'messages that are lost',
    () => {
      simulator.faults.arm({ name: 'drop-data', channel: 'operations' });
      simulator.faults.arm({ name: 'drop-data', channel: 'accounts' });
      simulator.produce(2);
    },
  ],
  [
    'a state that is ahead of its data',
    () => {
      simulator.faults.arm({ name: 'state-ahead', channel: 'operations' });
      simulator.produce(2);
    },
  ],
  [
    'a reorg message that one channel never gets',
    () => {
      simulator.faults.arm({ name: 'drop-reorg', channel: 'operations' });
      simulator.reorganize({ depth: 1 });
    },
  ],
  [
    'a reorganization between two pages of REST',
    () => {
      simulator.faults.arm({ name: 'drop-data', channel: 'operations' });
      simulator.faults.arm({ name: 'rest-reorg', depth: 1 });
      simulator.produce(1);
    },
  ],
  [
    'REST that refuses, delays and breaks off',
    () => {
      simulator.faults.arm({ name: 'rest-status', status: 429, retryAfterSeconds: 0.01 });
      simulator.faults.arm({ name: 'rest-status', status: 500 });
      simulator.faults.arm({ name: 'rest-truncated' });
      simulator.faults.arm({ name: 'rest-reset' });
      simulator.produce(2);
    },
  ],
];

describe('a session leaves the canonical rows behind', () => {
  for (const [title, step] of cases) {
    it(`after ${title}`, async () => {
      assertSameRows(
        await scene.follow([step, () => simulator.produce(1)], { rowsPerPage: 4 }),
        simulator,
      );
    });
  }
});

describe('a session', () => {
  it('begins at the newest level, also when no state message ever comes', async () => {
    const { fold, source } = scene.reader({
      start: 'latest',
    });
    simulator.faults.arm({ name: 'subscribe-no-state', times: 0 });
    await fold.run(source, scene.isAtHead);
    assert.deepEqual([...fold.held.keys()], [simulator.head.level]);
  });

  it('reads over REST what came while only some of the filters were subscribed to', async () => {
    const filters = someKinds.map((kind) => ({ types: [kind] }));
    const { fold, source } = scene.reader({ operations: filters });
    let isProduced = false;
    fold.hear = (frame) => {
      const isStated = frame.kind === 'socket' && frame.text.includes('"target":"operations"');
      if (!isStated || isProduced) return;
      isProduced = true;
      simulator.produce(1);
    };
    await fold.run(source, (reader) => isProduced && scene.isAtHead(reader));
    assertSameRows(fold, simulator);
  });

  it('takes back what was replaced while it was away', async () => {
    const { fold, source } = scene.reader();
    await fold.run(source, scene.isAtHead);
    simulator.reorganize({ depth: 2, newBlocks: 5 });
    await fold.run(source, scene.isAtHead);
    assert.deepEqual(fold.forks, ['9100003 hash_audit']);
    assertSameRows(fold, simulator);
  });

  it('keeps members that nobody knows', async () => {
    const fold = await scene.follow([
      () => {
        simulator.faults.arm({ name: 'unknown-field', channel: 'operations' });
        simulator.produce(1);
      },
    ]);
    const details = fold.rows('operations').map(({ row }) => String(row['details']));
    const unknown = details.filter((text) => text.includes('futureMember'));
    assert(unknown.length > 0, details.at(-1));
    assert(fold.updates.every(({ kind }) => kind !== 'malformed'));
  });
});
