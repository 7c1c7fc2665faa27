/** The topics of one source as the judge reads them: the newest block, and what is true at the end. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../src/devnet/until.ts';
import type { SharedDevnet } from '../shared-devnet.ts';
import type { RowReader } from '../sources/row-reader.ts';
import type { Judge, NetRow, Verdict } from './judge.ts';

/** Which topics: `<prefix>.<chain>.…`. */
export interface TopicNames {
  readonly prefix: string;
  readonly chain: string;
}

/** What the judge found, and the rows that are true, by dataset. */
export interface Judgement extends RowReader {
  readonly verdict: Verdict;
}

/** Topics that are published exactly once. `close` must follow. */
export class JudgedTopics {
  readonly #judge: Judge;
  readonly #directory: string;
  readonly #names: TopicNames;

  private constructor(judge: Judge, directory: string, names: TopicNames) {
    this.#judge = judge;
    this.#directory = directory;
    this.#names = names;
  }

  static async open(devnet: SharedDevnet, names: TopicNames): Promise<JudgedTopics> {
    const judge = await devnet.judge();
    return new JudgedTopics(judge, await mkdtemp(join(tmpdir(), 'ommer-judged-')), names);
  }

  /** Resolves once this is the newest block that the control topic tells of; rejects when late. */
  async published(hash: string, timeoutMs = 60_000): Promise<void> {
    const control = this.#topic('control');
    const isThere = async () => (await this.#judge.head(control))?.hash === hash || undefined;
    if ((await until(isThere, { timeoutMs, pollMs: 50 })) === true) return;
    throw new Error(`${hash} is not the newest block on ${control} after ${timeoutMs} ms.`);
  }

  /** Of the records as they are, or spoilt in the way that `tampering` names. */
  async judge(tampering?: string): Promise<Judgement> {
    const verdict = await this.#judge.judge({
      prefix: this.#names.prefix,
      delivery: 'exactly_once',
      rowsFile: join(this.#directory, 'rows.jsonl'),
      ...(tampering === undefined ? {} : { tampering }),
    });
    const { rows, ...told } = verdict;
    return {
      verdict,
      picture: JSON.stringify(told),
      rows: (dataset) => rows.filter(({ topic }) => topic === this.#topic(dataset)).map(plain),
    };
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  #topic(name: string): string {
    const { prefix, chain } = this.#names;
    return `${prefix}.${chain}.${name}`;
  }
}

/** Without the decimals that repeat a text. */
function plain({ row }: NetRow): Pick<NetRow, 'row'> {
  return { row: Object.fromEntries(Object.entries(row).filter(([name]) => !/_dec$/.test(name))) };
}
