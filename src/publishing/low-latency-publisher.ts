/**
 * The `low_latency` publisher: data goes out at once, without a transaction, all partitions of a
 * batch in one request per broker. Checkpoints and control records follow in transactions, which
 * keeps them exactly-once and lets a successor fence them.
 */
import type { EncodedRecord } from '../encoding/encoded-record.ts';
import { settlesWithin } from '../model/deadline.ts';
import { type PipelineError, TransientError } from '../model/errors.ts';
import { DataLane } from './data-lane.ts';
import { createKafkaClient } from './kafka-client.ts';
import { kafkaError } from './kafka-error.ts';
import type { PublicationBatch, Publisher } from './publisher.ts';
import { chunkRecords } from './record-chunks.ts';
import { namingTooLarge, recordBytes } from './record-size.ts';
import { type PublisherOptions, TransactionalPublisher } from './transactional-publisher.ts';

/** What the publisher needs besides. */
export interface LowLatencyOptions extends PublisherOptions {
  /** Of the checkpoints that wait, which are all this source's, only the newest is written. */
  readonly checkpointTopic: string;
}

/**
 * `publish` resolves when the data is acknowledged by all in-sync replicas: at least once, in order
 * per partition. Sealed records follow at most every `checkpointEveryMs`; after a crash the rows
 * since then are published again with the same `event_id`s. A zombie can still publish data until its
 * next checkpoint is refused (`kafka.fenced`), at most `checkpointEveryMs` after it woke.
 */
export class LowLatencyPublisher implements Publisher {
  readonly #options: LowLatencyOptions;
  readonly #seals: TransactionalPublisher;
  readonly #data: DataLane;
  readonly #stop = new AbortController();
  /** Sealed records that wait, but for the checkpoint. */
  #waiting: EncodedRecord[] = [];
  #checkpoint: EncodedRecord | null = null;
  #sequence = 0;
  #flush: Promise<void> | null = null;
  #underWay: Promise<void> = Promise.resolve();
  #lastFlushAtMs = 0;
  #failure: PipelineError | null = null;

  constructor(options: LowLatencyOptions) {
    this.#options = options;
    this.#seals = new TransactionalPublisher(options);
    const { kafka, logger, clock, publishing, metrics, source } = options;
    this.#data = new DataLane({
      client: () => createKafkaClient(kafka, logger),
      clock,
      settings: publishing,
      onRecovery: (failure, isFirst) => {
        metrics.add('producer_recoveries', { source });
        const { code } = failure;
        if (isFirst) logger.warn({ code, err: failure }, 'publishing is recovering');
      },
      onRecovered: () => logger.info({}, 'publishing recovered'),
    });
  }

  async open(signal: AbortSignal): Promise<void> {
    await this.#seals.open(signal);
    const { source } = this.#options;
    await this.#data.open().catch((error: unknown) => {
      throw kafkaError(error, { action: `connect the producer of source "${source}"` });
    });
  }

  publish(batch: PublicationBatch): Promise<void> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    this.#underWay = this.#publish(batch);
    return this.#underWay;
  }

  /** Writes what waits, then ends everything; bounded by `closeTimeoutMs`. */
  async close(): Promise<void> {
    const { clock, publishing } = this.#options;
    const startedAtMs = clock.nowMs();
    const remainingMs = (): number =>
      Math.max(0, publishing.closeTimeoutMs - (clock.nowMs() - startedAtMs));
    await settlesWithin(this.#underWay, { clock, ms: remainingMs() });
    this.#stop.abort();
    await settlesWithin(this.#drain(), { clock, ms: remainingMs() });
    this.#failure ??= closedError(this.#options.source);
    this.#data.close();
    await this.#seals.close(remainingMs());
  }

  async #publish(batch: PublicationBatch): Promise<void> {
    const { metrics, publishing, source } = this.#options;
    const offsets = new Float64Array(batch.records.length);
    const chunks = chunkRecords(batch.records, publishing);
    try {
      await this.#data.send(chunks, offsets);
    } catch (error) {
      const named = namingTooLarge(error, batch.records);
      this.#failure ??= kafkaError(named, { action: `publish a batch of source "${source}"` });
      throw this.#failure;
    }
    metrics.add('published_records', { source }, batch.records.length);
    metrics.add('published_bytes', { source }, bytesOf(batch.records));
    this.#wait(batch.seal(offsets), batch.sequence);
    if (this.#flush === null && this.#hasWaiting) this.#startFlush(publishing.checkpointEveryMs);
    await this.#room();
  }

  /**
   * No data goes out before the first checkpoint is committed: without one a successor would not look
   * for it. Later the sealed records that wait are held to one request.
   */
  async #room(): Promise<void> {
    const { requestBytesMax } = this.#options.publishing;
    const isFirst = this.#lastFlushAtMs === 0;
    if (isFirst || bytesOf(this.#waiting) >= requestBytesMax) await this.#flush;
    if (this.#failure !== null) throw this.#failure;
  }

  get #hasWaiting(): boolean {
    return this.#checkpoint !== null || this.#waiting.length > 0;
  }

  #wait(sealed: readonly EncodedRecord[], sequence: number): void {
    const { checkpointTopic } = this.#options;
    for (const record of sealed) {
      if (record.topic === checkpointTopic) this.#checkpoint = record;
      else this.#waiting.push(record);
    }
    this.#sequence = sequence;
  }

  #startFlush(everyMs: number): void {
    const { clock } = this.#options;
    const waitMs = Math.max(0, this.#lastFlushAtMs + everyMs - clock.nowMs());
    this.#flush = clock
      .sleep(waitMs, this.#stop.signal)
      .catch(() => {})
      .then(() => this.#flushOnce())
      .catch((error: unknown) => {
        this.#failure ??= kafkaError(error, { action: 'publish a checkpoint' });
      })
      .then(() => {
        this.#flush = null;
        const goesOn = this.#hasWaiting && this.#failure === null;
        if (goesOn && !this.#stop.signal.aborted) this.#startFlush(everyMs);
      });
  }

  async #flushOnce(): Promise<void> {
    const records = [...this.#waiting, ...(this.#checkpoint === null ? [] : [this.#checkpoint])];
    const sequence = this.#sequence;
    this.#waiting = [];
    this.#checkpoint = null;
    this.#lastFlushAtMs = this.#options.clock.nowMs();
    await this.#seals.publish({ records: [], sequence, seal: () => records });
  }

  async #drain(): Promise<void> {
    await this.#flush;
    if (this.#hasWaiting && this.#failure === null) await this.#flushOnce();
  }
}

function bytesOf(records: readonly EncodedRecord[]): number {
  return records.reduce((sum, record) => sum + recordBytes(record), 0);
}

function closedError(source: string): TransientError {
  return new TransientError('kafka.send_failed', {
    stage: 'publishing',
    message: `The publisher of source "${source}" was closed.`,
  });
}
