import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { withLock } from '../../../src/devnet/lock.ts';

let dir: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ommer-lock-'));
});

after(() => rm(dir, { recursive: true, force: true }));

async function heldBy(name: string, pid: number): Promise<string> {
  const lockDir = join(dir, name);
  await mkdir(lockDir);
  await writeFile(join(lockDir, 'pid'), String(pid));
  return lockDir;
}

async function endedPid(): Promise<number> {
  const child = spawn('true');
  const { pid } = child;
  await once(child, 'exit');
  assert.ok(pid);
  return pid;
}

test('one holder at a time', async () => {
  let holders = 0;
  let holdersMax = 0;
  const hold = (): Promise<void> =>
    withLock(join(dir, 'shared'), 60_000, async () => {
      holders += 1;
      holdersMax = Math.max(holdersMax, holders);
      await readdir(dir);
      holders -= 1;
    });
  await Promise.all(Array.from({ length: 12 }, hold));
  assert.equal(holdersMax, 1);
  assert.deepEqual(await readdir(dir), []);
});

test('the lock of a dead process is taken over', async () => {
  const lockDir = await heldBy('abandoned', await endedPid());
  assert.equal(await withLock(lockDir, 5_000, () => Promise.resolve('mine')), 'mine');
  assert.deepEqual(await readdir(dir), []);
});

test('the lock of a living process is respected until the deadline', async () => {
  const lockDir = await heldBy('alive', process.pid);
  await assert.rejects(
    withLock(lockDir, 300, () => Promise.resolve()),
    { code: 'devnet.start_failed' },
  );
  assert.deepEqual(await readdir(lockDir), ['pid']);
});

test('work that fails gives the lock back', async () => {
  const lockDir = join(dir, 'failing');
  await assert.rejects(
    withLock(lockDir, 1_000, () => Promise.reject(new Error('no'))),
    /no/,
  );
  assert.equal(await withLock(lockDir, 1_000, () => Promise.resolve(1)), 1);
});
