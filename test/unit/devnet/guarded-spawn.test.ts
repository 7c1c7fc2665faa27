import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from '../../../src/devnet/guarded-spawn.ts';
import { until } from '../../../src/devnet/until.ts';

const parentScript = fileURLToPath(new URL('./guarded-parent.ts', import.meta.url));
let dir: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ommer-guard-'));
});

after(() => rm(dir, { recursive: true, force: true }));

/** The processes of a group, by the fifth field of /proc/PID/stat; ended ones do not count. */
async function groupMembers(group: number): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')),
  );
  return stats.filter((stat) => {
    const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return Number(processGroup) === group && state !== 'Z';
  });
}

async function assertGroupEnds(group: number): Promise<void> {
  const isEmpty = await until(
    async () => ((await groupMembers(group)).length === 0 ? true : undefined),
    { timeoutMs: 30_000 },
  );
  assert.ok(isEmpty, `Left over: ${(await groupMembers(group)).join('')}`);
}

for (const [fate, end] of [
  ['kill -9', 'SIGKILL'],
  ['SIGINT', 'SIGINT'],
  ['crash', null],
  ['leave', null],
] as const) {
  test(`the child and its own children end when the parent ends by ${fate}`, async () => {
    const parent = spawn(
      process.execPath,
      ['--import', 'tsx', parentScript, join(dir, 'child.log'), fate],
      { stdio: ['ignore', 'pipe', 'ignore'] },
    );
    const ended = once(parent, 'exit');
    const [line] = await once(parent.stdout, 'data');
    const group = Number(String(line));
    assert.ok(group > 1);
    if (end !== null) {
      // The shell, two sleeps and the watcher.
      const isComplete = await until(
        async () => ((await groupMembers(group)).length === 4 ? true : undefined),
        { timeoutMs: 30_000 },
      );
      assert.ok(isComplete);
      parent.kill(end);
    }
    await ended;
    await assertGroupEnds(group);
  });
}

test('the watcher ends with its command', async () => {
  const child = spawnGuarded({
    command: 'true',
    args: [],
    cwd: dir,
    logFile: join(dir, 'true.log'),
  });
  assert.deepEqual(await child.ended, { code: 0, signal: null });
  await assertGroupEnds(child.pid);
});

test('a command that does not exist ends with code 127 and says so in the log', async () => {
  const logFile = join(dir, 'missing.log');
  const child = spawnGuarded({ command: 'ommer-no-such-command', args: [], cwd: dir, logFile });
  assert.equal((await child.ended).code, 127);
  assert.match(await readFile(logFile, 'utf8'), /ommer-no-such-command.*not found/);
});

test('a directory that does not exist is refused', () => {
  assert.throws(
    () =>
      spawnGuarded({
        command: 'true',
        args: [],
        cwd: join(dir, 'nowhere'),
        logFile: join(dir, 'nowhere.log'),
      }),
    { code: 'devnet.start_failed' },
  );
});
