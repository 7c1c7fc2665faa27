/**
 * Starts a child process that cannot outlive this one: not after Ctrl-C, a crash or kill -9. It does
 * not wait for readiness and does not restart anything.
 *
 * How: `sh` forks a watcher that reads a pipe only this process holds open, then becomes the command
 * itself. When this process is gone, however that happened, the kernel closes the pipe and the
 * watcher kills the whole process group. There is no moment at which the command runs unwatched.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { FatalError } from '../model/errors.ts';

/** What to start and where its output goes. */
export interface SpawnSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Standard output and error are appended here. */
  readonly logFile: string;
}

/** A running child: its pid is also its process group. */
export interface GuardedChild {
  readonly pid: number;
  /** Resolves once, when the command has ended. Never rejects. */
  readonly ended: Promise<Ending>;
}

/** How a command ended: exit code 127 means that it was not found. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const guard = '( read -r _ <&3; kill -s KILL -- "-$$" ) & exec "$@" 3<&-';
const watchPipe = 3;

/** Starts the command in a process group of its own, so that a Ctrl-C reaches only this process. */
export function spawnGuarded(spec: SpawnSpec): GuardedChild {
  const log = openSync(spec.logFile, 'a');
  let child: ChildProcess;
  try {
    child = spawn('sh', ['-c', guard, 'devnet-guard', spec.command, ...spec.args], {
      cwd: spec.cwd,
      detached: true,
      stdio: ['ignore', log, log, 'pipe'],
    });
  } finally {
    closeSync(log);
  }
  const ended = new Promise<Ending>((resolve) => {
    child.once('exit', (code, signal) => {
      // Ends the watcher too, and whatever else of the group is left.
      child.stdio[watchPipe]?.destroy();
      resolve({ code, signal });
    });
    child.once('error', () => resolve({ code: 127, signal: null }));
  });
  // The watcher never writes; an error on its pipe says only that it is gone.
  child.stdio[watchPipe]?.on('error', () => undefined);
  if (child.pid === undefined) {
    throw new FatalError('devnet.start_failed', {
      stage: 'devnet',
      message: `Could not start a shell for ${spec.command}: the devnet needs \`sh\` on the PATH and the directory ${spec.cwd}.`,
    });
  }
  return { pid: child.pid, ended };
}
