/** A child of a test must not outlive it, even when the runner was killed and the test just exits. */
import type { ChildProcess } from 'node:child_process';

/** Kills the child when this process exits before it. */
export function endWithProcess(child: ChildProcess): void {
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
}
