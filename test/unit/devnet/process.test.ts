import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isAlive } from '../../../src/devnet/lock.ts';
import { DevnetProcess } from '../../../src/devnet/process.ts';
import { logMatches } from '../../../src/devnet/ready.ts';

let dir: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ommer-process-'));
});

after(() => rm(dir, { recursive: true, force: true }));

function shell(name: string, script: string, timeouts?: { ready?: number; grace?: number }) {
  return new DevnetProcess({
    name,
    command: 'sh',
    args: ['-c', script],
    cwd: dir,
    logFile: join(dir, 'logs', `${name}.log`),
    port: null,
    ready: logMatches(/^ready$/m),
    readyTimeoutMs: timeouts?.ready ?? 10_000,
    stopGraceMs: timeouts?.grace ?? 10_000,
  });
}

test('start waits for this run to be ready, not for the log of an earlier one', async () => {
  const child = shell('again', 'test -e went || { touch went; echo ready; }; exec sleep 600');
  await child.start();
  assert.ok(child.isUp);
  await child.kill();
  const second = shell('again', 'exec sleep 600', { ready: 300 });
  await assert.rejects(second.start(), { code: 'devnet.start_failed', message: /not ready/ });
  assert.equal(second.isUp, false);
});

test('a process that ends before it is ready is an error with its last words', async () => {
  const child = shell('broken', 'echo "no disk"; exit 3');
  await assert.rejects(child.start(), {
    code: 'devnet.start_failed',
    message: /broken ended with code 3[\s\S]*no disk/,
  });
});

test('stop lets it finish, and insists after the grace', async () => {
  const polite = shell('polite', 'trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done');
  await polite.start();
  await polite.stop();
  assert.deepEqual(polite.ending, { code: 7, signal: null });
  const deaf = shell('deaf', 'trap "" TERM; echo ready; while :; do sleep 0.05; done', {
    grace: 200,
  });
  await deaf.start();
  await deaf.stop();
  assert.equal(deaf.ending?.signal, 'SIGKILL');
});

test('a paused process can be stopped and killed', async () => {
  const script = 'trap "exit 7" TERM; echo ready; while :; do sleep 0.05; done';
  const stopped = shell('paused', script);
  await stopped.start();
  stopped.pause();
  assert.ok(stopped.isPaused && stopped.isUp);
  await stopped.stop();
  assert.equal(stopped.ending?.code, 7);
  const killed = shell('paused', script);
  await killed.start();
  killed.pause();
  await killed.kill();
  assert.equal(killed.isPaused, false);
});

test('restart gives a new pid, and each start and end is told', async () => {
  const told: (number | undefined)[] = [];
  const child = shell('told', 'echo ready; exec sleep 600');
  child.onChanged(() => {
    told.push(child.pid);
    return Promise.resolve();
  });
  await child.start();
  const first = child.pid;
  await child.restart();
  const second = child.pid;
  assert.notEqual(first, second);
  await child.stop();
  await child.stop();
  assert.deepEqual(told, [first, undefined, second, undefined]);
  assert.ok(!isAlive(first ?? 0) && !isAlive(second ?? 0));
});
