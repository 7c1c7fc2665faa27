import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { connectDevnet } from '../../../src/devnet/client.ts';
import { type ControlServer, openControl } from '../../../src/devnet/control.ts';
import { freePort } from '../../../src/devnet/ports.ts';
import { DevnetProcess } from '../../../src/devnet/process.ts';
import { logMatches } from '../../../src/devnet/ready.ts';
import { type DevnetState, removeState, writeState } from '../../../src/devnet/state-file.ts';

let dir: string;
let server: ControlServer;
let broker: DevnetProcess;
let state: DevnetState;
let done: string[];

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ommer-control-'));
  broker = new DevnetProcess({
    name: 'broker',
    command: 'sh',
    args: ['-c', 'echo ready; exec sleep 600'],
    cwd: dir,
    logFile: join(dir, 'broker.log'),
    port: null,
    ready: logMatches(/ready/),
    readyTimeoutMs: 10_000,
    stopGraceMs: 10_000,
  });
  await broker.start();
});

beforeEach(async () => {
  done = [];
  server = await openControl(await freePort(), {
    status: () => state,
    broker: (n) => (n === 1 ? broker : undefined),
    restartRegistry: async (empty) => {
      done.push(`registry ${empty}`);
    },
    reorg: async (request) => {
      done.push('reorg begins');
      await broker.restart();
      done.push('reorg ends');
      return { ...request, dropped: 2 };
    },
    simulator: (name, request) => [name, request],
    down: () => {
      done.push('down');
      void removeState(dir);
    },
  });
  state = {
    brokers: ['127.0.0.1:1'],
    registry: null,
    evm: null,
    tzkt: null,
    basalt: null,
    blockdb: null,
    oxarchive: null,
    pid: process.pid,
    processes: [],
    control: server.url,
  };
  await writeState(dir, state);
});

afterEach(() => server.close());

after(async () => {
  await broker.stop();
  await rm(dir, { recursive: true, force: true });
});

test('the status is what the devnet says', async () => {
  const client = await connectDevnet(dir);
  assert.deepEqual(await client.status(), state);
});

test('each action on a broker reaches its process', async () => {
  const client = await connectDevnet(dir);
  await client.actOnBroker(1, 'pause');
  assert.ok(broker.isPaused);
  await client.actOnBroker(1, 'resume');
  assert.ok(!broker.isPaused);
  await client.actOnBroker(1, 'kill');
  assert.ok(!broker.isUp);
  await client.actOnBroker(1, 'restart');
  assert.ok(broker.isUp);
});

test('the registry is emptied only when asked', async () => {
  const client = await connectDevnet(dir);
  await client.restartRegistry({ empty: true });
  await client.restartRegistry({ empty: false });
  assert.deepEqual(done, ['registry true', 'registry false']);
});

test('a reorg is handed on with its answer, and the next request waits for it', async () => {
  const client = await connectDevnet(dir);
  const [answer] = await Promise.all([
    client.reorg({ depth: 3, drop: true }),
    client.restartRegistry({ empty: true }),
  ]);
  assert.deepEqual(answer, { depth: 3, drop: true, dropped: 2 });
  assert.equal(done.indexOf('reorg ends') - done.indexOf('reorg begins'), 1);
});

test('a request to a simulator reaches it by name', async () => {
  const client = await connectDevnet(dir);
  const request = { verb: 'status' };
  assert.deepEqual(await client.commandSimulator('tzkt', request), ['tzkt', request]);
});

test('what cannot be done is refused with the reason, and the server goes on', async () => {
  const client = await connectDevnet(dir);
  const refused = { code: 'devnet.request_refused' };
  await assert.rejects(client.actOnBroker(2, 'kill'), { ...refused, message: /no broker 2/ });
  await assert.rejects(client.reorg({ depth: 0, drop: false }), { ...refused, message: /depth/ });
  const unknown = await fetch(`${server.url}/nothing`);
  assert.equal(unknown.status, 409);
  const malformed = await fetch(`${server.url}/reorg`, { method: 'POST', body: '{' });
  assert.equal(malformed.status, 500);
  assert.deepEqual(done, []);
  assert.deepEqual(await client.status(), state);
});

test('down answers, then stops; the client returns when the state file is gone', async () => {
  const client = await connectDevnet(dir);
  await client.down();
  assert.deepEqual(done, ['down']);
  await assert.rejects(connectDevnet(dir), { code: 'devnet.not_running' });
});

test('a state file without a server behind it says that the devnet does not answer', async () => {
  const client = await connectDevnet(dir);
  await server.close();
  await assert.rejects(client.status(), { code: 'devnet.not_running' });
});
