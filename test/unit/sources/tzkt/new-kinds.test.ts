/** Operations of kinds that TzKT adds later are published with all their members. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { futureKind } from '../../../../src/devnet/tzkt/chain/kinds/catalogue.ts';
import { TzktScene } from '../../../support/tzkt/scene.ts';
import { someKinds, type TzktFold } from '../../../support/tzkt/tzkt-fold.ts';
import { assertSameRows } from '../../../support/tzkt/tzkt-truth.ts';

let scene: TzktScene;
afterEach(() => scene.close());

const newRows = (fold: TzktFold) =>
  fold.rows('operations').filter(({ row }) => row['op_type'] === futureKind.type);

describe('a kind of operation that is not in the list', () => {
  it('is read from the blocks, live and back-filled, retracted, and said once', async () => {
    scene = await TzktScene.open({ historyLevels: 3, hasFutureKind: true });
    const { simulator } = scene;
    simulator.apply({ isFuture: true });
    simulator.flush();
    const fold = await scene.follow(
      [
        () => void simulator.produce(1, { isFuture: true }),
        () => void simulator.reorganize({ depth: 1, content: { isFuture: true } }),
      ],
      { operations: [{}] },
    );
    assertSameRows(fold, simulator, () => true);
    const [row] = newRows(fold);
    assert.match(String(row?.row['details']), /"novelty":"a member nobody knows"/);
    const codes = fold.warnings.map(({ code }) => code);
    assert.deepEqual(codes, ['source.unknown_kind']);
    assert.match(String(fold.warnings[0]?.message), /zkRollupPublishOps/);
  });

  it('is read where it names the address of the filter, and not where kinds are named', async () => {
    scene = await TzktScene.open({ historyLevels: 2, hasFutureKind: true });
    const { simulator } = scene;
    simulator.produce(1, { isFuture: true });
    const operation = simulator.canonical().operations.find(({ type }) => type === futureKind.type);
    const { address } = Object(operation?.['sender']);
    const named = await scene.follow([], { operations: [{ address }] });
    assert.equal(newRows(named).length, 1);
    const other = await scene.follow([], { operations: [{ address: `tz1${'x'.repeat(33)}` }] });
    assert.equal(newRows(other).length, 0);
    const asked = scene.server.requests;
    const typed = await scene.follow([], { operations: [{ types: someKinds }] });
    assert.equal(newRows(typed).length, 0);
    assert(asked < scene.server.requests);
    assert.deepEqual(typed.warnings, []);
  });

  it('costs one request while the server has none, and is noticed when another version answers', async () => {
    scene = await TzktScene.open({ historyLevels: 3 });
    const { simulator } = scene;
    const { fold, source } = scene.reader({ operations: [{}] });
    let looks = 0;
    fold.hear = (frame) => {
      if (frame.kind === 'http' && frame.path.includes('operations=true')) looks += 1;
    };
    const steps = [
      () => {
        assert.equal(looks, 1);
        assert.deepEqual(fold.warnings, []);
        simulator.upgrade();
        simulator.produce(1);
      },
      () => void simulator.produce(2, { isFuture: true }),
    ];
    await fold.run(source, (reader, update) => {
      // An idle or final report comes after the comparison with REST.
      if (!scene.isAtHead(reader) || update.kind === 'block') return false;
      const step = steps.shift();
      step?.();
      return step === undefined;
    });
    assertSameRows(fold, simulator, () => true);
    assert.equal(newRows(fold).length, 2);
    assert.deepEqual(
      fold.warnings.map(({ code }) => code),
      ['source.unknown_kind'],
    );
  });

  it('is kept when the hub sends it unasked', async () => {
    scene = await TzktScene.open();
    const { simulator } = scene;
    const fold = await scene.follow([
      () => {
        simulator.faults.arm({ name: 'unknown-kind' });
        simulator.produce(1, { groups: 1 });
      },
    ]);
    const [row] = newRows(fold);
    assert.notEqual(row?.row['op_id'], undefined);
    assert(fold.updates.every(({ kind }) => kind !== 'malformed'));
  });
});
