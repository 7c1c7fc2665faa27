/**
 * A lock between processes: a directory that only one of them can make. A lock whose holder died is
 * taken over.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FatalError } from '../model/errors.ts';
import { until } from './until.ts';

/** Runs `work` while holding the lock directory; waits up to `timeoutMs` for another holder. */
export async function withLock<T>(
  lockDir: string,
  timeoutMs: number,
  work: () => Promise<T>,
): Promise<T> {
  await mkdir(dirname(lockDir), { recursive: true });
  const isHeld = await until(() => tryAcquire(lockDir), { timeoutMs, pollMs: 200 });
  if (isHeld === undefined) {
    throw new FatalError('devnet.start_failed', {
      stage: 'devnet',
      message: `Another process holds ${lockDir} for more than ${timeoutMs / 1000} s. Remove it if that process is gone.`,
    });
  }
  try {
    return await work();
  } finally {
    await remove(lockDir);
  }
}

/** True when a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** True when `error` is a system error with this code. */
export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

async function tryAcquire(lockDir: string): Promise<true | undefined> {
  // The directory appears together with the holder's pid, so that nobody sees a lock without one.
  const mine = `${lockDir}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await mkdir(mine);
  await writeFile(join(mine, 'pid'), String(process.pid));
  try {
    await rename(mine, lockDir);
    return true;
  } catch (error) {
    await rm(mine, { recursive: true, force: true });
    if (!isCode(error, 'ENOTEMPTY') && !isCode(error, 'EEXIST')) throw error;
  }
  await removeIfAbandoned(lockDir);
  return undefined;
}

async function removeIfAbandoned(lockDir: string): Promise<void> {
  const holder = await readFile(join(lockDir, 'pid'), 'utf8').catch(() => undefined);
  if (holder === undefined || isAlive(Number(holder))) return;
  await remove(lockDir);
}

/**
 * Renamed first: that decides between two processes that both saw a dead holder, and a directory
 * that is being emptied in its place could be taken by the next holder before it is gone.
 */
async function remove(lockDir: string): Promise<void> {
  const grave = `${lockDir}.gone.${process.pid}.${Math.random().toString(36).slice(2)}`;
  await rename(lockDir, grave).catch(() => undefined);
  await rm(grave, { recursive: true, force: true });
}
