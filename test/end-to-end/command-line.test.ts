/** Every command as its user runs it, on a devnet that `ommer devnet up` started. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { DevnetState } from '../../src/devnet/state-file.ts';
import { until } from '../../src/devnet/until.ts';
import { compileOmmer } from '../support/compiled.ts';
import { AnvilChain } from '../support/evm-node/anvil-chain.ts';
import { CommandRun, ommer } from '../support/operator/command-run.ts';
import { allGone, UserProcess } from '../support/operator/user-process.ts';

const environment = { OMMER_HTTP_PORT: '0', OMMER_LOG_FORMAT: 'json' };
const directory = await mkdtemp(join(tmpdir(), 'ommer-command-line-'));
const dataDir = join(directory, 'devnet');
const config = join(dataDir, 'ommer.yaml');
let devnet: UserProcess;

before(async () => {
  await compileOmmer();
  const argv = ['devnet', 'up', '--data-dir', dataDir, '--no-reorgs', '--block-time-ms', '500'];
  devnet = new UserProcess(argv, { cwd: directory });
  await devnet.printed(/^block \d+/m);
});

after(async () => {
  await CommandRun.stopAll();
  // SIGKILL: nothing of a devnet survives its process.
  devnet.signal('SIGKILL');
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

/** A command on the devnet's configuration. */
function on(...argv: string[]): CommandRun {
  return new CommandRun([...argv, '--config', config], { environment });
}

async function stateOf(dir: string): Promise<DevnetState> {
  return JSON.parse(await readFile(join(dir, 'devnet.json'), 'utf8')) as DevnetState;
}

test('devnet up tells how to go on, and devnet status what runs', async () => {
  assert.match(devnet.stdout, /The devnet is up\.\n {2}brokers {3}127\.0\.0\.1:\d+\n/);
  assert.match(devnet.stdout, new RegExp(`ommer run --config ${config}`));
  const status = ommer('devnet', 'status', '--json', '--data-dir', dataDir);
  assert.equal(await status.exitCode, 0);
  assert.deepEqual(status.objects[0], JSON.parse(JSON.stringify(await stateOf(dataDir))));
  const second = ommer('devnet', 'up', '--data-dir', dataDir);
  assert.equal(await second.exitCode, 69);
  assert.match(second.stderr, /devnet\.start_failed: A devnet already runs .* `ommer devnet down`/);
});

test('check says yes line by line and ends with 0', async () => {
  const check = on('check');
  assert.equal(await check.exitCode, 0, check.stdout);
  const lines = check.stdout.trimEnd().split('\n');
  assert.deepEqual(
    lines.filter((line) => !line.startsWith('✓ ')),
    [],
  );
  for (const name of ['configuration', 'kafka', 'permissions', 'registry', 'source devnet']) {
    assert.ok(
      lines.some((line) => line.startsWith(`✓ ${name}`)),
      name,
    );
  }
  const json = on('check', '--json');
  assert.equal(await json.exitCode, 0);
  assert.deepEqual(new Set(json.objects.map(({ ok }) => ok)), new Set([true]));
});

test('topics plan says what is missing with 78, apply creates it, and then nothing is missing', async () => {
  const plan = on('topics', 'plan', '--json');
  assert.equal(await plan.exitCode, 78);
  assert.equal(plan.objects.length, 9);
  assert.ok(plan.objects.every(({ what }) => what === 'missing'));
  assert.equal(await on('topics', 'apply').exitCode, 0);
  const again = on('topics', 'plan');
  assert.equal(await again.exitCode, 0);
  assert.match(again.stdout, /^✓ ommer\.eip155-31337\.logs \(changelog, 3 partitions\)$/m);
});

test('schemas list names them, check knows what is registered, register registers', async () => {
  const list = on('schemas', 'list', '--json');
  assert.equal(await list.exitCode, 0);
  assert.equal(list.objects.length, 18);
  const verdicts = async () => {
    const check = on('schemas', 'check', '--json');
    assert.equal(await check.exitCode, 0);
    return new Set(check.objects.map(({ verdict }) => verdict));
  };
  assert.deepEqual(await verdicts(), new Set(['new']));
  assert.equal(await on('schemas', 'register').exitCode, 0);
  assert.deepEqual(await verdicts(), new Set(['same']));
});

test('run publishes, answers on its port, and after SIGTERM ends with 0', async () => {
  const process = new UserProcess(['run', '--config', config], { cwd: directory, environment });
  const [, url] = await process.printed(/"http":"([^"]+)"/);
  const get = async (path: string) => {
    const response = await fetch(`${url}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const isReady = async () => ((await get('/readyz')).status === 200 ? true : undefined);
  assert.equal(await until(isReady, { timeoutMs: 60_000 }), true);
  assert.deepEqual(await get('/healthz'), { status: 200, body: 'ok\n' });
  const hasPublished = async () =>
    /^ommer_published_height\{source="devnet"\} [1-9]/m.test((await get('/metrics')).body) ||
    undefined;
  assert.equal(await until(hasPublished, { timeoutMs: 60_000 }), true);
  const { sources } = JSON.parse((await get('/api/status')).body) as {
    sources: { name: string; kind: string; error: unknown }[];
  };
  const seen = sources.map(({ name, kind, error }) => ({ name, kind, error }));
  assert.deepEqual(seen, [{ name: 'devnet', kind: 'evm', error: null }]);
  assert.equal((await get('/')).status, 200);
  assert.equal((await get('/nothing')).status, 404);
  process.signal('SIGTERM');
  assert.equal(await process.ended(20_000), 0);
  const messages = process.stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).msg);
  assert.deepEqual(messages, ['started', 'restored', 'session opened', 'stopped']);
});

test('tail shows inserts, a reorg and its retractions, filters them, and ends at its limit', async () => {
  const run = on('run');
  await run.status(({ state }) => state === 'live', 120_000);
  const reorgs = on('tail', '--only-reorgs', '--limit', '3', '--json');
  const colored = tail({ isTty: true, environment: {} }, '--only-reorgs', '--limit', '2');
  const plain = tail(
    { isTty: true, environment: { NO_COLOR: '1' } },
    '--only-reorgs',
    '--limit',
    '2',
  );
  // The followers begin at the end of the topics: what they are asked for has to come after that.
  const ended = Promise.all([reorgs, colored, plain].map(({ exitCode }) => exitCode));
  for (let isOver = false; !isOver; ) {
    const reorg = ommer('devnet', 'reorg', '--depth', '2', '--json', '--data-dir', dataDir);
    assert.equal(await reorg.exitCode, 0, reorg.stderr);
    assert.equal(reorg.objects[0]?.['depth'], 2);
    isOver = await Promise.race([
      ended.then(() => true),
      until(() => undefined, { timeoutMs: 1_000 }).then(() => false),
    ]);
  }
  assert.deepEqual(await ended, [0, 0, 0]);
  const kinds = new Set(reorgs.objects.map(({ kind }) => kind));
  assert.ok(kinds.has('retraction'), [...kinds].join());
  assert.ok(!kinds.has('insert'));
  assert.ok(colored.stdout.includes('\u001b[9m'), 'a retraction is struck out');
  assert.match(plain.stdout, /^[−·] /m);
  assert.ok(!plain.stdout.includes('\u001b'), 'NO_COLOR');
  const inserts = on('tail', '--from', 'beginning', '--dataset', 'blocks', '--limit', '2');
  assert.equal(await inserts.exitCode, 0);
  assert.match(inserts.stdout, /^\+ ommer\.eip155-31337\.blocks\/\d@0 height=\d+ block_hash=0x/m);
  await oneBlockOnly(reorgs);
  assert.equal(await run.stop(), 0);
});

function tail(process: ConstructorParameters<typeof CommandRun>[1], ...argv: string[]): CommandRun {
  return new CommandRun(['tail', ...argv, '--config', config], process);
}

/** `--key` finds the rows of one block, retracted ones included. */
async function oneBlockOnly(reorgs: CommandRun): Promise<void> {
  const retraction = reorgs.objects.find(({ kind }) => kind === 'retraction');
  const value = retraction?.['value'] as { readonly block_hash: string } | undefined;
  const hash = String(value?.block_hash);
  const rows = on('tail', '--from', 'beginning', '--key', hash, '--limit', '2', '--json');
  assert.equal(await rows.exitCode, 0);
  for (const row of rows.objects) assert.ok(JSON.stringify(row).includes(hash));
}

test('a stop while Kafka is paused ends with 0 and does not wait for it, whatever the delivery', async () => {
  const fast = {
    ...environment,
    OMMER_TOPICS_PREFIX: 'fast',
    OMMER_PUBLISHING_TRANSACTIONAL_ID_PREFIX: 'fast',
    OMMER_SOURCES_DEVNET_DELIVERY: 'low_latency',
  };
  const runs = [environment, fast].map(
    (each) => new UserProcess(['run', '--config', config], { cwd: directory, environment: each }),
  );
  for (const run of runs) await run.printed(/"session opened"/);
  assert.equal(await broker('pause'), 0);
  try {
    await devnet.printed(new RegExp(`^block ${(await height()) + 2} `, 'm'));
    for (const run of runs) run.signal('SIGTERM');
    // 5 s on a machine with time for it; without a bound of its own it would take two minutes.
    assert.deepEqual(await Promise.all(runs.map((run) => run.ended(20_000))), [0, 0]);
  } finally {
    assert.equal(await broker('resume'), 0);
  }
  // The cluster takes a broker that was silent for long for dead until it hears of it again.
  const isBack = async () => ((await on('check').exitCode) === 0 ? true : undefined);
  assert.equal(await until(isBack, { timeoutMs: 60_000 }), true);
});

function broker(action: string): Promise<number> {
  const argv = ['kafka', action, '--broker', '1', '--data-dir', dataDir];
  return ommer('devnet', ...argv).exitCode;
}

/** Of the newest block that the devnet printed. */
async function height(): Promise<number> {
  return Number([...devnet.stdout.matchAll(/^block (\d+) /gm)].at(-1)?.[1]);
}

test('checkpoint shows the position, and resets it only when told twice', async () => {
  const shown = on('checkpoint', 'show');
  assert.equal(await shown.exitCode, 0, shown.stderr);
  assert.match(shown.stdout, /^devnet\n {2}cursor {7}1:block:\d+:0x/);
  const refused = on('checkpoint', 'reset', '--source', 'devnet');
  assert.equal(await refused.exitCode, 64);
  assert.match(refused.stderr, /can no longer be retracted\. Say --yes/);
  const json = on('checkpoint', 'show', '--json');
  await json.exitCode;
  assert.notEqual(json.objects[0]?.['checkpoint'], null);
  assert.equal(await on('checkpoint', 'reset', '--source', 'devnet', '--yes').exitCode, 0);
  const after = on('checkpoint', 'show');
  assert.equal(await after.exitCode, 0);
  assert.equal(after.stdout, 'devnet: no checkpoint\n');
});

test('a killed broker is shown as down, and restart brings it back', async () => {
  assert.equal(await broker('kill'), 0);
  const status = ommer('devnet', 'status', '--data-dir', dataDir);
  assert.equal(await status.exitCode, 0);
  assert.match(status.stdout, /kafka-1 +down/);
  assert.equal(await broker('restart'), 0);
  assert.equal(await on('check').exitCode, 0);
});

test('devnet traffic keeps a chain of its own busy until it is stopped', async () => {
  const chain = await AnvilChain.start();
  const argv = ['devnet', 'traffic', '--evm', chain.http, '--seed', 's', '--block-time-ms', '50'];
  const traffic = ommer(...argv, '--no-reorgs', '--json');
  const isBusy = () =>
    traffic.objects.filter(({ transactions }) => Number(transactions) > 2).length > 3 || undefined;
  assert.equal(await until(isBusy, { timeoutMs: 60_000 }), true, traffic.stderr);
  assert.equal(await traffic.stop(), 0);
  await chain.stop();
  const gone = ommer('devnet', 'traffic', '--evm', chain.http);
  assert.equal(await gone.exitCode, 69);
  assert.match(gone.stderr, /devnet\.node_unreachable: /);
});

test('devnet down ends it, and later commands say that it is not there', async () => {
  const { processes } = await stateOf(dataDir);
  const down = ommer('devnet', 'down', '--data-dir', dataDir);
  assert.equal(await down.exitCode, 0, down.stderr);
  assert.equal(await devnet.ended(45_000), 0);
  await allGone(processes.flatMap(({ pid }) => pid ?? []));
  const status = ommer('devnet', 'status', '--data-dir', dataDir);
  assert.equal(await status.exitCode, 69);
  assert.match(status.stderr, /devnet\.not_running: .*devnet up/);
});
