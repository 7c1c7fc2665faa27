import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connectDevnet } from '../../../src/devnet/client.ts';
import { isAlive } from '../../../src/devnet/lock.ts';
import { stateFileOf } from '../../../src/devnet/paths.ts';
import { type DevnetState, findState } from '../../../src/devnet/state-file.ts';
import { until } from '../../../src/devnet/until.ts';
import { temporaryDir } from './temporary-dir.ts';

const script = fileURLToPath(new URL('./run-devnet.ts', import.meta.url));
const startTimeoutMs = 15 * 60_000;
let root: { path: string; remove(): Promise<void> };
let parent: ChildProcess | undefined;

before(async () => {
  root = await temporaryDir();
});

afterEach(() => {
  parent?.kill('SIGKILL');
});

after(() => root.remove());

async function runDevnet(dataDir: string, path?: string): Promise<DevnetState> {
  parent = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...(path === undefined ? {} : { PATH: path }) },
  });
  const child = parent;
  const state = await until(
    async () => {
      assert.equal(child.exitCode, null, 'The process that runs the devnet ended early.');
      return findState(dataDir);
    },
    { timeoutMs: startTimeoutMs },
  );
  assert.ok(state);
  return state;
}

async function assertGone(state: DevnetState): Promise<void> {
  const pids = state.processes.map((child) => child.pid ?? 0);
  assert.equal(pids.length, 3);
  const areGone = await until(() => (pids.some(isAlive) ? undefined : true), { timeoutMs: 5_000 });
  assert.ok(areGone, `Still running: ${pids.filter(isAlive).join(', ')}`);
}

async function hasStateFile(dataDir: string): Promise<boolean> {
  return access(stateFileOf(dataDir)).then(
    () => true,
    () => false,
  );
}

test('the state file names what answers, and down leaves nothing running', async () => {
  const dataDir = join(root.path, 'down');
  const state = await runDevnet(dataDir);
  assert.deepEqual(
    state.processes.map((child) => [child.name, isAlive(child.pid ?? 0)]),
    [
      ['kafka-1', true],
      ['registry', true],
      ['anvil', true],
    ],
  );
  const subjects = await fetch(`${state.registry}/subjects`);
  assert.deepEqual(await subjects.json(), []);
  const chainId = await fetch(state.evm?.http ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId', params: [] }),
  });
  assert.deepEqual(await chainId.json(), { jsonrpc: '2.0', id: 1, result: '0x7a69' });
  const client = await connectDevnet(dataDir);
  await client.down();
  await assertGone(state);
  assert.equal(await hasStateFile(dataDir), false);
  await assert.rejects(connectDevnet(dataDir), { code: 'devnet.not_running' });
});

test('kill -9 of the process that runs the devnet leaves nothing running', async () => {
  const dataDir = join(root.path, 'killed');
  const state = await runDevnet(dataDir);
  const ended = once(parent ?? process, 'exit');
  process.kill(state.pid, 'SIGKILL');
  await ended;
  await assertGone(state);
  // The state file is still there; it must not be believed.
  assert.equal(await hasStateFile(dataDir), true);
  await assert.rejects(connectDevnet(dataDir), { code: 'devnet.not_running' });
});

test('SIGINT to the process that runs the devnet leaves nothing running', async () => {
  const state = await runDevnet(join(root.path, 'interrupted'));
  process.kill(state.pid, 'SIGINT');
  await assertGone(state);
});

test('a second start needs neither Maven nor a network, and keeps the ports', async () => {
  const dataDir = join(root.path, 'offline');
  const first = await runDevnet(dataDir);
  await (await connectDevnet(dataDir)).down();
  const second = await runDevnet(dataDir, await pathWithout('mvn'));
  assert.deepEqual(second.brokers, first.brokers);
  assert.equal(second.registry, first.registry);
  await (await connectDevnet(dataDir)).down();
});

test('kill, pause, resume and restart of a broker are seen in the state file', async () => {
  const dataDir = join(root.path, 'faults');
  const state = await runDevnet(dataDir);
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
  await client.down();
});

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
