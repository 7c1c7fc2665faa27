/** Basalt from a simulated node into a real Kafka, through rollbacks nobody tells of and a kill. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { BasaltServer } from '../../../src/devnet/basalt/server.ts';
import { BasaltSimulator } from '../../../src/devnet/basalt/simulator.ts';
import { testConfig } from '../../support/basalt/basalt-fold.ts';
import { assertSameRows } from '../../support/basalt/basalt-truth.ts';
import { compileOmmer } from '../../support/compiled.ts';
import { JudgedTopics } from '../../support/end-to-end/judged-topics.ts';
import { CommandRun, ommer } from '../../support/operator/command-run.ts';
import { Site } from '../../support/operator/site.ts';
import { UserProcess } from '../../support/operator/user-process.ts';
import { joinDevnet, type SharedDevnet } from '../../support/shared-devnet.ts';

/** Far beyond what a loaded machine needs: a wait that never ends is a failure, not a hang. */
const [startMs, testMs] = [120_000, 180_000];
const names = { prefix: 'basalt', chain: 'basalt-31337' };
const simulator = new BasaltSimulator({
  historyBlocks: 6,
  nodes: [{ mode: 'rpc', requestsPerMinuteMax: 1_000_000 }],
});
let devnet: SharedDevnet;
let server: BasaltServer;
let site: Site;
let topics: JudgedTopics;
let first: UserProcess | undefined;

before(start, { timeout: startMs });

async function start(): Promise<void> {
  await compileOmmer();
  server = await simulator.listen();
  devnet = await joinDevnet();
  site = new Site(devnet);
  topics = await JudgedTopics.open(devnet, names);
}

after(async () => {
  first?.signal('SIGKILL');
  await CommandRun.stopAll();
  await topics?.close();
  await devnet?.leave();
  await server?.close();
  site?.remove();
});

function configFile(): string {
  const chain = testConfig({ rest: [server.http], ws: [server.ws] });
  return site.file(
    JSON.stringify({
      kafka: { brokers: site.brokers },
      registry: { url: site.registryUrl },
      topics: { prefix: names.prefix, partitions: 1 },
      publishing: { transactionalIdPrefix: names.prefix },
      supervisor: { backoffMinMs: 50, backoffMaxMs: 300 },
      http: { port: 0 },
      log: { format: 'json' },
      sources: { basalt: { kind: 'basalt', ...chain } },
    }),
  );
}

test('the topics hold the rows of the chain after silent rollbacks, a batch and a kill', {
  timeout: testMs,
}, async () => {
  const file = configFile();
  first = new UserProcess(['run', '--config', file], { cwd: site.directory });
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
