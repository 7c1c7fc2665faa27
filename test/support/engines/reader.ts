/** A program of `examples/` that follows the topics and prints what its views say, and those views. */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Ending, type GuardedChild, spawnGuarded } from '../../../src/devnet/guarded-spawn.ts';
import { lastLines, sizeOf, textSince } from '../../../src/devnet/log-file.ts';
import { until } from '../../../src/devnet/until.ts';

export const examples = fileURLToPath(new URL('../../../examples/', import.meta.url));

/** What a reader says now: by view, then by key. */
export type Said = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** What the views must say, by name and key. */
export interface Truth {
  readonly views: Readonly<Record<string, ReadonlyMap<string, string>>>;
  /** Keys of which the truth knows nothing. */
  isUnknown(view: string, key: string): boolean;
}

export interface ReaderSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The true view for each view of the output. */
  readonly views: Readonly<Record<string, string>>;
  /**
   * After a kill its output goes on, or begins anew and says everything again. Null: it is not
   * killed, because it keeps its offsets and loses its rows.
   */
  readonly afterKill: 'goes on' | 'begins anew' | null;
  /** Reads the output so far, as lines. */
  fold(lines: readonly string[]): Said;
}

export interface ReaderPlace {
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A running program, started again as often as it was killed. */
export class Reader {
  readonly #spec: ReaderSpec;
  readonly #place: ReaderPlace;
  readonly #logFile: string;
  #child: GuardedChild | undefined;
  #ending: Ending | undefined;
  /** Output before it is of a run that does not count any more. */
  #sinceBytes = 0;

  private constructor(spec: ReaderSpec, place: ReaderPlace) {
    this.#spec = spec;
    this.#place = place;
    this.#logFile = join(place.directory, `${spec.name}.log`);
  }

  static async start(spec: ReaderSpec, place: ReaderPlace): Promise<Reader> {
    const reader = new Reader(spec, place);
    await appendFile(reader.#logFile, '');
    reader.#spawn();
    return reader;
  }

  #spawn(): void {
    const { environment, directory } = this.#place;
    const settings = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
    const child = spawnGuarded({
      command: 'env',
      args: [...settings, this.#spec.command, ...this.#spec.args],
      cwd: directory,
      logFile: this.#logFile,
    });
    this.#child = child;
    this.#ending = undefined;
    void child.ended.then((ending) => {
      if (this.#child === child) this.#ending = ending;
    });
  }

  /** `kill -9`, unless it cannot be killed. */
  async kill(): Promise<void> {
    if (this.#spec.afterKill !== null) await this.stop();
  }

  /** Starts what was killed. */
  async startAgain(): Promise<void> {
    const { afterKill } = this.#spec;
    if (afterKill === null) return;
    // A line that the kill has cut must not run into the next one.
    await appendFile(this.#logFile, '\n');
    if (afterKill === 'begins anew') this.#sinceBytes = await sizeOf(this.#logFile);
    this.#spawn();
  }

  get name(): string {
    return this.#spec.name;
  }

  /** Resolves when every view says what is true; rejects when it ends or takes too long. */
  async agrees(truth: Truth, timeoutMs = 180_000): Promise<void> {
    let differences = ['nothing was read'];
    await until(
      async () => {
        const text = await textSince(this.#logFile, this.#sinceBytes);
        differences = this.#differences(text.slice(0, text.lastIndexOf('\n')), truth);
        return differences.length === 0 || this.#ending !== undefined ? true : undefined;
      },
      { timeoutMs, pollMs: 150 },
    );
    if (differences.length === 0) return;
    const ending = this.#ending === undefined ? '' : ` It ended: ${JSON.stringify(this.#ending)}.`;
    const log = await lastLines(this.#logFile, 12);
    throw new Error(`${this.name}: ${differences.join('; ')}.${ending} Last lines:\n${log}`);
  }

  async stop(): Promise<void> {
    if (this.#child === undefined) return;
    if (this.#ending === undefined) process.kill(-this.#child.pid, 'SIGKILL');
    await this.#child.ended;
  }

  /** The first difference of each view that has one. */
  #differences(text: string, truth: Truth): string[] {
    const said = this.#spec.fold(text.split('\n'));
    return Object.entries(this.#spec.views).flatMap(([view, name]) => {
      const found = said.get(view) ?? new Map<string, string>();
      const expected = truth.views[name] ?? new Map<string, string>();
      for (const [key, value] of expected) {
        const own = found.get(key);
        if (own !== value) return [`${view} of ${key} is "${own}", true is "${value}"`];
      }
      const surplus = [...found.keys()].find(
        (key) => !expected.has(key) && !truth.isUnknown(name, key),
      );
      if (surplus !== undefined) return [`${view} has ${surplus}: "${found.get(surplus)}"`];
      return [];
    });
  }
}
