/** Metrics that tell when which records were committed; everything else goes to the real metrics. */
import type { CounterName, GaugeName, MetricLabels, Metrics } from '../../src/model/runtime.ts';
import { createMetrics } from '../../src/observability/metrics.ts';

interface Waiter {
  readonly records: number;
  readonly resolve: (atMs: number) => void;
}

/** One per task. */
export class CommitWatch implements Metrics {
  readonly #inner = createMetrics();
  #records = 0;
  #commits = 0;
  #bytes = 0;
  #undoRows = 0;
  #waiters: Waiter[] = [];
  /** Called after every commit that wrote records. */
  onCommit: () => void = () => undefined;

  /** Transactions that were committed. */
  get commits(): number {
    return this.#commits;
  }

  /** Data and control records that were committed: all but the one checkpoint per transaction. */
  get records(): number {
    return this.#records - this.#commits;
  }

  /** Keys and values of everything that was committed. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Rows that the task held when it last said so. */
  get undoRows(): number {
    return this.#undoRows;
  }

  /** Time (`performance.now()`) of the commit with which so many records were committed. */
  committed(records: number): Promise<number> {
    if (this.records >= records) return Promise.resolve(performance.now());
    return new Promise((resolve) => this.#waiters.push({ records, resolve }));
  }

  add(name: CounterName, labels: MetricLabels, value = 1): void {
    this.#inner.add(name, labels, value);
    if (name === 'transactions_committed') this.#commits += value;
    if (name === 'published_bytes') this.#bytes += value;
    if (name !== 'published_records') return;
    this.#records += value;
    this.onCommit();
    const nowMs = performance.now();
    const isDone = (waiter: Waiter) => this.records >= waiter.records;
    for (const waiter of this.#waiters.filter(isDone)) waiter.resolve(nowMs);
    this.#waiters = this.#waiters.filter((waiter) => !isDone(waiter));
  }

  set(name: GaugeName, labels: MetricLabels, value: number): void {
    this.#inner.set(name, labels, value);
    if (name === 'undo_window_rows') this.#undoRows = value;
  }

  observe: Metrics['observe'] = (...args) => this.#inner.observe(...args);
}
