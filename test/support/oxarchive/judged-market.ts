/** The topics of one venue as the judge reads them: rows that are true, books to be trusted, gaps. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Judge, NetRow } from '../end-to-end/judge.ts';
import type { SharedDevnet } from '../shared-devnet.ts';
import type { RowReader } from '../sources/row-reader.ts';
import type { ReadBook } from './book-reader.ts';

/** What the judge found on the topics of one venue. */
export interface MarketVerdict {
  /** What is wrong with the log; at most twenty. */
  readonly failures: readonly string[];
  readonly rowsByDataset: Readonly<Record<string, number>>;
  readonly retractions: number;
  /** Records that a reader who knows event_id and incarnation drops; none under exactly_once. */
  readonly repeats: number;
  readonly incarnationMax: number;
  /** By dataset and market, how many lives of the book could be trusted. */
  readonly epochs: Readonly<Record<string, number>>;
  /** Books of `book_deltas` that `book_snapshots` has too, and best levels that were compared. */
  readonly compared: number;
  readonly tops: number;
  readonly sessions: number;
  /** How often books were called unsafe, by reason. */
  readonly unsafe: Readonly<Record<string, number>>;
  /** What was said of gaps, in order. */
  readonly gaps: readonly string[];
  readonly openGaps: number;
  /** Codes of the dead letters, in order. */
  readonly letters: readonly string[];
}

/** A book that a reader of one topic trusts. */
export interface TrustedBook extends ReadBook {
  readonly symbol: string;
}

/** The verdict, the rows that are true, and every book that was to be trusted. */
export interface MarketJudgement extends RowReader {
  readonly verdict: MarketVerdict;
  readonly books: readonly { readonly book: string; readonly row: TrustedBook }[];
}

/** Which topics, by which promise, and how they are spoilt to test the judge. */
export interface MarketCharge {
  readonly venue: string;
  readonly delivery: 'exactly_once' | 'low_latency';
  readonly tampering?: string;
}

/** Market data below one prefix. `close` must follow. */
export class JudgedMarkets {
  readonly #judge: Judge;
  readonly #directory: string;
  readonly #prefix: string;

  private constructor(judge: Judge, directory: string, prefix: string) {
    this.#judge = judge;
    this.#directory = directory;
    this.#prefix = prefix;
  }

  static async open(devnet: SharedDevnet, prefix: string): Promise<JudgedMarkets> {
    const judge = await devnet.judge();
    return new JudgedMarkets(judge, await mkdtemp(join(tmpdir(), 'ommer-judged-')), prefix);
  }

  /** Of what is committed now. */
  async judge({ venue, delivery, tampering = '' }: MarketCharge): Promise<MarketJudgement> {
    const file = join(this.#directory, `${venue}.jsonl`);
    const question = ['market', this.#prefix, venue, delivery, file, tampering].join(' ').trim();
    const verdict = (await this.#judge.ask(question)) as MarketVerdict;
    const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
    const told = lines.map((line) => JSON.parse(line) as NetRow | MarketJudgement['books'][number]);
    const rows = told.filter((each) => 'topic' in each);
    return {
      verdict,
      picture: JSON.stringify(verdict),
      books: told.filter((each) => 'book' in each),
      rows: (dataset) =>
        rows.filter(({ topic }) => topic === `${this.#prefix}.${venue}.${dataset}`),
    };
  }

  async close(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}
