/** `ommer run` as an operator starts it: the compiled program in a process of its own. */
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from '../../src/devnet/guarded-spawn.ts';
import { until } from '../../src/devnet/until.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export interface OmmerRun {
  readonly pid: number;
  /** Time (`performance.now()`) that a log line of this message carries. */
  logged(message: string): Promise<number>;
  /** SIGTERM, then waits for the end. */
  stop(): Promise<void>;
}

/** Starts it on the stage's configuration; with `--profile` it writes a CPU profile when it ends. */
export function startOmmer(scene: Scene, stage: Stage): OmmerRun {
  const { profileDir } = scene.options;
  const logFile = `${stage.file}.log`;
  appendFileSync(logFile, '');
  const child = spawnGuarded({
    command: process.execPath,
    args: [
      ...profileArguments(profileDir),
      // The room for young objects that the benches have themselves.
      ...process.execArgv.filter((option) => option.startsWith('--max-semi-space-size')),
      join(root, 'dist/main.js'),
      'run',
      '--config',
      stage.file,
    ],
    cwd: scene.directory,
    logFile,
  });
  return {
    pid: child.pid,
    async logged(message) {
      const look = () => {
        const line = readFileSync(logFile, 'utf8')
          .split('\n')
          .find((text) => text.includes(`"msg":"${message}"`));
        return line === undefined ? undefined : String(JSON.parse(line).time);
      };
      const found = await until(look, { timeoutMs: 60_000, pollMs: 5 });
      if (found === undefined) throw new Error(`ommer did not log "${message}": see ${logFile}`);
      return Date.parse(found) - performance.timeOrigin;
    },
    async stop() {
      process.kill(child.pid, 'SIGTERM');
      await child.ended;
    },
  };
}

/** Options of `node` that make a process write its CPU profile. */
export function profileArguments(directory: string | null): string[] {
  return directory === null ? [] : ['--cpu-prof', `--cpu-prof-dir=${directory}`];
}
