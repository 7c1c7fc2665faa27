import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { endOffsets, growTopic } from '../support/end-to-end/kafka-admin.ts';
import { Stage } from '../support/end-to-end/stage.ts';

// Another seed: OMMER_SEED=2 npm test -- test/end-to-end/faults.test.ts
const seed = process.env['OMMER_SEED'] ?? '1';
let stage: Stage;

before(async () => {
  stage = await Stage.open({ ownRegistry: true, seed });
});

after(() => stage?.close());

test('a registry that lost its schemas gets them back under the same ids, or is refused', async () => {
  const { registry } = stage.devnet;
  const scene = await stage.scene({ name: 'registry' });
  await scene.driver.mine(8);
  scene.driver.run();
  const ommer = await scene.start();
  await ommer.committed(3);
  await registry.restart({ empty: true });
  await ommer.logged('registry had lost schemas: restored');
  await ommer.committed((await ommer.commits()) + 2);
  await ommer.kill();
  await registry.restart({ empty: true });
  await scene.finish();

  // Now somebody else's schema takes the first id: what the records carry means something else.
  await registry.restart({ empty: true });
  await registerForeign(registry.url);
  const before = await endOffsets(stage.brokers, scene.topic('logs'));
  await scene.driver.mine(2);
  const refused = await scene.start();
  assert.equal(await refused.exitCode(60_000), 65);
  assert.ok(await refused.hasLogged('"code":"registry.ids_changed"'), 'the reason is named');
  assert.deepEqual(await endOffsets(stage.brokers, scene.topic('logs')), before);
});

test('a paused instance that wakes after its successor stops and has doubled nothing', async () => {
  const scene = await stage.scene({ name: 'zombie' });
  await scene.driver.mine(8);
  scene.driver.run();
  const zombie = await scene.start();
  await zombie.committed(4);
  zombie.pause();
  const successor = await scene.start();
  await successor.committed(3);
  await scene.driver.reorg(5);
  await successor.committed((await successor.commits()) + 2);
  zombie.resume();
  assert.equal(await zombie.exitCode(60_000), 75);
  await successor.committed((await successor.commits()) + 2);
  await scene.driver.rest();
  await scene.caughtUp();
  // At the head for certain: a slow successor may have met the first one before it published.
  await scene.driver.reorg(3);
  const verdict = await scene.finish(successor);
  assert.ok(verdict.reorgs > 0);
});

test('retractions go to the partition of their insert after the topic has grown', async () => {
  const scene = await stage.scene({ name: 'growth' });
  const topic = scene.topic('logs');
  await scene.driver.mine(24);
  const first = await scene.start();
  await scene.caughtUp();
  await growTopic(stage.brokers, topic, 7);
  await scene.driver.mine(2);
  await scene.driver.reorg(4);
  await scene.caughtUp();
  await first.kill();
  await growTopic(stage.brokers, topic, 12);
  await scene.driver.reorg(3);
  const second = await scene.start();
  await scene.driver.mine(3);
  await scene.caughtUp();
  await scene.driver.reorg(6);
  const verdict = await scene.finish(second);
  assert.ok(verdict.reorgs >= 3 && verdict.retractions > 0);
  const partitions = verdict.rows.filter((row) => row.topic === topic).map((row) => row.partition);
  assert.ok(Math.max(...partitions) >= 4, 'new partitions are in use');
});

test('a block that comes back is inserted again with the next incarnation', async () => {
  const scene = await stage.scene({ name: 'return' });
  await scene.driver.mine(24);
  const ommer = await scene.start();
  await scene.caughtUp();
  await scene.driver.reorg(4);
  await scene.caughtUp();
  assert.ok(await scene.driver.reorgBack(), 'the node has brought the branch back');
  await scene.caughtUp();
  const verdict = await scene.finish(ommer);
  assert.equal(verdict.incarnationMax, 2);
  const blocks = verdict.rows.filter((row) => row.topic === scene.topic('blocks'));
  assert.equal(blocks.filter(({ incarnation }) => incarnation === 2).length, 4);

  for (const [tampering, expected] of Object.entries(tamperings)) {
    const { failures } = await scene.verdict(tampering);
    assert.match(failures.join('\n'), expected, `the judge finds out about ${tampering}`);
  }
});

/** Ways to spoil a log, and what the judge must say. */
const tamperings = {
  'drop-retraction': /not newest first|inserted below what is there/,
  'drop-insert': /where there is no record/,
  'double-insert': /inserted twice/,
  'double-retraction': /retracts what is not live/,
  'alter-retraction': /retracted otherwise than inserted/,
  'shift-retraction': /retracted otherwise than inserted/,
  'swap-retraction': /not newest first/,
  'move-retraction': /retracts what is not live on its partition/,
  'forget-block': /no control record tells of/,
};

async function registerForeign(url: string): Promise<void> {
  const response = await fetch(`${url}/subjects/somebody-else/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: '"long"' }),
  });
  assert.equal(response.status, 200);
}
