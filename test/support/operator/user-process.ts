/** `ommer` in a process of its own, as its user starts it: signals in, output and exit code out. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { isAlive } from '../../../src/devnet/lock.ts';
import { until } from '../../../src/devnet/until.ts';
import { compiledProgram } from '../compiled.ts';
import { endWithProcess } from '../end-with-process.ts';

/** Compile with `compileOmmer` first. Must be ended by the test that started it. */
export class UserProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  #stdout = '';
  #stderr = '';
  #exitCode: number | null | undefined;

  constructor(
    argv: readonly string[],
    place: { readonly cwd: string; readonly environment?: Readonly<Record<string, string>> },
  ) {
    const env = { ...process.env, ...place.environment };
    this.#child = spawn(process.execPath, [compiledProgram, ...argv], { cwd: place.cwd, env });
    endWithProcess(this.#child);
    this.#child.stdout.on('data', (chunk) => {
      this.#stdout += String(chunk);
    });
    this.#child.stderr.on('data', (chunk) => {
      this.#stderr += String(chunk);
    });
    this.#child.once('close', (code) => {
      this.#exitCode = code;
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Resolves to the match once this was printed; rejects when it ends without, or late. */
  async printed(pattern: RegExp, timeoutMs = 120_000): Promise<RegExpExecArray> {
    const look = () => pattern.exec(this.#stdout) ?? pattern.exec(this.#stderr);
    const found = await until(() => look() ?? (this.#exitCode === undefined ? undefined : 'over'), {
      timeoutMs,
      pollMs: 30,
    });
    const match = found === 'over' ? look() : found;
    if (match) return match;
    throw new Error(`Not printed: ${pattern}.\n${this.#stdout.slice(-2_000)}${this.#stderr}`);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves to the exit code, null after a signal that was not handled; rejects when late. */
  async ended(timeoutMs: number): Promise<number | null> {
    const code = await until(
      () => (this.#exitCode === undefined ? undefined : { code: this.#exitCode }),
      { timeoutMs, pollMs: 10 },
    );
    if (code !== undefined) return code.code;
    this.signal('SIGKILL');
    throw new Error(`It has not ended within ${timeoutMs} ms.\n${this.#stderr.slice(-2_000)}`);
  }
}

/** Resolves when none of the processes is alive; rejects with those that are. */
export async function allGone(pids: readonly number[], timeoutMs = 30_000): Promise<void> {
  const alive = () => pids.filter(isAlive);
  const isOver = await until(() => (alive().length === 0 ? true : undefined), { timeoutMs });
  if (isOver !== true) throw new Error(`Still running: ${alive().join(', ')}`);
}
