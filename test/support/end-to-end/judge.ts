/** The judge: a reader in Java that shares no code with ommer (test/support/judge). */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { createInterface, type Interface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { javaClassPath, quickStart } from '../java-classes.ts';

const sources = fileURLToPath(new URL('../judge/', import.meta.url));

/** A block as a reader of the control topic sees it. */
export interface SeenBlock {
  readonly height: number;
  readonly hash: string;
}

/** What the judge found on the topics of one prefix. */
export interface Verdict {
  /** What is wrong with the log; at most twenty. */
  readonly failures: readonly string[];
  readonly inserts: number;
  readonly retractions: number;
  /** Records that a reader who knows event_id and incarnation drops; none under exactly_once. */
  readonly repeats: number;
  readonly reorgs: number;
  readonly sessions: number;
  /** How often a block that is not final was put right. */
  readonly revisions: number;
  /** Blocks that a replay put right. */
  readonly replays: number;
  readonly incarnationMax: number;
  /** Rows of all state topics, and the tombstones written to them. */
  readonly stateRows: number;
  readonly tombstones: number;
  readonly finalRows: number;
  readonly deadLetters: number;
  /** By topic, how many partitions have records. */
  readonly partitions: Readonly<Record<string, number>>;
  /** The chain that the control topic tells of, oldest first. */
  readonly chain: readonly SeenBlock[];
  /** Every row that is true at the end. */
  readonly rows: readonly NetRow[];
}

/** A row that was inserted and not retracted. */
export interface NetRow {
  readonly topic: string;
  readonly partition: number;
  readonly incarnation: number;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Which topics to judge, and by which promise. */
export interface Charge {
  readonly prefix: string;
  readonly delivery: 'exactly_once' | 'low_latency';
  /** A file for the rows. */
  readonly rowsFile: string;
  /** For testing the judge: how the records are spoilt before they are judged. */
  readonly tampering?: string;
}

/** A Java process that answers one question after the other. */
export class Judge {
  readonly #java: ChildProcessWithoutNullStreams;
  readonly #lines: Interface;
  #errors = '';
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(java: ChildProcessWithoutNullStreams) {
    this.#java = java;
    this.#lines = createInterface({ input: java.stdout });
    // It waits for questions as long as somebody may have one, and keeps no process from its end.
    for (const each of [java.stdin, java.stdout, java.stderr]) {
      if (each instanceof Socket) each.unref();
    }
    java.unref();
    java.stderr.on('data', (chunk) => {
      this.#errors += String(chunk);
    });
  }

  /** The process ends when its standard input does: with this one. */
  static async start(options: {
    readonly brokers: readonly string[];
    readonly registryUrl: string;
  }): Promise<Judge> {
    const { brokers, registryUrl } = options;
    const classPath = await javaClassPath('judge', sources);
    const program = ['-Xmx512m', '-cp', classPath, 'Judge', brokers.join(','), registryUrl];
    return new Judge(spawn('java', [...quickStart, ...program]));
  }

  /** The newest block that the control topic says is published; null for none. */
  async head(controlTopic: string): Promise<SeenBlock | null> {
    return (await this.ask(`head ${controlTopic}`)) as SeenBlock | null;
  }

  async judge({ prefix, delivery, rowsFile, tampering }: Charge): Promise<Verdict> {
    const charge = ['judge', prefix, delivery, rowsFile, ...(tampering ? [tampering] : [])];
    const verdict = (await this.ask(charge.join(' '))) as Verdict;
    const lines = (await readFile(rowsFile, 'utf8')).split('\n').filter((line) => line !== '');
    return { ...verdict, rows: lines.map((line) => JSON.parse(line) as NetRow) };
  }

  async stop(): Promise<void> {
    const ended = this.#java.exitCode === null ? once(this.#java, 'close') : Promise.resolve();
    this.#java.ref();
    this.#java.stdin.end();
    await ended;
  }

  /** Asks one line of its protocol (Judge.java) and returns the answer; rejects when it is an error. */
  ask(question: string): Promise<unknown> {
    const answer = this.#turn.then(() => this.#exchange(question));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  async #exchange(question: string): Promise<unknown> {
    const over = new AbortController();
    const { signal } = over;
    const line = once(this.#lines, 'line', { signal });
    const end = once(this.#java, 'close', { signal });
    this.#java.ref();
    this.#java.stdin.write(`${question}\n`);
    const [first] = await Promise.race([line, end]);
    over.abort();
    this.#java.unref();
    await Promise.allSettled([line, end]);
    if (typeof first !== 'string') throw new Error(`the judge ended: ${this.#errors}`);
    const answer: unknown = JSON.parse(first);
    if (typeof answer === 'object' && answer !== null && 'error' in answer) {
      throw new Error(`the judge could not answer "${question}": ${answer.error}`);
    }
    return answer;
  }
}
