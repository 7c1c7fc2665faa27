import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { SeededRandom } from '../../src/devnet/traffic/seeded-random.ts';
import { killOnce, moments } from '../support/end-to-end/kill-loop.ts';
import { Stage } from '../support/end-to-end/stage.ts';

// Another seed or more kills: OMMER_SEED=2 OMMER_KILLS=100 npm test -- test/end-to-end/kill.test.ts
const seed = process.env['OMMER_SEED'] ?? '1';
const kills = Number(process.env['OMMER_KILLS'] ?? 4);
let stage: Stage;

before(async () => {
  stage = await Stage.open({ seed });
});

after(() => stage?.close());

test(`after ${kills} kills at random points every event is on the log once, and tables agree`, async (t) => {
  const random = new SeededRandom(`${seed}/kills`);
  const scene = await stage.scene({ name: 'kill', tables: ['state', 'final'] });
  await scene.driver.mine(8);
  scene.driver.run();
  const lifetimes: number[] = [];
  // Each of the moments once, then as they come.
  while (lifetimes.length < kills) {
    lifetimes.push(await killOnce(scene, random, moments[lifetimes.length]));
  }
  // On a busy machine the killed ones may never have seen the head, where reorgs are.
  await scene.driver.rest();
  const ommer = await scene.start();
  for (let reorg = 0; reorg < 3; reorg += 1) {
    await scene.caughtUp();
    await scene.driver.reorg(4);
  }
  const { rows, chain, ...verdict } = await scene.finish(ommer);
  t.diagnostic(JSON.stringify({ seed, lifetimes, driver: scene.driver.tally, ...verdict }));
  assert.ok(verdict.reorgs > 2 && verdict.retractions > 0, 'reorgs were published');
  assert.equal(verdict.stateRows, rows.length, 'a state row for every row that is true');
  assert.ok(verdict.tombstones > 0 && verdict.finalRows > 0, 'retracted and finalized');
  for (const [tampering, expected] of Object.entries(tamperings)) {
    const { failures } = await scene.verdict(tampering);
    assert.match(failures.join('\n'), expected, `the judge finds out about ${tampering}`);
  }
  assert.ok(rows.length > 0 && chain.length > 8);
});

test('under low_latency a reader who drops repeats by event_id has the chain after kills', async (t) => {
  const random = new SeededRandom(`${seed}/low-latency`);
  const scene = await stage.scene({
    name: 'latency',
    delivery: 'low_latency',
    tables: ['state'],
  });
  await scene.driver.mine(8);
  scene.driver.run();
  for (const moment of ['reorg', 'commit'] as const) await killOnce(scene, random, moment);
  const { rows, chain, ...verdict } = await scene.finish();
  t.diagnostic(JSON.stringify({ seed, ...verdict }));
  assert.ok(verdict.retractions > 0 && rows.length > 0);
});

/** Ways to spoil the tables, and what the judge must say. */
const tamperings = {
  'lose-tombstones': /not true, or twice/,
  'lose-state': /not on .*\.state|not true, or twice/,
  'lose-final': /not on .*\.final/,
  'repeat-final': /not true, or twice/,
};
