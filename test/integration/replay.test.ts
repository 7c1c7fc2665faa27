/** What an operator does about rows that are missing or wrong, and about positions of readers. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { jarsOf } from '../../src/devnet/jars.ts';
import { until } from '../../src/devnet/until.ts';
import { compileOmmer } from '../support/compiled.ts';
import type { Judge, NetRow } from '../support/end-to-end/judge.ts';
import { endOffsets, withAdmin } from '../support/end-to-end/kafka-admin.ts';
import { AnvilChain } from '../support/evm-node/anvil-chain.ts';
import { LyingProxy } from '../support/evm-node/lying-proxy.ts';
import { CommandRun, ommer } from '../support/operator/command-run.ts';
import { Site } from '../support/operator/site.ts';
import { UserProcess } from '../support/operator/user-process.ts';
import { joinDevnet, type SharedDevnet } from '../support/shared-devnet.ts';

const prefix = 'heal';
const datasets = ['blocks', 'transactions', 'token_transfers'];
/** Published without logs, and final when the replays begin. */
const lastOld = 24;
const lastBlock = 27;
/** Begun late: what they lack is what a replay fills in. */
const late = { state: { enabled: true, partial: true } };
const withStates = { routes: { transactions: late, token_transfers: late, logs: late } };
/** Never while the tests run: what the running source says meanwhile would count as a replay's. */
const heartbeatMs = 3_600_000;
let directory: string;
let devnet: SharedDevnet;
let chain: AnvilChain;
let node: LyingProxy;
let site: Site;
let judge: Judge;
let config: string;
let run: CommandRun;

before(async () => {
  await compileOmmer();
  directory = await mkdtemp(join(tmpdir(), 'ommer-replay-'));
  devnet = await joinDevnet();
  site = new Site(devnet);
  [chain, judge] = await Promise.all([AnvilChain.start({ slotsInAnEpoch: 1 }), devnet.judge()]);
  node = await LyingProxy.start(chain.http);
});

after(async () => {
  await CommandRun.stopAll();
  await node?.close();
  await chain?.stop();
  await devnet?.leave();
  site?.remove();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

/** One block per transaction and per request, so that a replay can be caught between two. */
function configOf(wanted: readonly string[], settings = {}): string {
  const { http } = node;
  const source = { http: [http], start: 3, datasets: wanted, blocksPerFetch: 1, ...settings };
  const publishing = { batch: { blocksMax: 1, rowsMax: 1_000 } };
  return site.config({ prefix, source, publishing, heartbeatMs });
}

function replay(...argv: string[]): CommandRun {
  return ommer('replay', '--config', config, '--source', 'main', '--from', '0', ...argv);
}

function ends(dataset: string): ReturnType<typeof endOffsets> {
  return endOffsets(site.brokers, site.topic(prefix, dataset));
}

async function verdict() {
  const rowsFile = join(directory, 'rows.jsonl');
  const settled = async () => {
    const found = await judge.judge({ prefix, delivery: 'exactly_once', rowsFile });
    // The source goes on meanwhile: its heartbeats are transactions too.
    return found.failures.some((failure) => / is open on /.test(failure)) ? undefined : found;
  };
  const judged = await until(settled, { timeoutMs: 60_000 });
  assert.ok(judged, 'no transaction stays open');
  const { rows, ...found } = judged;
  const of = (dataset: string): NetRow[] =>
    rows.filter(({ topic }) => topic === site.topic(prefix, dataset));
  return { ...found, of };
}

test('a source publishes what its node says, for the datasets it has: too little, and wrong', async () => {
  node.lie({ truth: 5, told: 99 });
  await chain.mineTransfers(lastOld - 1);
  config = configOf(datasets);
  run = ommer('run', '--config', config);
  await run.status(({ published }) => published?.height === lastOld);
  assert.equal(await run.stop(), 0);
  node.lie(null);
  config = configOf([...datasets, 'logs'], withStates);
  run = ommer('run', '--config', config);
  await run.status(({ state }) => state === 'live');
  await chain.mineTransfers(3);
  await run.status(({ published, finalized }) => {
    return published?.height === lastBlock && (finalized?.height ?? 0) >= lastOld;
  });
  const { failures, of } = await verdict();
  assert.ok(failures.length > 0, 'the state topics lack rows');
  assert.ok(
    failures.every((failure) => /^not on \S+\.state: /.test(failure)),
    failures.join('\n'),
  );
  assert.ok(of('token_transfers').some(({ row }) => row['amount'] === '99'));
});

test('a dry run tells what is wrong and changes nothing', async () => {
  const before = await Promise.all(['logs', 'control', 'blocks'].map(ends));
  const dry = replay('--to', String(lastOld), '--dry-run', '--json');
  assert.equal(await dry.exitCode, 0, dry.stderr);
  const [result] = dry.objects.slice(-1);
  assertHas(result, { dryRun: true, complete: true, different: 1 });
  const unlisted = dry.objects.filter(({ what }) => what === 'not_in_state');
  assert.ok(unlisted.length > lastOld - 3, `${unlisted.length} rows not on state topics`);
  const wrong = dry.objects.filter(({ what }) => what === 'different');
  assert.equal(wrong.length, 1);
  assert.equal(wrong[0]?.['topic'], site.topic(prefix, 'token_transfers'));
  const [logs, , blocks] = await Promise.all(['logs', 'control', 'blocks'].map(ends));
  assert.deepEqual([logs, blocks], [before[0], before[2]]);
});

test('a replay that is killed amid its work is finished by the next, and a third publishes nothing', async () => {
  node.hold(15);
  const argv = [
    'replay',
    '--config',
    config,
    '--source',
    'main',
    '--from',
    '0',
    '--to',
    String(lastOld),
  ];
  const killed = new UserProcess(argv, { cwd: directory });
  const hasBegun = async () =>
    (await ends('logs')).some(({ high }) => Number(high) > 2) || undefined;
  assert.equal(await until(hasBegun, { timeoutMs: 60_000 }), true);
  killed.signal('SIGKILL');
  await killed.ended(10_000);
  node.hold(null);
  const next = replay('--to', String(lastOld));
  assert.equal(await next.exitCode, 0, next.stderr);
  assert.match(next.stdout, /^main: blocks 0 to 24: \d+ blocks were put right/);
  const written = ['logs', 'token_transfers', 'transactions.state', 'control'];
  const healed = await Promise.all(written.map(ends));
  const third = replay('--to', String(lastOld), '--json');
  assert.equal(await third.exitCode, 0, third.stderr);
  assertHas(third.objects[0], { complete: true, blocks: lastOld + 1, corrected: 0 });
  assert.deepEqual(await Promise.all(written.map(ends)), healed);
});

test('afterwards the topics hold what the node says, and the running source never noticed', async () => {
  const depth = 2;
  await chain.reorg(depth, [[chain.transfer(7), 0]]);
  await chain.mineTransfers(2);
  await run.status(({ published }) => published?.height === lastBlock + 2);
  const { failures, replays, of } = await verdict();
  assert.deepEqual(failures, []);
  assert.ok(replays >= 22, `${replays} replays`);
  const told = of('logs').map(
    ({ row }) => `${row['block_hash']}/${row['log_index']}/${row['data']}`,
  );
  assert.deepEqual(told.sort(), (await chain.logs()).sort());
  const transfers = of('token_transfers');
  assert.equal(transfers.length, told.length);
  assert.equal(transfers.find(({ row }) => row['amount'] === '5')?.incarnation, 2);
  assert.equal(of('blocks').length, lastBlock + 3);
  assert.deepEqual(
    run.lines.filter(
      ({ level, msg }) => /warn|error/.test(`${level}`) && !`${msg}`.startsWith('table is partial'),
    ),
    [],
  );
});

test('only final blocks are replayed, and only of a source that can be', async () => {
  const head = replay('--to', String(lastBlock + 2));
  assert.equal(await head.exitCode, 65);
  assert.match(
    head.stderr,
    /replay\.not_final: Source main cannot be replayed there: blocks above/,
  );
  const bare = ommer('replay', '--config', configOf(datasets), '--source', 'main', '--from', '0');
  assert.equal(await bare.exitCode, 78);
  assert.match(bare.stderr, /replay\.unsupported: .* state topic \S+, which the configuration of/);
  const source = { http: [node.http], delivery: 'low_latency' };
  const fast = site.config({ prefix: 'fast', source });
  const refused = ommer('replay', '--config', fast, '--source', 'main', '--from', '0');
  assert.equal(await refused.exitCode, 78);
  assert.match(refused.stderr, /replay\.unsupported: .* its delivery is low_latency/);
  const never = site.config({ prefix: 'never', source: { http: [node.http] } });
  const empty = ommer('replay', '--config', never, '--source', 'main', '--from', '0', '--dry-run');
  assert.equal(await empty.exitCode, 65);
  assert.match(empty.stderr, /replay\.not_final: .* published no final block yet/);
});

test('offsets of a block reset a group of kafka-consumer-groups, which then reads from there', async () => {
  const topics = ['blocks', 'token_transfers'].map((dataset) => site.topic(prefix, dataset));
  const asked = topics.flatMap((topic) => ['--topic', topic]);
  const csv = ommer('offsets', '--config', config, ...asked, '--block', '12', '--csv');
  assert.equal(await csv.exitCode, 0, csv.stderr);
  const group = ['--group', 'reader', '--reset-offsets', '--execute'];
  const file = site.file(csv.stdout);
  await consumerGroups('--bootstrap-server', site.brokers[0] ?? '', ...group, '--from-file', file);
  const committed = await withAdmin(site.brokers, (admin) =>
    admin.fetchOffsets({ groupId: 'reader', topics: [...topics] }),
  );
  const lines = committed.flatMap(({ topic, partitions }) =>
    partitions.map(({ partition, offset }) => `${topic},${partition},${offset}`),
  );
  assert.deepEqual(lines.sort(), csv.stdout.trim().split('\n').sort());
  const json = ommer('offsets', '--config', config, ...asked, '--block', '12', '--json');
  assert.equal(await json.exitCode, 0, json.stderr);
  const [answer] = json.objects as { block: { height: number; isFinalized: boolean } }[];
  assert.deepEqual([answer?.block.height, answer?.block.isFinalized], [12, true]);
});

test('a block, time or topic that cannot be found says why', async () => {
  const topic = site.topic(prefix, 'blocks');
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [
      ['--topic', topic, '--block', '2'],
      65,
      /block_not_found: .*no block 2: the oldest block is 3/,
    ],
    [['--topic', topic, '--block', '999'], 65, /no block 999: the newest block is 29/],
    [['--topic', topic, '--time', '2100-01-01'], 64, /2100-01-01T00:00:00\.000Z is in the future/],
    [['--topic', topic, '--time', 'soon'], 64, /--time is "soon", expected a time such as/],
    [['--topic', `${topic}x`, '--block', '5'], 64, /No source .* writes rows to .* Did you mean/],
    [['--topic', topic], 64, /needs one of --block N and --time TIME/],
  ];
  await Promise.all(
    cases.map(async ([argv, exitCode, message]) => {
      const asked = ommer('offsets', '--config', config, ...argv);
      assert.equal(await asked.exitCode, exitCode, asked.stderr);
      assert.match(asked.stderr, message);
    }),
  );
  const elsewhere = site.config({ prefix: 'nowhere', source: { http: [node.http] } });
  const gone = site.topic('nowhere', 'blocks');
  const asked = ommer('offsets', '--config', elsewhere, '--topic', gone, '--block', '5');
  assert.equal(await asked.exitCode, 78, asked.stderr);
  assert.match(asked.stderr, /kafka\.topic_missing: Topic "nowhere\.eip155-31337\.control"/);
});

function assertHas(
  found: Readonly<Record<string, unknown>> | undefined,
  expected: Readonly<Record<string, unknown>>,
): void {
  const own = Object.keys(expected).map((name) => [name, found?.[name]]);
  assert.deepEqual(Object.fromEntries(own), expected);
}

async function consumerGroups(...argv: string[]): Promise<string> {
  const classPath = [join(await jarsOf('kafka'), '*')].join(delimiter);
  const program = 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand';
  const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', classPath];
  const { stdout } = await promisify(execFile)('java', [...flags, program, ...argv]);
  return stdout;
}
