/**
 * The closed list of error codes and the three classes that say who must act: the supervisor
 * retries `TransientError`, quarantines `DataError`, and stops the source on `FatalError`.
 */

/** Every code an operator can meet, with the exit code of the process when it stops a run. */
export const errorCodes = {
  'config.invalid': 78,
  'config.unreadable': 78,
  'cursor.unreadable': 65,
  'checkpoint.unreadable': 65,
  'checkpoint.newer_version': 65,
  'checkpoint.other_source': 65,
  'checkpoint.undo_window_incomplete': 65,
  'checkpoint.table_incomplete': 65,
  'kafka.unreachable': 69,
  'kafka.send_failed': 69,
  'kafka.partial_acknowledgement': 69,
  'kafka.fenced': 75,
  'kafka.not_authorized': 77,
  'kafka.record_too_large': 65,
  'kafka.topic_partitions': 78,
  'kafka.topic_cleanup_policy': 78,
  'kafka.topic_missing': 78,
  'kafka.topic_conflict': 78,
  'registry.unreachable': 69,
  'registry.not_authorized': 77,
  'registry.incompatible_schema': 65,
  'registry.unknown_schema_id': 65,
  'registry.ids_changed': 65,
  'schema.invalid': 70,
  'source.unreachable': 69,
  'source.session_lost': 69,
  'source.rate_limited': 69,
  'source.wrong_chain': 65,
  'source.other_genesis': 65,
  'source.missing_block': 69,
  'source.inconsistent_block': 69,
  'source.malformed_frame': 65,
  'source.unsupported': 69,
  'source.request_failed': 69,
  'source.contradiction': 65,
  'source.node_behind': 69,
  'source.endpoints_disagree': 69,
  'source.level_went_back': 69,
  'source.state_missing': 69,
  'source.unknown_channel': 65,
  'source.unknown_kind': 69,
  'source.key_refused': 77,
  'source.handshake_closed': 69,
  'source.dataset_unknown': 78,
  'source.dataset_forbidden': 77,
  'source.dataset_refused': 69,
  'source.row_unannounced': 65,
  'source.late_correction': 65,
  'source.plan_limit': 78,
  'source.credits_spent': 77,
  'source.subscription_unanswered': 69,
  'source.late_bar': 65,
  'source.retry_budget_exhausted': 69,
  'chain.reorg_below_finality': 65,
  'chain.not_continuous': 65,
  'chain.revision_below_finality': 65,
  'market.correction_too_late': 65,
  'row.invalid': 65,
  'market.unknown': 78,
  'market.delisted': 65,
  'market.number_invalid': 65,
  'market.negative_amount': 65,
  'market.time_in_future': 65,
  'market.book_impossible': 65,
  'state.too_many_keys': 78,
  'replay.not_final': 65,
  'replay.range_too_long': 65,
  'replay.rows_deleted': 65,
  'replay.unsupported': 78,
  'transport.frame_too_large': 69,
  'transport.queue_overflow': 69,
  'devnet.start_failed': 69,
  'devnet.not_running': 69,
  'devnet.node_unreachable': 69,
  'devnet.node_refused': 70,
  'devnet.request_refused': 64,
  'http.address_unavailable': 78,
  'consumer.foreign_record': 65,
  'consumer.block_not_found': 65,
  'consumer.several_sources': 78,
  'consumer.offset_out_of_range': 65,
  'consumer.incomplete_block': 65,
  'consumer.limit_exceeded': 65,
  'consumer.wrong_options': 78,
  'consumer.group_in_use': 75,
  'record.unwritable': 73,
} as const;

/** One of the closed list of codes. */
export type ErrorCode = keyof typeof errorCodes;

/** The stage of the picture an error belongs to: a directory of `src/`. */
export type Stage =
  | 'model'
  | 'transport'
  | 'sources'
  | 'continuity'
  | 'normalization'
  | 'encoding'
  | 'publishing'
  | 'consumer'
  | 'pipeline'
  | 'replay'
  | 'config'
  | 'cli'
  | 'devnet';

/** What every error states: where, what failed with which value, and what to do. */
export interface ErrorDetail {
  readonly stage: Stage;
  readonly message: string;
  readonly cause?: unknown;
  /** Flat values for the log line. Never a secret. */
  readonly context?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Base of all errors ommer throws on purpose. */
export abstract class PipelineError extends Error {
  readonly code: ErrorCode;
  readonly stage: Stage;
  readonly context: Readonly<Record<string, string | number | boolean | null>>;

  constructor(code: ErrorCode, detail: ErrorDetail) {
    super(detail.message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = new.target.name;
    this.code = code;
    this.stage = detail.stage;
    this.context = detail.context ?? {};
  }
}

/** The pause that the other side asked for, in its error's context; 0 where it asked for none. */
export function retryAfterMsOf(error: unknown): number {
  const askedMs = error instanceof PipelineError ? error.context['retryAfterMs'] : undefined;
  return typeof askedMs === 'number' ? askedMs : 0;
}

/** Will probably pass: a lost connection, a time-out. The supervisor opens a new session. */
export class TransientError extends PipelineError {}

/** This input cannot be understood. It goes to the dead letters or stops its source, as configured. */
export class DataError extends PipelineError {
  /** The bytes that could not be understood, for the dead letter. */
  readonly raw: Uint8Array | undefined;

  constructor(code: ErrorCode, detail: ErrorDetail & { readonly raw?: Uint8Array }) {
    super(code, detail);
    this.raw = detail.raw;
  }
}

/** Only an operator can help. The source stops and keeps what it has published. */
export class FatalError extends PipelineError {}
