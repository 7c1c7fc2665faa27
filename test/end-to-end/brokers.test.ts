import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { OmmerProcess } from '../support/end-to-end/ommer-process.ts';
import { Stage } from '../support/end-to-end/stage.ts';

// Another seed: OMMER_SEED=2 npm test -- test/end-to-end/brokers.test.ts
const seed = process.env['OMMER_SEED'] ?? '1';
const requestTimeoutMs = 1_500;
let stage: Stage;

before(async () => {
  stage = await Stage.open({ brokers: 3, seed });
});

after(() => stage.close());

test('ommer goes on by itself while brokers are killed, paused and restarted', async (t) => {
  const { brokers } = stage.devnet.kafka;
  const scene = await stage.scene({
    name: 'brokers',
    everyMs: 200,
    kafka: `, requestTimeoutMs: ${requestTimeoutMs}`,
    publishing: ', attemptTimeoutMs: 5000',
  });
  await scene.driver.mine(8);
  scene.driver.run();
  const ommer = await scene.start();
  await ommer.committed(3, 120_000);
  const recoveries: number[] = [];
  // Each broker leads partitions and coordinates transactions, and each is struck once.
  const [paused, ...killed] = brokers;
  for (const { process } of killed) {
    await process.kill();
    recoveries.push(await untilCommitted(ommer, 3));
    await process.start();
  }
  paused?.process.pause();
  // The fault itself: longer than a request may take.
  await delay(2 * requestTimeoutMs);
  paused?.process.resume();
  recoveries.push(await untilCommitted(ommer, 3));
  assert.equal(ommer.ending, undefined);
  const { rows, chain, ...verdict } = await scene.finish(ommer);
  t.diagnostic(JSON.stringify({ seed, recoveries, ...verdict }));
  assert.ok(verdict.retractions > 0 && rows.length > 0);
  assert.equal(verdict.sessions, 1);
});

/** Milliseconds until it has committed this often from now on. */
async function untilCommitted(ommer: OmmerProcess, times: number): Promise<number> {
  const startedAtMs = performance.now();
  await ommer.committed((await ommer.commits()) + times, 120_000);
  return Math.round(performance.now() - startedAtMs);
}
