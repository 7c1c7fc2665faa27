/** The facts of the machine and the tree that figures are worth nothing without. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { defaultLibDir } from '../../src/devnet/paths.ts';

/** Written at the head of the results. */
export function machineFacts(): Readonly<Record<string, unknown>> {
  return {
    date: new Date().toISOString(),
    commit: git('rev-parse', 'HEAD'),
    hasLocalChanges: git('status', '--porcelain', '--', 'src', 'bench') !== '',
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    kafka: kafkaVersion(),
    loadAverageBefore: loadavg().map((value) => Math.round(value * 10) / 10),
  };
}

/**
 * CPU seconds (user and system) that a process has used; NaN where the system has no `/proc`. The
 * kernel counts in hundredths of a second.
 */
export function cpuSecondsOf(pid: number): number {
  const fields = procFile(pid, 'stat')?.split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** CPU seconds that this process's first thread has used; NaN where the system has no `/proc`. */
export function mainThreadCpuSeconds(): number {
  const [runNs] = procFile(process.pid, `task/${process.pid}/schedstat`)?.split(' ') ?? [];
  return Number(runNs) / 1e9;
}

/** Resident memory of a process in MiB; NaN where the system has no `/proc`. */
export function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(procFile(pid, 'status') ?? '')?.[1]) / 1024;
}

function procFile(pid: number, name: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return undefined;
  }
}

function git(...args: readonly string[]): string {
  try {
    return execFileSync('git', args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}

function kafkaVersion(): string {
  try {
    const jars = readdirSync(`${defaultLibDir}/kafka`);
    return jars.flatMap((jar) => /^kafka-clients-(.*)\.jar$/.exec(jar)?.[1] ?? [])[0] ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
