/** What the process lends to the stages: time, randomness, a logger, metrics. Interfaces only. */

/** Time, injected so that tests and simulations run on a virtual one. */
export interface Clock {
  /** Milliseconds since the epoch. */
  nowMs(): number;
  /** Microseconds since the epoch. */
  nowUs(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Values of one log line, with fixed names (`source`, `height`, `hash`, `lagMs`, `err`, …). */
export type LogFields = Readonly<Record<string, unknown>>;

/** A fixed short phrase with fields. pino fits it; nothing here depends on pino. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

/** Labels of a metric: values come from closed sets, never hashes or symbols. */
export type MetricLabels = Readonly<
  Partial<
    Record<
      'source' | 'channel' | 'subject' | 'stage' | 'code' | 'reason' | 'topic' | 'method' | 'state',
      string
    >
  >
>;

/** Counters, by their name without prefix and unit suffix; help texts are in `observability`. */
export type CounterName =
  | 'frames'
  | 'updates'
  | 'events'
  | 'retractions'
  | 'reorgs'
  | 'revisions'
  | 'corrections'
  | 'dropped'
  | 'errors'
  | 'sessions'
  | 'transactions_committed'
  | 'transactions_aborted'
  | 'producer_recoveries'
  | 'published_records'
  | 'published_bytes'
  | 'rpc_requests'
  | 'rpc_retries'
  | 'dead_letters'
  | 'gaps'
  | 'broken_promises';

export type GaugeName =
  | 'head_height'
  | 'published_height'
  | 'finalized_height'
  | 'lag_blocks'
  | 'lag_ms'
  | 'undo_window_blocks'
  | 'undo_window_rows'
  | 'queue_rows'
  | 'source_state'
  | 'stream_state'
  | 'unsafe_books'
  | 'open_gaps';

export type HistogramName =
  | 'commit_duration_seconds'
  | 'rpc_duration_seconds'
  | 'reorg_depth_blocks';

/** Where stages count. Recording never throws. */
export interface Metrics {
  add(name: CounterName, labels: MetricLabels, value?: number): void;
  set(name: GaugeName, labels: MetricLabels, value: number): void;
  observe(name: HistogramName, labels: MetricLabels, value: number): void;
}
