/**
 * ommer as an operator runs it: the command line in a process of its own, which a test kills, pauses
 * and stops. Its log lines are what a test waits for.
 */
import { appendFile } from 'node:fs/promises';
import { type Ending, type GuardedChild, spawnGuarded } from '../../../src/devnet/guarded-spawn.ts';
import { lastLines, sizeOf, textSince } from '../../../src/devnet/log-file.ts';
import { until } from '../../../src/devnet/until.ts';
import { compiledProgram } from '../compiled.ts';

/** Where a process runs and what it reads. */
export interface OmmerOptions {
  readonly configFile: string;
  readonly logFile: string;
  readonly directory: string;
}

/** Starts `ommer run`. It ends with this process, whatever happens to it. */
export async function startOmmer(options: OmmerOptions): Promise<OmmerProcess> {
  const { configFile, logFile, directory } = options;
  await appendFile(logFile, '');
  const offsetBytes = await sizeOf(logFile);
  const child = spawnGuarded({
    command: process.execPath,
    args: [compiledProgram, 'run', '--config', configFile],
    cwd: directory,
    logFile,
  });
  await appendFile(logFile, `--- process ${child.pid}\n`);
  return new OmmerProcess(child, { logFile, offsetBytes });
}

/** One process, started once. */
export class OmmerProcess {
  readonly startedAtMs = performance.now();
  readonly #child: GuardedChild;
  readonly #log: { readonly logFile: string; readonly offsetBytes: number };
  #ending: Ending | undefined;
  #http: string | undefined;

  constructor(child: GuardedChild, log: { logFile: string; offsetBytes: number }) {
    this.#child = child;
    this.#log = log;
    void child.ended.then((ending) => {
      this.#ending = ending;
    });
  }

  /** Undefined while it runs. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /** True when a line with this message (or text) was written so far. */
  async hasLogged(text: string): Promise<boolean> {
    return (await this.#text()).includes(text);
  }

  /** Resolves when a line with this text was written; rejects when it ends or takes too long. */
  async logged(text: string, timeoutMs = 60_000): Promise<void> {
    const found = await until(
      async () => {
        if (await this.hasLogged(text)) return true;
        return this.#ending === undefined ? undefined : false;
      },
      { timeoutMs, pollMs: 15 },
    );
    if (found !== true) throw await this.#failure(`has not logged "${text}"`);
  }

  /** Transactions it has committed so far, by its own metrics. */
  commits(): Promise<number> {
    return this.metric('ommer_transactions_committed_total');
  }

  /** What its metrics say; 0 before it says anything. */
  async metric(name: string): Promise<number> {
    this.#http ??= /"http":"([^"]+)"/.exec(await this.#text())?.[1];
    if (this.#http === undefined) return 0;
    const response = await fetch(`${this.#http}/metrics`).catch(() => null);
    const metrics = (await response?.text()) ?? '';
    return Number(new RegExp(`^${name}\\S* (\\d+)`, 'm').exec(metrics)?.[1] ?? 0);
  }

  /** Resolves when it has committed this often; rejects when it ends or takes too long. */
  async committed(times: number, timeoutMs = 60_000): Promise<void> {
    const found = await until(
      async () => {
        if ((await this.commits()) >= times) return true;
        return this.#ending === undefined ? undefined : false;
      },
      { timeoutMs, pollMs: 50 },
    );
    if (found !== true) throw await this.#failure(`has not committed ${times} times`);
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#send('SIGKILL');
    await this.#child.ended;
  }

  pause(): void {
    this.#send('SIGSTOP');
  }

  resume(): void {
    this.#send('SIGCONT');
  }

  /** SIGTERM; resolves to its exit code, rejects when it takes longer than the given time. */
  async stop(timeoutMs = 30_000): Promise<number> {
    this.#send('SIGTERM');
    return this.exitCode(timeoutMs);
  }

  /** Resolves to its exit code when it ends by itself. */
  async exitCode(timeoutMs: number): Promise<number> {
    const ending = await until(() => this.#ending, { timeoutMs, pollMs: 15 });
    if (ending === undefined) throw await this.#failure(`has not ended within ${timeoutMs} ms`);
    return ending.code ?? -1;
  }

  #text(): Promise<string> {
    return textSince(this.#log.logFile, this.#log.offsetBytes);
  }

  #send(signal: NodeJS.Signals): void {
    if (this.#ending !== undefined) return;
    try {
      process.kill(this.#child.pid, signal);
    } catch {
      // It ended a moment ago: that is what `ending` tells.
    }
  }

  async #failure(what: string): Promise<Error> {
    const { logFile } = this.#log;
    const end = this.#ending === undefined ? '' : ` and ended with ${JSON.stringify(this.#ending)}`;
    return new Error(`ommer ${what}${end}. Last lines:\n${await lastLines(logFile, 12)}`);
  }
}
