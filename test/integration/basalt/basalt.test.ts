/** Basalt from a simulated node into a real Kafka, through rollbacks nobody tells of and a kill. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BasaltServer } from '../../../src/devnet/basalt/server.ts';
import { BasaltSimulator } from '../../../src/devnet/basalt/simulator.ts';
import { testConfig } from '../../support/basalt/basalt-fold.ts';
import { assertSameRows } from '../../support/basalt/basalt-truth.ts';
import { JudgedTopics } from '../../support/end-to-end/judged-topics.ts';
import { ommer } from '../../support/operator/command-run.ts';
import { Stand } from '../../support/operator/stand.ts';

/** Far beyond what a loaded machine needs: a wait that never ends is a failure, not a hang. */
const [startMs, testMs] = [120_000, 180_000];
const names = { prefix: 'basalt', chain: 'basalt-31337' };
const simulator = new BasaltSimulator({
  historyBlocks: 6,
  nodes: [{ mode: 'rpc', requestsPerMinuteMax: 1_000_000 }],
});
let stand: Stand;
let server: BasaltServer;
let topics: JudgedTopics;

before(start, { timeout: startMs });

async function start(): Promise<void> {
  stand = await Stand.open();
  server = stand.keep(await simulator.listen());
  topics = stand.keep(await JudgedTopics.open(stand.devnet, names));
}

after(() => stand?.close());

test('the topics hold the rows of the chain after silent rollbacks, a batch and a kill', {
  timeout: testMs,
}, async () => {
  const chain = testConfig({ rest: [server.http], ws: [server.ws] });
  const file = stand.config(names.prefix, { basalt: { kind: 'basalt', ...chain } });
  const first = stand.run(file);
  await first.printed(/session opened/);
  await topics.published(simulator.head.hash);
  // The node announces the last of these only.
  simulator.produce(30);
  await topics.published(simulator.head.hash);
  simulator.rollback(3);
  await topics.published(simulator.head.hash);
  first.signal('SIGKILL');
  await first.ended(10_000);
  simulator.reorganize({ depth: 5, newBlocks: 4 });
  const run = ommer('run', '--config', file);
  await run.status(({ published }) => published?.hash === simulator.head.hash);
  simulator.produce(2);
  await run.status(({ published }) => published?.hash === simulator.head.hash);
  assert.equal(await run.stop(), 0);
  const found = await topics.judge();
  const { failures, reorgs, deadLetters } = found.verdict;
  assert.deepEqual(failures, []);
  assert.deepEqual([reorgs, deadLetters], [2, 0], found.picture);
  assertSameRows(found, simulator);
});
