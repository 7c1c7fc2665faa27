import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectDevnet } from '../../../src/devnet/client.ts';
import { isAlive } from '../../../src/devnet/lock.ts';
import { stateFileOf } from '../../../src/devnet/paths.ts';
import { type DevnetState, findState } from '../../../src/devnet/state-file.ts';
import { until } from '../../../src/devnet/until.ts';
import { withAdmin } from '../../support/end-to-end/kafka-admin.ts';
import { temporaryDir } from './temporary-dir.ts';

const script = fileURLToPath(new URL('./run-devnet.ts', import.meta.url));
const startTimeoutMs = 15 * 60_000;
let root: { path: string; remove(): Promise<void> };
let parent: ChildProcess | undefined;
/** Of the devnet that most tests look at, one after the other: a start costs seconds. */
let dataDir: string;
let state: DevnetState;

before(async () => {
  root = await temporaryDir();
  dataDir = join(root.path, 'devnet');
  state = await runDevnet(dataDir);
});

after(async () => {
  parent?.kill('SIGKILL');
  await root.remove();
});

async function runDevnet(
  dataDir: string,
  options: { readonly path?: string; readonly brokers?: 0 | 1 } = {},
): Promise<DevnetState> {
  const { path, brokers = 1 } = options;
  parent = spawn(process.execPath, ['--import', 'tsx', script, dataDir, String(brokers)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...(path === undefined ? {} : { PATH: path }) },
  });
  const child = parent;
  const found = await until(
    async () => {
      assert.equal(child.exitCode, null, 'The process that runs the devnet ended early.');
      return findState(dataDir);
    },
    { timeoutMs: startTimeoutMs },
  );
  assert.ok(found);
  return found;
}

async function assertGone({ processes }: DevnetState, parts: readonly string[]): Promise<void> {
  assert.deepEqual(
    processes.map(({ name }) => name),
    parts,
  );
  const pids = processes.map((child) => child.pid ?? 0);
  const areGone = await until(() => (pids.some(isAlive) ? undefined : true), { timeoutMs: 20_000 });
  assert.ok(areGone, `Still running: ${pids.filter(isAlive).join(', ')}`);
}

async function hasStateFile(dataDir: string): Promise<boolean> {
  return access(stateFileOf(dataDir)).then(
    () => true,
    () => false,
  );
}

const all = ['kafka-1', 'registry', 'anvil'];

test('the state file names what answers', async () => {
  assert.deepEqual(
    state.processes.map((child) => [child.name, isAlive(child.pid ?? 0)]),
    all.map((name) => [name, true]),
  );
  assert.deepEqual(await subjectsOf(state), []);
  assert.equal(await askChain(state, 'eth_chainId'), '0x7a69');
});

test('kill, pause, resume and restart of a broker are seen in the state file', async () => {
  const client = await connectDevnet(dataDir);
  const killed = await client.actOnBroker(1, 'kill');
  assert.equal(killed.processes[0]?.pid, null);
  await client.actOnBroker(1, 'restart');
  const restarted = (await findState(dataDir))?.processes[0]?.pid ?? 0;
  assert.notEqual(restarted, state.processes[0]?.pid);
  await client.actOnBroker(1, 'pause');
  assert.equal(await schedulerState(restarted), 'T');
  await client.actOnBroker(1, 'resume');
  assert.notEqual(await schedulerState(restarted), 'T');
  await assert.rejects(client.actOnBroker(2, 'kill'), { code: 'devnet.request_refused' });
});

test('down leaves nothing running', async () => {
  await fill(state);
  const running = await findState(dataDir);
  assert.ok(running);
  await (await connectDevnet(dataDir)).down();
  await assertGone(running, all);
  assert.equal(await hasStateFile(dataDir), false);
  await assert.rejects(connectDevnet(dataDir), { code: 'devnet.not_running' });
});

test('a second start needs neither Maven nor a network, keeps the ports, and is from nothing', async () => {
  const first = state;
  state = await runDevnet(dataDir, { path: await pathWithout('mvn') });
  assert.deepEqual(state.brokers, first.brokers);
  assert.equal(state.registry, first.registry);
  assert.deepEqual(await withAdmin(state.brokers, (admin) => admin.listTopics()), []);
  assert.deepEqual(await subjectsOf(state), []);
  assert.equal(await askChain(state, 'eth_blockNumber'), '0x0');
});

test('kill -9 of the process that runs the devnet leaves nothing running', async () => {
  const ended = once(parent ?? process, 'exit');
  process.kill(state.pid, 'SIGKILL');
  await ended;
  await assertGone(state, all);
  // The state file is still there; it must not be believed.
  assert.equal(await hasStateFile(dataDir), true);
  await assert.rejects(connectDevnet(dataDir), { code: 'devnet.not_running' });
});

test('SIGINT to the process that runs the devnet leaves nothing running', async () => {
  const small = await runDevnet(join(root.path, 'interrupted'), { brokers: 0 });
  process.kill(small.pid, 'SIGINT');
  await assertGone(small, ['registry', 'anvil']);
});

async function fill({ brokers, registry }: DevnetState): Promise<void> {
  await withAdmin(brokers, (admin) => admin.createTopics({ topics: [{ topic: 'old' }] }));
  const registered = await fetch(`${registry}/subjects/old-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: '"string"' }),
  });
  assert.equal(registered.status, 200);
  await askChain(state, 'evm_mine');
}

async function subjectsOf({ registry }: DevnetState): Promise<unknown> {
  return (await fetch(`${registry}/subjects`)).json();
}

async function askChain({ evm }: DevnetState, method: string): Promise<unknown> {
  const response = await fetch(evm?.http ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }),
  });
  return ((await response.json()) as { result: unknown }).result;
}

async function pathWithout(missing: string): Promise<string> {
  const bin = join(root.path, `without-${missing}`);
  await mkdir(bin, { recursive: true });
  const trap = join(bin, missing);
  for (const name of ['sh', 'java']) await symlink(await whereIs(name), join(bin, name));
  await assert.rejects(access(trap));
  await chmod(bin, 0o755);
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
