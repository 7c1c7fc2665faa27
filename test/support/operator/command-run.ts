/**
 * A command as its user sees it: arguments and environment in, exit code, output and log lines out.
 * It runs in this process, so that a test of many mistakes does not pay for a start each.
 */
import { runCli } from '../../../src/cli/cli.ts';
import { commands } from '../../../src/cli/commands.ts';
import { until } from '../../../src/devnet/until.ts';

/** A line of the log. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly source?: string;
  readonly code?: string;
  readonly err?: { readonly code?: string; readonly message?: string };
  readonly [name: string]: unknown;
}

/** What `/api/status` says of a source. */
export interface SourceSeen {
  readonly name: string;
  readonly state: string;
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly published: { readonly height: number; readonly hash: string } | null;
  readonly finalized: { readonly height: number } | null;
  readonly totals: { readonly blocks: number; readonly rows: number; readonly reorgs: number };
}

/** What the process of a command is like. */
export interface ProcessOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly isTty?: boolean;
}

/** One command under way, or ended. */
export class CommandRun {
  static readonly #running = new Set<CommandRun>();

  /** Resolves when the command has ended. */
  readonly exitCode: Promise<number>;
  readonly #stopping = new AbortController();
  readonly #startedAtMs = performance.now();
  #stdout = '';
  #stderr = '';
  #http: string | undefined;
  #ended: { readonly code: number; readonly afterMs: number } | undefined;

  constructor(argv: readonly string[], process: ProcessOptions = {}) {
    const { environment = {}, isTty: isTTY = false } = process;
    this.exitCode = runCli(argv, commands, {
      stdout: { isTTY, write: (text) => (this.#stdout += text) },
      stderr: { isTTY, write: (text) => (this.#stderr += text) },
      environment,
      signal: this.#stopping.signal,
    });
    CommandRun.#running.add(this);
    void this.exitCode.then((code) => {
      CommandRun.#running.delete(this);
      this.#ended = { code, afterMs: performance.now() - this.#startedAtMs };
    });
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Milliseconds that it took; undefined while it is under way. */
  get tookMs(): number | undefined {
    return this.#ended?.afterMs;
  }

  /** Log lines so far. */
  get lines(): readonly LogLine[] {
    const lines = this.#stderr.split('\n').filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  /** JSON objects on standard output so far. */
  get objects(): readonly Readonly<Record<string, unknown>>[] {
    const lines = this.#stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
  }

  /** The first line for which this is true; rejects when the command ends without, or late. */
  async logged(what: string | ((line: LogLine) => boolean), timeoutMs = 60_000): Promise<LogLine> {
    const matches = typeof what === 'string' ? (line: LogLine) => line.msg === what : what;
    const found = await this.#awaited(() => this.lines.find(matches), timeoutMs);
    if (found !== undefined) return found;
    throw new Error(`Not logged: ${what}. ${this.#told()}`);
  }

  /** What `/api/status` says of the only source, once this is true of it. */
  async status(is: (source: SourceSeen) => boolean, timeoutMs = 60_000): Promise<SourceSeen> {
    let last: SourceSeen | undefined;
    const found = await this.#awaited(async () => {
      last = (await this.sources())[0];
      return last !== undefined && is(last) ? last : undefined;
    }, timeoutMs);
    if (found !== undefined) return found;
    throw new Error(`Not so: ${is}, but ${JSON.stringify(last)}. ${this.#told()}`);
  }

  /** What `/api/status` says of all sources now. */
  async sources(): Promise<readonly SourceSeen[]> {
    const answer = await this.get('/api/status').catch(() => null);
    return answer === null ? [] : (JSON.parse(answer.body) as { sources: SourceSeen[] }).sources;
  }

  /** What `/api/status` says of all sources, once this is true of them. */
  async sourcesOnce(
    are: (sources: readonly SourceSeen[]) => boolean,
    timeoutMs = 60_000,
  ): Promise<readonly SourceSeen[]> {
    const found = await this.#awaited(async () => {
      const sources = await this.sources();
      return are(sources) ? sources : undefined;
    }, timeoutMs);
    if (found !== undefined) return found;
    throw new Error(`Not so: ${are}. ${this.#told()}`);
  }

  /** Resolves when its metrics have counted so many errors. */
  async retried(times: number, timeoutMs = 60_000): Promise<void> {
    const found = await this.#awaited(async () => {
      const { body } = await this.get('/metrics');
      const count = /^ommer_errors_total\S* (\d+)/m.exec(body)?.[1];
      return Number(count ?? 0) >= times ? true : undefined;
    }, timeoutMs);
    if (found === undefined) throw new Error(`Not ${times} errors. ${this.#told()}`);
  }

  /** Asks the HTTP port of a run. */
  async get(path: string): Promise<{ readonly status: number; readonly body: string }> {
    this.#http ??= String((await this.logged('started'))['http']);
    const response = await fetch(`${this.#http}${path}`);
    return { status: response.status, body: await response.text() };
  }

  /** Stops what a failed test left under way. */
  static async stopAll(): Promise<void> {
    await Promise.all([...CommandRun.#running].map((run) => run.stop()));
  }

  /** As the first SIGTERM does; resolves to the exit code. */
  async stop(): Promise<number> {
    this.#stopping.abort(new Error('The process was asked to stop.'));
    return this.exitCode;
  }

  async #awaited<T>(look: () => T | undefined | Promise<T | undefined>, timeoutMs: number) {
    const found = await until<T | { readonly over: true }>(
      async () => (await look()) ?? (this.#ended === undefined ? undefined : { over: true }),
      { timeoutMs, pollMs: 30 },
    );
    if (found !== undefined && !(typeof found === 'object' && found !== null && 'over' in found)) {
      return found as T;
    }
    // What was logged last before the end counts too.
    return look();
  }

  #told(): string {
    const end = this.#ended === undefined ? 'It runs.' : `It ended with ${this.#ended.code}.`;
    return `${end} Standard error:\n${this.#stderr.slice(-3_000)}`;
  }
}

/** Starts a command. */
export function ommer(...argv: readonly string[]): CommandRun {
  return new CommandRun(argv);
}
