/** Every metric ommer exports: help text, labels and, for histograms, bucket bounds. */
import type { CounterName, GaugeName, HistogramName, MetricLabels } from '../model/runtime.ts';

/** Prefix of every exported name. */
export const metricPrefix = 'ommer_';

export type MetricLabel = keyof MetricLabels;

export interface MetricDeclaration {
  readonly help: string;
  readonly labels: readonly MetricLabel[];
}

/** Exported as `ommer_<name>_total`. */
export const counters: Readonly<Record<CounterName, MetricDeclaration>> = {
  frames: { help: 'Frames received from venues and nodes.', labels: ['source'] },
  updates: {
    help: 'Updates that a source reported, by kind (label channel).',
    labels: ['source', 'channel'],
  },
  events: { help: 'Rows inserted.', labels: ['source'] },
  retractions: { help: 'Rows retracted.', labels: ['source'] },
  reorgs: { help: 'Reorganizations published.', labels: ['source'] },
  revisions: {
    help: 'Blocks whose rows were put right before they were final.',
    labels: ['source'],
  },
  corrections: {
    help: 'Published rows of market data that were taken back and took another form.',
    labels: ['source'],
  },
  dropped: { help: 'Input not published, by reason.', labels: ['source', 'reason'] },
  errors: { help: 'Errors by stage and code.', labels: ['source', 'stage', 'code'] },
  sessions: { help: 'Sessions opened.', labels: ['source'] },
  transactions_committed: { help: 'Kafka transactions committed.', labels: ['source'] },
  transactions_aborted: { help: 'Kafka transactions aborted.', labels: ['source'] },
  producer_recoveries: {
    help: 'Times that producers were thrown away and the last batch was settled.',
    labels: ['source'],
  },
  published_records: { help: 'Records acknowledged by Kafka.', labels: ['source'] },
  published_bytes: {
    help: 'Bytes of keys and values acknowledged by Kafka.',
    labels: ['source'],
  },
  rpc_requests: { help: 'Requests to nodes, by method.', labels: ['source', 'method'] },
  rpc_retries: {
    help: 'Requests repeated, by the code of the failure.',
    labels: ['source', 'code'],
  },
  dead_letters: {
    help: 'Records written to the dead letters.',
    labels: ['source', 'stage', 'code'],
  },
  broken_promises: {
    help: 'Forks of a chain whose nodes call every block final.',
    labels: ['source'],
  },
  gaps: { help: 'Gaps that a source reported.', labels: ['source'] },
};

/** Exported as `ommer_<name>`. */
export const gauges: Readonly<Record<GaugeName, MetricDeclaration>> = {
  head_height: { help: 'Height of the newest block the source knows.', labels: ['source'] },
  published_height: { help: 'Height of the newest published block.', labels: ['source'] },
  finalized_height: { help: 'Height of the finalized head.', labels: ['source'] },
  lag_blocks: { help: 'Blocks between head and published.', labels: ['source'] },
  lag_ms: { help: 'Age of the newest published block when it was published.', labels: ['source'] },
  undo_window_blocks: { help: 'Unfinalized blocks that can be retracted.', labels: ['source'] },
  undo_window_rows: { help: 'Rows that can be retracted.', labels: ['source'] },
  queue_rows: { help: 'Rows waiting for publication.', labels: ['source'] },
  source_state: {
    help: '1 for the state that the source is in, 0 for the others.',
    labels: ['source', 'state'],
  },
  stream_state: {
    help: '1 for the state that the stream of a market-data source is in, 0 for the others.',
    labels: ['source', 'state'],
  },
  unsafe_books: { help: 'Books that must not be trusted now.', labels: ['source'] },
  open_gaps: {
    help: 'Stretches of rows that are missing and still looked for.',
    labels: ['source'],
  },
};

/** Exported as `ommer_<name>` with buckets. */
export const histograms: Readonly<
  Record<HistogramName, MetricDeclaration & { readonly buckets: readonly number[] }>
> = {
  commit_duration_seconds: {
    help: 'From the first record of a batch to its commit.',
    labels: ['source'],
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60],
  },
  rpc_duration_seconds: {
    help: 'Duration of requests to nodes.',
    labels: ['source', 'method'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  },
  reorg_depth_blocks: {
    help: 'Blocks taken back by a reorganization.',
    labels: ['source'],
    buckets: [1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256],
  },
};
