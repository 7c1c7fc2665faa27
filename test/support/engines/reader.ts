/** A program of `examples/` that follows the topics and prints what its views say, and those views. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type GuardedChild, spawnGuarded } from '../../../src/devnet/guarded-spawn.ts';
import { lastLines, textSince } from '../../../src/devnet/log-file.ts';
import { until } from '../../../src/devnet/until.ts';
import type { ViewName, Views } from './views.ts';

export const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** What a reader says now: by view, then by key. */
export type Said = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface ReaderSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What the node's views are called in the output. */
  readonly views: Readonly<Record<string, ViewName>>;
  /** Reads the output so far, as lines. */
  fold(lines: readonly string[]): Said;
}

export interface ReaderPlace {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** One running program. */
export class Reader {
  readonly #spec: ReaderSpec;
  readonly #child: GuardedChild;
  readonly #logFile: string;
  #exitCode: number | null | undefined;

  private constructor(spec: ReaderSpec, child: GuardedChild, logFile: string) {
    this.#spec = spec;
    this.#child = child;
    this.#logFile = logFile;
    void child.ended.then(({ code }) => {
      this.#exitCode = code;
    });
  }

  static async start(spec: ReaderSpec, place: ReaderPlace): Promise<Reader> {
    const logFile = join(place.directory, `${spec.name}.log`);
    await appendFile(logFile, '');
    const settings = Object.entries(place.environment).map(([name, value]) => `${name}=${value}`);
    const child = spawnGuarded({
      command: 'env',
      args: [...settings, spec.command, ...spec.args],
      cwd: place.directory,
      logFile,
    });
    return new Reader(spec, child, logFile);
  }

  get name(): string {
    return this.#spec.name;
  }

  /** Resolves when every view says what the node says; rejects when it ends or takes too long. */
  async agrees(truth: Views, timeoutMs = 90_000): Promise<void> {
    let difference: string | undefined = 'nothing was read';
    await until(
      async () => {
        const text = await textSince(this.#logFile, 0);
        difference = this.#difference(text.slice(0, text.lastIndexOf('\n')), truth);
        return difference === undefined || this.#exitCode !== undefined ? true : undefined;
      },
      { timeoutMs, pollMs: 150 },
    );
    if (difference === undefined) return;
    const ending = this.#exitCode === undefined ? '' : ` It ended with ${this.#exitCode}.`;
    const log = await lastLines(this.#logFile, 12);
    throw new Error(`${this.name}: ${difference}.${ending} Last lines:\n${log}`);
  }

  async stop(): Promise<void> {
    if (this.#exitCode === undefined) process.kill(this.#child.pid, 'SIGKILL');
    await this.#child.ended;
  }

  #difference(text: string, truth: Views): string | undefined {
    const said = this.#spec.fold(text.split('\n'));
    for (const [view, name] of Object.entries(this.#spec.views)) {
      const found = said.get(view) ?? new Map<string, string>();
      const expected = truth[name];
      for (const [key, value] of expected) {
        const own = found.get(key);
        if (own !== value) return `${view} of ${key} is "${own}", the node says "${value}"`;
      }
      const surplus = [...found.keys()].find((key) => !expected.has(key) && !isIgnored(name, key));
      if (surplus !== undefined) return `${view} has ${surplus}: "${found.get(surplus)}"`;
    }
    return undefined;

    function isIgnored(name: ViewName, key: string): boolean {
      return name === 'balances' && truth.unheld.has(key.split(' ')[0] ?? '');
    }
  }
}
