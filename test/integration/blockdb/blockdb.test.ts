/** BlockDB from the simulator into a real Kafka, through reorgs, a kill and corrections. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { defaultKey } from '../../../src/devnet/blockdb/access.ts';
import { type BlockdbServer, openBlockdbServer } from '../../../src/devnet/blockdb/server.ts';
import { BlockdbSimulator } from '../../../src/devnet/blockdb/simulator.ts';
import { until } from '../../../src/devnet/until.ts';
import { pairFilters } from '../../support/blockdb/bar-filters.ts';
import { allDatasets, firstHeight } from '../../support/blockdb/blockdb-scene.ts';
import { assertSameRows, withoutFilters } from '../../support/blockdb/blockdb-truth.ts';
import { JudgedTopics } from '../../support/end-to-end/judged-topics.ts';
import { CommandRun } from '../../support/operator/command-run.ts';
import { Stand } from '../../support/operator/stand.ts';
import type { UserProcess } from '../../support/operator/user-process.ts';

/** Far beyond what a loaded machine needs: a wait that never ends is a failure, not a hang. */
const [startMs, testMs] = [120_000, 180_000];
const names = { prefix: 'blockdb', chain: 'eip155-1' };
const bufferBlocks = 3;
const confirmations = 6;
const simulator = new BlockdbSimulator({
  firstHeight,
  historyBlocks: 8,
  blockTimeMs: 40_000,
  // A bar that is corrected when its block is final stays as it was.
  profile: { barsCorrectedForMs: 80_000, rest: { bufferBlocks } },
});
const filters = pairFilters(simulator);
let stand: Stand;
let server: BlockdbServer;
let topics: JudgedTopics;
let file: string;

before(start, { timeout: startMs });

async function start(): Promise<void> {
  stand = await Stand.open();
  server = stand.keep(await openBlockdbServer(simulator));
  file = configFile();
  topics = stand.keep(await JudgedTopics.open(stand.devnet, names));
}

after(() => stand?.close());

function configFile(): string {
  return stand.config(names.prefix, {
    eth: {
      kind: 'blockdb',
      chain: 'eip155:1',
      ws: [server.ws],
      rest: server.http,
      apiKey: { env: 'BLOCKDB_API_KEY' },
      datasets: [...allDatasets],
      filters,
      start: 'earliest',
      identityHeight: firstHeight,
      confirmations,
      settleMs: 200,
      auditIntervalMs: 200,
      auditPollMs: 100,
      retryDelayMs: 20,
      retryDelayMaxMs: 200,
      requestsPerSecondMax: 10_000,
      keyRefusalsMax: 2,
    },
  });
}

/**
 * Resolves when the client has subscribed: what happens from now on is announced to it. The first of
 * its blocks leaves the buffer of REST, which fills the hole below, bars included.
 */
async function announced(): Promise<void> {
  const wanted = withoutFilters.length + Object.keys(filters).length;
  const isSubscribed = () =>
    simulator.stream.connections.some(({ subscriptions }) => subscriptions >= wanted) || undefined;
  assert(await until(isSubscribed, { timeoutMs: 60_000 }), 'it subscribes');
  simulator.produce(bufferBlocks + 1);
}

const environment = { BLOCKDB_API_KEY: defaultKey };
const headHash = () => `0x${simulator.head.hash}`;

async function atHead(run: CommandRun): Promise<void> {
  await run.status(({ published }) => published?.hash === headHash());
}

/** The logs of a block come when it is published already. */
async function produceWithLateRows(run: UserProcess): Promise<void> {
  simulator.faults.arm({ name: 'hold', dataset: '0103' });
  simulator.produce(1, { transactions: 5, isEmpty: false });
  await topics.published(headHash());
  simulator.faults.clear('hold');
  await run.printed(new RegExp(`"hash":"${headHash()}".*"msg":"revision"`));
  // What comes after it is committed after it.
  simulator.produce(1);
  await topics.published(headHash());
}

/** The stream tells a transaction with another nonce than the chain, and REST, has. */
async function produceWithWrongRow(run: CommandRun): Promise<void> {
  const dataset = '0102';
  simulator.faults.arm({ name: 'hold', dataset });
  simulator.produce(1, { transactions: 1, isEmpty: false, keeps: 'none' });
  const right = simulator.canonical()[dataset].at(-1);
  const data = { ...right, nonce: Number(right?.['nonce']) + 1 };
  const text = JSON.stringify({ chain_id: simulator.chainId, dataset_id: dataset, data });
  simulator.faults.arm({ name: 'malformed-frame', dataset, text });
  simulator.faults.clear('hold');
  await atHead(run);
  const { height } = simulator.head;
  // What leaves the buffer of REST is compared, bars once REST has come to what was said last.
  await whileProducing(run.logged((line) => line.msg === 'revision' && line['height'] === height));
}

async function whileProducing<T>(waiting: Promise<T>): Promise<T> {
  const producing = setInterval(() => simulator.produce(), 300);
  try {
    return await waiting;
  } finally {
    clearInterval(producing);
  }
}

test('a wrong key ends the run with its code, and stands nowhere in what is logged', {
  timeout: testMs,
}, async () => {
  const key = 'not-the-key-of-anyone';
  const run = new CommandRun(['run', '--config', file], { environment: { BLOCKDB_API_KEY: key } });
  assert.equal(await run.exitCode, 77, run.stderr);
  assert.equal(run.lines.findLast(({ level }) => level === 'error')?.code, 'source.key_refused');
  assert.ok(!`${run.stdout}${run.stderr}`.includes(key), run.stderr);
});

test('the topics hold the canonical rows after reorgs, a kill and corrections', {
  timeout: testMs,
}, async () => {
  const first = stand.run(file, environment);
  await announced();
  await first.printed(/session opened/);
  await topics.published(headHash());
  simulator.reorganize({ depth: 2, content: { without: ['0103', '0304'] } });
  await topics.published(headHash());
  simulator.restoreBranch();
  await topics.published(headHash());
  await produceWithLateRows(first);
  first.signal('SIGKILL');
  await first.ended(10_000);
  // Takes back the rows that came late too.
  simulator.reorganize({ depth: 3, newBlocks: 5 });
  const run = new CommandRun(['run', '--config', file], { environment });
  await announced();
  await atHead(run);
  await produceWithWrongRow(run);
  const { height } = simulator.head;
  simulator.produce(bufferBlocks + confirmations);
  await whileProducing(run.status(({ finalized }) => (finalized?.height ?? 0) >= height));
  assert.equal(await run.stop(), 0);
  const found = await topics.judge();
  const { failures, reorgs, revisions, deadLetters, incarnationMax } = found.verdict;
  assert.deepEqual(failures, []);
  assert.equal(deadLetters, 0);
  assert.equal(reorgs, 3);
  assert.ok(revisions >= 2 && incarnationMax > 1, found.picture);
  assertSameRows(found, simulator, { filters, upTo: height });
  const { verdict } = await topics.judge('forget-revision');
  assert.match(verdict.failures.join(), /no control record tells of/);
  assert.ok(!run.stderr.includes(defaultKey), 'the key is no part of the log');
});
