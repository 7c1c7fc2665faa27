/** What tests of `ommer run` on the shared broker begin with, and leave nothing of. */
import { compileOmmer } from '../compiled.ts';
import { joinDevnet, type SharedDevnet } from '../shared-devnet.ts';
import { CommandRun } from './command-run.ts';
import { Site } from './site.ts';
import { UserProcess } from './user-process.ts';

interface Closable {
  close(): Promise<void>;
}

/** The broker, a site on it, and the processes and servers of one test file. `close` must follow. */
export class Stand {
  readonly devnet: SharedDevnet;
  readonly site: Site;
  readonly #kept: Closable[] = [];
  readonly #processes: UserProcess[] = [];

  private constructor(devnet: SharedDevnet) {
    this.devnet = devnet;
    this.site = new Site(devnet);
  }

  static async open(): Promise<Stand> {
    await compileOmmer();
    return new Stand(await joinDevnet());
  }

  /** Closes it with the stand; what was kept last is closed first. */
  keep<Kept extends Closable>(kept: Kept): Kept {
    this.#kept.push(kept);
    return kept;
  }

  /** A configuration of these sources alone, on one partition, with short waits; the file's path. */
  config(prefix: string, sources: Readonly<Record<string, unknown>>): string {
    return this.site.file(
      JSON.stringify({
        kafka: { brokers: this.site.brokers },
        registry: { url: this.site.registryUrl },
        topics: { prefix, partitions: 1 },
        publishing: { transactionalIdPrefix: prefix },
        supervisor: { backoffMinMs: 50, backoffMaxMs: 300 },
        http: { port: 0 },
        log: { format: 'json' },
        sources,
      }),
    );
  }

  /** `ommer run` in a process of its own, which may be killed. */
  run(file: string, environment: Readonly<Record<string, string>> = {}): UserProcess {
    const cwd = this.site.directory;
    const process = new UserProcess(['run', '--config', file], { cwd, environment });
    this.#processes.push(process);
    return process;
  }

  async close(): Promise<void> {
    for (const process of this.#processes) process.signal('SIGKILL');
    await CommandRun.stopAll();
    for (const kept of this.#kept.reverse()) await kept.close();
    await this.devnet.leave();
    this.site.remove();
  }
}
