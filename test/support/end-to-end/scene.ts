/** One story on a stage: processes of ommer that publish one chain, and what is left on the topics. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { lastLines } from '../../../src/devnet/log-file.ts';
import { until } from '../../../src/devnet/until.ts';
import type { ChainDriver } from './chain-driver.ts';
import type { Judge, Verdict } from './judge.ts';
import { comparedColumns, type Dataset, factText, nodeHead, readTruth } from './node-truth.ts';
import { type OmmerProcess, startOmmer } from './ommer-process.ts';

export interface SceneParts {
  readonly judge: Judge;
  readonly driver: ChainDriver;
  readonly nodeUrl: string;
  readonly directory: string;
  readonly configFile: string;
  readonly prefix: string;
  readonly chainName: string;
  readonly delivery: 'exactly_once' | 'low_latency';
  readonly startHeight: number;
}

const datasets = Object.keys(comparedColumns) as Dataset[];

/** See `Stage.scene`. */
export class Scene {
  readonly driver: ChainDriver;
  readonly logFile: string;
  readonly #parts: SceneParts;
  readonly #processes: OmmerProcess[] = [];

  constructor(parts: SceneParts) {
    this.#parts = parts;
    this.driver = parts.driver;
    this.logFile = join(parts.directory, 'ommer.log');
  }

  /** Name of a dataset's topic, or of the control topic. */
  topic(dataset: Dataset | 'control'): string {
    return `${this.#parts.prefix}.${this.#parts.chainName}.${dataset}`;
  }

  /** Another process on the same configuration. */
  async start(): Promise<OmmerProcess> {
    const { configFile, directory } = this.#parts;
    const ommer = await startOmmer({ configFile, directory, logFile: this.logFile });
    this.#processes.push(ommer);
    return ommer;
  }

  /** Ends what a failed test has left running. */
  async abandon(): Promise<void> {
    await this.driver.rest().catch(() => undefined);
    await Promise.all(this.#processes.map((ommer) => ommer.kill()));
  }

  /** Resolves when the control topic's newest block is the node's head. */
  async caughtUp(timeoutMs = 120_000): Promise<void> {
    const { judge, nodeUrl } = this.#parts;
    const head = await nodeHead(nodeUrl);
    let seen: unknown = null;
    const isThere = await until(
      async () => {
        // Right after a start the topic or, in an emptied registry, its schema may be missing.
        seen = await judge.head(this.topic('control')).catch(String);
        return isSame(seen, head) ? true : undefined;
      },
      { timeoutMs, pollMs: 100 },
    );
    if (isThere) return;
    const log = await lastLines(this.logFile, 15);
    assert.fail(
      `${JSON.stringify(seen)} is published, the node is at ${JSON.stringify(head)}; log:\n${log}`,
    );
  }

  /**
   * Lets the traffic end and a process publish all of it (a new one, or the given one), then has the
   * judge compare the topics with the node.
   */
  async finish(running?: OmmerProcess): Promise<Verdict> {
    await this.driver.rest();
    await this.driver.mine(2);
    const ommer = running ?? (await this.start());
    await this.caughtUp();
    assert.equal(await ommer.stop(), 0, 'exit code after SIGTERM');
    return this.judge();
  }

  /** What the judge says of the topics' records, spoilt first in the given way. */
  verdict(tampering = ''): Promise<Verdict> {
    const { judge, prefix, delivery, directory } = this.#parts;
    const rowsFile = join(directory, 'rows.jsonl');
    return judge.judge({ prefix, delivery, rowsFile, tampering });
  }

  /** Nothing may run that publishes. */
  async judge(): Promise<Verdict> {
    const { delivery, nodeUrl, startHeight } = this.#parts;
    const verdict = await this.verdict();
    assert.deepEqual(verdict.failures, []);
    const head = await nodeHead(nodeUrl);
    const truth = await readTruth(nodeUrl, { from: startHeight, to: head.height });
    for (const dataset of datasets) {
      const topic = this.topic(dataset);
      const published = verdict.rows
        .filter((each) => each.topic === topic)
        .map(({ row }) => factText(dataset, row))
        .sort();
      assertSame(published, truth[dataset], dataset);
      assert.ok(published.length > 0, `${dataset} has rows`);
    }
    if (delivery === 'exactly_once') {
      const hashes = verdict.chain.map(({ hash }) => hash);
      const expected = truth.blocks.map((text) => JSON.parse(text) as [number, string]);
      expected.sort((a, b) => a[0] - b[0]);
      assert.deepEqual(
        hashes,
        expected.map(([, hash]) => hash),
      );
      assert.equal(verdict.repeats, 0);
    }
    assert.equal(verdict.deadLetters, 0);
    return verdict;
  }
}

function isSame(seen: unknown, head: { readonly hash: string }): boolean {
  return typeof seen === 'object' && seen !== null && 'hash' in seen && seen.hash === head.hash;
}

/** Both are sorted; rows may repeat. */
function assertSame(published: readonly string[], expected: readonly string[], what: string): void {
  const surplus = without(published, expected);
  const missing = without(expected, published);
  assert.ok(
    surplus.length === 0 && missing.length === 0,
    `${what}: ${published.length} rows on the topic, ${expected.length} on the node; ` +
      `${surplus.length} too many: ${surplus.slice(0, 3)}; ${missing.length} missing: ${missing.slice(0, 3)}`,
  );
}

function without(some: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const each of others) left.set(each, (left.get(each) ?? 0) + 1);
  return some.filter((each) => {
    const count = left.get(each) ?? 0;
    left.set(each, count - 1);
    return count <= 0;
  });
}
