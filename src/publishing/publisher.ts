/** The door to Kafka. Everything before it is pure data; everything behind it is the client's. */
import type { EncodedRecord } from '../encoding/encoded-record.ts';

/** The unit of atomicity: data, and the control and checkpoint records that are true with it. */
export interface PublicationBatch {
  /** In publication order; order within a partition is kept. May be empty. */
  readonly records: readonly EncodedRecord[];
  /** The checkpoint's sequence number, by which a doubtful commit is recognised. */
  readonly sequence: number;
  /**
   * Called when every record has an offset (`offsets[i]` belongs to `records[i]`); the returned
   * records are published in the same transaction, after the data. Called again when the batch has
   * to be repeated, with the new offsets.
   */
  seal(offsets: Float64Array): readonly EncodedRecord[];
}

/**
 * Publishes one batch at a time, in order.
 *
 * `exactly_once`: when `publish` resolves, the batch is committed, once, whatever was lost on the
 * way; when it rejects, the batch is not committed or the instance was fenced and must not go on.
 * `low_latency`: when `publish` resolves, the data is acknowledged by all in-sync replicas, at
 * least once.
 */
export interface Publisher {
  /**
   * Fences older instances of this source and settles the transactions they left open. Must be
   * called before the checkpoint is read.
   */
  open(signal: AbortSignal): Promise<void>;
  /** Rejects with `kafka.fenced` (fatal), or another `PipelineError`. Never called concurrently. */
  publish(batch: PublicationBatch): Promise<void>;
  /** Finishes or aborts what is open. Idempotent. */
  close(): Promise<void>;
}
