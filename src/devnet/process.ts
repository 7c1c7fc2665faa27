/**
 * One child process of the devnet: started until it is ready, stopped gracefully, and for fault
 * tests killed, paused and restarted. It ends with this process, whatever happens to it.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FatalError } from '../model/errors.ts';
import { type Ending, type GuardedChild, spawnGuarded } from './guarded-spawn.ts';
import { lastLines, sizeOf } from './log-file.ts';
import type { ReadyCheck } from './ready.ts';
import { until } from './until.ts';

/** Everything that is needed to start the process, again and again. */
export interface ProcessSpec {
  /** Unique in its devnet; names the log file and the process in messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly logFile: string;
  /** The port it serves, for the state file. */
  readonly port: number | null;
  readonly ready: ReadyCheck;
  readonly readyTimeoutMs: number;
  /** How long a SIGTERM may take before SIGKILL follows. */
  readonly stopGraceMs: number;
}

/** A process by name. Calls that change its state must not overlap. */
export class DevnetProcess {
  readonly spec: ProcessSpec;
  #child: GuardedChild | undefined;
  #ending: Ending | undefined;
  #isPaused = false;
  #listener: () => Promise<void> = () => Promise.resolve();
  #notified: Promise<void> = Promise.resolve();

  constructor(spec: ProcessSpec) {
    this.spec = spec;
  }

  /** The id of the running process; undefined when it is down. */
  get pid(): number | undefined {
    return this.isUp ? this.#child?.pid : undefined;
  }

  /** True from start to end, also while paused. */
  get isUp(): boolean {
    return this.#child !== undefined && this.#ending === undefined;
  }

  /** Between `pause` and `resume`. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** How its last run ended; undefined while it is up. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  /**
   * Calls the listener after each start that succeeded and each end, whatever its cause; `start`,
   * `stop` and `kill` wait for it.
   */
  onChanged(listener: () => Promise<void>): void {
    this.#listener = listener;
  }

  /**
   * Starts it and resolves when it is ready. Does nothing when it is up. Throws
   * `devnet.start_failed` with the last lines of its log; it is not running then.
   */
  async start(): Promise<void> {
    if (this.isUp) return;
    const { logFile } = this.spec;
    await mkdir(dirname(logFile), { recursive: true });
    const logOffsetBytes = await sizeOf(logFile);
    const child = spawnGuarded(this.spec);
    this.#child = child;
    this.#ending = undefined;
    this.#isPaused = false;
    void child.ended.then((ending) => {
      this.#ending = ending;
      this.#isPaused = false;
      this.#notified = this.#listener();
    });
    const isReady = await until(
      async () => {
        if (this.#ending !== undefined) return false;
        return (await this.spec.ready({ logFile, logOffsetBytes })) ? true : undefined;
      },
      { timeoutMs: this.spec.readyTimeoutMs },
    );
    if (isReady) {
      await this.#listener();
      return;
    }
    const ending = this.#ending;
    await this.kill();
    throw await this.#startFailure(ending);
  }

  /** Asks it to end, insists after the grace. Resolves when it is gone. Idempotent. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.isUp) return;
    this.resume();
    send(child.pid, 'SIGTERM');
    const abort = new AbortController();
    const grace = delay(this.spec.stopGraceMs, 'late', { signal: abort.signal }).catch(
      () => 'over',
    );
    if ((await Promise.race([child.ended, grace])) === 'late') await this.kill();
    abort.abort();
    await this.#notified;
  }

  /** SIGKILL. Resolves when it is gone. Idempotent. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    if (this.isUp) send(child.pid, 'SIGKILL');
    await child.ended;
    await this.#notified;
  }

  /** Kills it if it is up and starts it again with the same command. */
  async restart(): Promise<void> {
    await this.kill();
    await this.start();
  }

  /** SIGSTOP: its sockets stay open and nobody answers. */
  pause(): void {
    if (this.#child === undefined || !this.isUp) return;
    send(this.#child.pid, 'SIGSTOP');
    this.#isPaused = true;
  }

  /** SIGCONT. */
  resume(): void {
    if (this.#child === undefined || !this.isUp) return;
    send(this.#child.pid, 'SIGCONT');
    this.#isPaused = false;
  }

  async #startFailure(ending: Ending | undefined): Promise<FatalError> {
    const { name, command, logFile, readyTimeoutMs } = this.spec;
    let reason = `was not ready after ${readyTimeoutMs / 1000} s`;
    if (ending?.code === 127) reason = `needs \`${command}\`, which was not found`;
    else if (ending !== undefined) reason = `ended with ${ending.signal ?? `code ${ending.code}`}`;
    return new FatalError('devnet.start_failed', {
      stage: 'devnet',
      message: `${name} ${reason}. Last lines of ${logFile}:\n${await lastLines(logFile, 15)}`,
      context: { process: name, logFile },
    });
  }
}

// Only to the process itself, not to its group: the watcher must stay awake while it is paused.
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended a moment ago: that is what `ended` reports.
  }
}
