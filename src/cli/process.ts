/** The command line as a process: its streams, its signals, its end. */
import { runCli } from './cli.ts';
import { commands } from './commands.ts';

/**
 * Runs the process's arguments and ends the process. The first SIGINT or SIGTERM asks the command
 * to stop, the second ends the process at once with 130.
 */
export async function runProcess(): Promise<never> {
  const stopping = new AbortController();
  const stop = (): void => {
    if (stopping.signal.aborted) process.exit(130);
    stopping.abort(new Error('The process was asked to stop.'));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  // A reader that went away (`ommer tail | head`) has all it wanted.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const exitCode = await runCli(process.argv.slice(2), commands, {
    stdout: process.stdout,
    stderr: process.stderr,
    environment: process.env,
    input: process.stdin,
    signal: stopping.signal,
  });
  // Not all at once: a pipe may still hold what was printed.
  await new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  process.exit(exitCode);
}
