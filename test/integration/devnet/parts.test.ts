import assert from 'node:assert/strict';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type Devnet, startDevnet } from '../../../src/devnet/devnet.ts';
import { temporaryDir } from './temporary-dir.ts';

let root: { path: string; remove(): Promise<void> };
let devnet: Devnet;

before(async () => {
  root = await temporaryDir();
  devnet = await startDevnet({ dataDir: root.path, brokers: 0, evm: false });
});

after(async () => {
  await devnet.stop();
  await root.remove();
});

async function register(subject: string): Promise<void> {
  const response = await fetch(`${devnet.registry.url}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: '"string"' }),
  });
  assert.equal(response.status, 200);
}

async function subjects(): Promise<unknown> {
  return (await fetch(`${devnet.registry.url}/subjects`)).json();
}

test('a registry restarted empty has forgotten its subjects, at the same address', async () => {
  await register('some-value');
  assert.deepEqual(await subjects(), ['some-value']);
  const { url } = devnet.registry;
  await devnet.registry.restart({ empty: true });
  assert.equal(devnet.registry.url, url);
  assert.deepEqual(await subjects(), []);
});

test('a second devnet in the same data directory is refused', async () => {
  await assert.rejects(startDevnet({ dataDir: root.path }), {
    code: 'devnet.start_failed',
    message: /already runs/,
  });
});

test('a part that cannot start takes the others down with it', async () => {
  const dataDir = join(root.path, 'failing');
  await assert.rejects(
    startDevnet({
      dataDir,
      registry: false,
      kafka: { overrides: { 'controller.listener.names': 'NONE' } },
    }),
    { code: 'devnet.start_failed', message: /controller\.listener\.names/ },
  );
  // The chain had started: it has left a log, and no process works in the data directory.
  assert.match(await readFile(join(dataDir, 'logs', 'anvil.log'), 'utf8'), /Listening on/);
  assert.deepEqual(await processesIn(dataDir), []);
});

async function processesIn(dir: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return places.filter((place) => place.startsWith(dir));
}
