/** Starts and ends of a devnet: what answers, what is kept, and that nothing is left running. */
import assert from 'node:assert/strict';
import { access, mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Kafka as KafkaClient, logLevel } from 'kafkajs';
import { connectDevnet } from '../../../src/devnet/client.ts';
import { startDevnet } from '../../../src/devnet/devnet.ts';
import { isAlive } from '../../../src/devnet/lock.ts';
import { stateFileOf } from '../../../src/devnet/paths.ts';
import { type DevnetState, findState } from '../../../src/devnet/state-file.ts';
import { until } from '../../../src/devnet/until.ts';
import { compileOmmer } from '../../support/compiled.ts';
import { endOffsets, withAdmin } from '../../support/end-to-end/kafka-admin.ts';
import { allGone, UserProcess } from '../../support/operator/user-process.ts';

// A start costs seconds: the tests look at the same devnet, one after the other.
let root: string;
let dataDir: string;
let parent: UserProcess;
let state: DevnetState;

before(async () => {
  await compileOmmer();
  root = await mkdtemp(join(tmpdir(), 'ommer-devnet-'));
  dataDir = join(root, 'devnet');
  state = await up(['devnet', 'up', '--keep', '--no-traffic']);
});

after(async () => {
  parent?.signal('SIGKILL');
  await rm(root, { recursive: true, force: true });
});

async function up(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<DevnetState> {
  parent = new UserProcess([...argv, '--data-dir', dataDir], { cwd: root, environment });
  // Both commands name the brokers once everything is up. The first time Maven fetches the jars.
  await parent.printed(/(?:brokers {3}|Kafka )127\.0\.0\.1:\d+/, 15 * 60_000);
  const found = await findState(dataDir);
  assert.ok(found);
  return found;
}

async function hasStateFile(): Promise<boolean> {
  return access(stateFileOf(dataDir)).then(
    () => true,
    () => false,
  );
}

/** Of the processes of `state`, by name. */
async function assertGone(): Promise<void> {
  assert.deepEqual(
    state.processes.map(({ name }) => name),
    ['kafka-1', 'registry', 'anvil'],
  );
  await allGone(state.processes.map(({ pid }) => pid ?? 0));
}

test('the state file names what answers', async () => {
  assert.ok(state.processes.every(({ pid }) => isAlive(pid ?? 0)));
  assert.deepEqual(await subjects(), []);
  assert.equal(await askChain('eth_chainId'), '0x7a69');
});

test('kill, pause, resume and restart of a broker are seen in the state file, and it keeps what it acknowledged', async () => {
  await withAdmin(state.brokers, (admin) =>
    admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] }),
  );
  await produce('kept', ['a', 'b']);
  const client = await connectDevnet(dataDir);
  const killed = await client.actOnBroker(1, 'kill');
  assert.equal(killed.processes[0]?.pid, null);
  await client.actOnBroker(1, 'restart');
  const restarted = (await findState(dataDir))?.processes[0]?.pid ?? 0;
  assert.notEqual(restarted, state.processes[0]?.pid);
  await client.actOnBroker(1, 'pause');
  // A process of many threads stops, and goes on, a moment after its signal.
  const isStopped = async (wanted: boolean) =>
    ((await schedulerState(restarted)) === 'T') === wanted || undefined;
  assert.ok(await until(() => isStopped(true), { timeoutMs: 10_000 }), 'it has stopped');
  await client.actOnBroker(1, 'resume');
  assert.ok(await until(() => isStopped(false), { timeoutMs: 10_000 }), 'it goes on');
  await assert.rejects(client.actOnBroker(2, 'kill'), { code: 'devnet.request_refused' });
  assert.equal((await endOffsets(state.brokers, 'kept'))[0]?.high, '2');
});

test('down leaves nothing running', async () => {
  await register('kept-value');
  await askChain('evm_mine');
  state = (await findState(dataDir)) ?? state;
  await (await connectDevnet(dataDir)).down();
  await assertGone();
  assert.equal(await parent.ended(30_000), 0);
  assert.equal(await hasStateFile(), false);
  await assert.rejects(connectDevnet(dataDir), { code: 'devnet.not_running' });
});

test('a second start needs neither Maven nor a network, keeps the ports, and the data if it is to', async () => {
  const first = state;
  state = await up(['devnet', 'up', '--keep', '--no-traffic'], { PATH: await pathWithout('mvn') });
  assert.deepEqual(state.brokers, first.brokers);
  assert.equal(state.registry, first.registry);
  await (await connectDevnet(dataDir)).restartRegistry({ empty: false });
  state = (await findState(dataDir)) ?? state;
  assert.deepEqual(await topics(), ['kept']);
  assert.deepEqual(await subjects(), ['kept-value']);
  assert.equal(await askChain('eth_blockNumber'), '0x1');
});

test('kill -9 of the process that runs the devnet leaves nothing running', async () => {
  parent.signal('SIGKILL');
  assert.equal(await parent.ended(30_000), null);
  await assertGone();
  // The state file is still there; it must not be believed.
  assert.equal(await hasStateFile(), true);
  await assert.rejects(connectDevnet(dataDir), { code: 'devnet.not_running' });
});

test('a first look begins from nothing, shows blocks and a retraction, and SIGINT leaves nothing', async () => {
  state = await up(['start']);
  assert.ok(!(await topics()).includes('kept'));
  assert.ok(!(await subjects()).includes('kept-value'));
  await parent.printed(/^ {2}\+ +\d+ {2}0x/m);
  await parent.printed(/^ {2}⎌ reorg: \d blocks? lost, back to \d+ 0x/m);
  await parent.printed(/^ {2}− +\d+ {2}0x.* +−\d+/m);
  parent.signal('SIGINT');
  assert.equal(await parent.ended(45_000), 0, parent.stderr);
  await assertGone();
  assert.equal(await hasStateFile(), false);
});

test('a part that cannot start takes the others down with it', async () => {
  const failing = join(root, 'failing');
  await assert.rejects(
    startDevnet({
      dataDir: failing,
      registry: false,
      kafka: { overrides: { 'controller.listener.names': 'NONE' } },
    }),
    { code: 'devnet.start_failed', message: /controller\.listener\.names/ },
  );
  // The chain had started: it has left a log, and no process works in the data directory.
  assert.match(await readFile(join(failing, 'logs', 'anvil.log'), 'utf8'), /Listening on/);
  const isGone = async () => ((await processesIn(failing)).length === 0 ? true : undefined);
  // The shell that watches a process ends just after it.
  if (!(await until(isGone, { timeoutMs: 10_000 }))) {
    assert.deepEqual(await processesIn(failing), []);
  }
});

async function processesIn(dir: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return places.filter((place) => place.startsWith(dir));
}

async function produce(topic: string, values: readonly string[]): Promise<void> {
  const brokers = [...state.brokers];
  const producer = new KafkaClient({ brokers, logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ value })) });
  await producer.disconnect();
}

async function register(subject: string): Promise<void> {
  const registered = await fetch(`${state.registry}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: '"string"' }),
  });
  assert.equal(registered.status, 200);
}

/** Without Kafka's own. */
async function topics(): Promise<readonly string[]> {
  const names = await withAdmin(state.brokers, (admin) => admin.listTopics());
  return names.filter((name) => !name.startsWith('__'));
}

async function subjects(): Promise<readonly string[]> {
  return (await (await fetch(`${state.registry}/subjects`)).json()) as string[];
}

async function askChain(method: string): Promise<unknown> {
  const response = await fetch(state.evm?.http ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }),
  });
  return ((await response.json()) as { result: unknown }).result;
}

async function pathWithout(missing: string): Promise<string> {
  const bin = join(root, `without-${missing}`);
  await mkdir(bin, { recursive: true });
  for (const name of ['sh', 'java']) await symlink(await whereIs(name), join(bin, name));
  await assert.rejects(access(join(bin, missing)));
  return bin;
}

async function whereIs(name: string): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(':')) {
    const isThere = await access(join(folder, name)).then(
      () => true,
      () => false,
    );
    if (isThere) return join(folder, name);
  }
  throw new Error(`${name} is not on the PATH.`);
}

// The third field of /proc/PID/stat: T = stopped by a signal.
async function schedulerState(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).charAt(0);
}
