/** Rows of every dataset differ in their keys, whatever kinds of operations a block has. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { operationKinds } from '../../../../src/devnet/tzkt/chain/kinds/catalogue.ts';
import { loadDataset } from '../../../../src/encoding/dataset.ts';
import { TzktScene } from '../../../support/tzkt/scene.ts';
import { allDatasets } from '../../../support/tzkt/tzkt-fold.ts';

it('every row differs in the identity of its dataset, and in the primary key where none is superseded', async () => {
  const scene = await TzktScene.open({ seed: 'kinds', historyLevels: 60 });
  try {
    const fold = await scene.follow(
      [
        () => void scene.simulator.reorganize({ depth: 2, content: { groups: 5 } }),
        () => void scene.simulator.produce(2, { groups: 5 }),
      ],
      { operations: [{}], silenceMs: 1_000 },
    );
    const operations = fold.rows('operations').map(({ row }) => row);
    const types = new Set(operations.map((row) => row['op_type']));
    assert.deepEqual(
      operationKinds.filter(({ type }) => !types.has(type)),
      [],
    );
    assert(
      operations.some(({ nonce }) => nonce !== null),
      'no internal operation',
    );
    for (const dataset of allDatasets) {
      const { identity, primaryKey, supersedes } = loadDataset(`tzkt/${dataset}`);
      const rows = fold.rows(dataset).map(({ row }) => row);
      assert(rows.length > 0, `no row of ${dataset}`);
      const keys = [identity, supersedes ? ['block_hash', ...primaryKey] : primaryKey];
      for (const key of keys) {
        const texts = rows.map((row) => JSON.stringify(key.map((column) => row[column])));
        const twice = texts.filter((text, at) => texts.indexOf(text) !== at);
        assert.deepEqual(twice, [], `${key} of ${dataset}`);
      }
    }
  } finally {
    await scene.close();
  }
});
