/**
 * The `exactly_once` publisher: one Kafka transaction per batch. Whatever goes wrong, it throws its
 * producers away, initialises the transactional ids again, and lets the committed checkpoint say
 * whether the batch took place; it never guesses and never goes on with a producer that failed.
 */
import type { EncodedRecord } from '../encoding/encoded-record.ts';
import { settlesWithin, withDeadline } from '../model/deadline.ts';
import { FatalError, PipelineError, TransientError } from '../model/errors.ts';
import type { Clock, Logger, Metrics } from '../model/runtime.ts';
import { createKafkaClient } from './kafka-client.ts';
import { kafkaError } from './kafka-error.ts';
import { Lanes } from './lanes.ts';
import type { Place } from './partitions-ahead.ts';
import type { OpenTransaction } from './producer-lane.ts';
import type { PublicationBatch, Publisher } from './publisher.ts';
import { recordBytes } from './record-size.ts';
import { type CommittedState, decide } from './recovery.ts';
import type { KafkaSettings, PublishingSettings } from './settings.ts';

/** What a publisher of either kind needs. */
export interface PublisherOptions {
  readonly kafka: KafkaSettings;
  readonly publishing: PublishingSettings;
  /** Name of the source; `transactionalIdPrefix` must be the same for all its instances. */
  readonly source: string;
  readonly transactionalIdPrefix: string;
  /** This instance's generation, which it writes into its checkpoints; asked after `open`. */
  readonly generation: () => number;
  /** Reads the newest committed checkpoint of this source, up to the end of the log. */
  readonly committed: () => Promise<CommittedState | null>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

const recoveryPauseMs = { first: 50, most: 1_000 };

/** Publishes each batch in one transaction, once. See `Publisher` for the guarantees. */
export class TransactionalPublisher implements Publisher {
  readonly #options: PublisherOptions;
  readonly #lanes: Lanes;
  #before: CommittedState | null = null;
  #underWay: Promise<void> = Promise.resolve();
  #stopped: PipelineError | null = null;
  /** Where the last sealed records went: the next ones almost always go there too. */
  #sealedTo: readonly Place[] = [];

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#lanes = new Lanes({
      transactionalIdPrefix: options.transactionalIdPrefix,
      count: options.publishing.lanes,
      transactionTimeoutMs: options.publishing.transactionTimeoutMs,
      limits: options.publishing,
      client: () => createKafkaClient(options.kafka, options.logger),
    });
  }

  async open(signal: AbortSignal): Promise<void> {
    const giveUpAtMs = this.#options.clock.nowMs() + this.#options.publishing.recoveryTimeoutMs;
    const action = 'take over the transactional ids';
    const cut = () => this.#lanes.kill();
    signal.addEventListener('abort', cut, { once: true });
    try {
      await this.#untilDone({ giveUpAtMs, signal, action }, () => this.#settle());
    } catch (error) {
      throw error instanceof CallerFailure ? error.cause : error;
    } finally {
      signal.removeEventListener('abort', cut);
    }
  }

  publish(batch: PublicationBatch): Promise<void> {
    if (this.#stopped !== null) return Promise.reject(this.#stopped);
    this.#underWay = this.#publish(batch).catch((error: unknown) => {
      if (error instanceof CallerFailure) throw error.cause;
      const failure = kafkaError(error, { action: 'publish a batch' });
      this.#stopped ??= failure;
      this.#lanes.kill();
      throw failure;
    });
    return this.#underWay;
  }

  /** Waits for a batch under way, for `closeTimeoutMs` at most, then cuts the connections. */
  async close(waitMs = this.#options.publishing.closeTimeoutMs): Promise<void> {
    const { clock } = this.#options;
    await settlesWithin(this.#underWay, { clock, ms: waitMs });
    this.#stopped ??= new TransientError('kafka.send_failed', {
      stage: 'publishing',
      message: `The publisher of source "${this.#options.source}" was closed.`,
    });
    this.#lanes.kill();
    await settlesWithin(this.#underWay, { clock, ms: 500 });
  }

  async #publish(batch: PublicationBatch): Promise<void> {
    const giveUpAtMs = this.#options.clock.nowMs() + this.#options.publishing.recoveryTimeoutMs;
    for (;;) {
      const failure = await this.#attempt(batch).then(
        () => null,
        (error: unknown) => {
          if (error instanceof CallerFailure) throw error;
          return this.#classified(error);
        },
      );
      if (failure === null) return;
      if (failure instanceof FatalError || this.#stopped !== null) throw failure;
      if ((await this.#recover(batch, failure, giveUpAtMs)) === 'committed') return;
      if (this.#options.clock.nowMs() > giveUpAtMs) throw failure;
    }
  }

  /** One try, bounded in time; when it is not in time, what it has under way is cut off. */
  async #attempt(batch: PublicationBatch): Promise<void> {
    const { clock, metrics, publishing, source } = this.#options;
    const startedAtMs = clock.nowMs();
    const abandoned = new AbortController();
    const sent = await withDeadline(this.#transact(batch, abandoned.signal), {
      clock,
      ms: publishing.attemptTimeoutMs,
      onTimeout: () => {
        abandoned.abort();
        return timedOut(source, publishing.attemptTimeoutMs);
      },
    });
    if (sent.sealed)
      this.#before = { generation: this.#options.generation(), sequence: batch.sequence };
    metrics.add('transactions_committed', { source });
    metrics.add('published_records', { source }, sent.records);
    metrics.add('published_bytes', { source }, sent.bytes);
    metrics.observe('commit_duration_seconds', { source }, (clock.nowMs() - startedAtMs) / 1_000);
  }

  async #transact(batch: PublicationBatch, abandoned: AbortSignal): Promise<Sent> {
    const transaction = await this.#lanes.next().begin(this.#sealedTo);
    try {
      const offsets = await transaction.send(batch.records);
      abandoned.throwIfAborted();
      const sealed = seal(batch, offsets);
      this.#sealedTo = sealed.map(({ topic, partition }) => ({ topic, partition }));
      await transaction.send(sealed);
      abandoned.throwIfAborted();
      await transaction.commit();
      abandoned.throwIfAborted();
      return {
        records: batch.records.length + sealed.length,
        bytes: sizeOf(batch.records) + sizeOf(sealed),
        sealed: sealed.length > 0,
      };
    } catch (error) {
      if (!abandoned.aborted) await this.#abortIfFinal(transaction, error);
      throw error;
    }
  }

  /** Other failures are settled by the recovery; this one ends the publisher, so it tidies up. */
  async #abortIfFinal(transaction: OpenTransaction, error: unknown): Promise<void> {
    const isFinal = error instanceof CallerFailure || this.#classified(error) instanceof FatalError;
    if (!isFinal) return;
    const { clock, metrics, source } = this.#options;
    await settlesWithin(transaction.abort(), { clock, ms: 1_000 });
    metrics.add('transactions_aborted', { source });
  }

  /** Settles what the failed try left, and reads what became of it. */
  async #recover(
    batch: PublicationBatch,
    failure: PipelineError,
    giveUpAtMs: number,
  ): Promise<'committed' | 'lost'> {
    const { generation, logger, metrics, source } = this.#options;
    const { sequence } = batch;
    logger.warn({ sequence, code: failure.code, err: failure }, 'publishing is recovering');
    const before = this.#before;
    const verdict = await this.#untilDone(
      { giveUpAtMs, action: 'recover the producers' },
      async () => {
        metrics.add('producer_recoveries', { source });
        this.#lanes.kill();
        // A fenced id is settled already; looking first spares a successor from being fenced by us.
        if (failure.code === 'kafka.fenced') await this.#refuseIfSucceeded(sequence);
        const found = await this.#settle();
        return decide({ found, before, generation: generation(), sequence, source });
      },
    );
    logger.info({ sequence, verdict }, 'publishing recovered');
    if (verdict === 'lost') {
      metrics.add('transactions_aborted', { source });
    } else {
      metrics.add('transactions_committed', { source });
      metrics.add('published_records', { source }, batch.records.length);
      metrics.add('published_bytes', { source }, sizeOf(batch.records));
    }
    return verdict;
  }

  async #refuseIfSucceeded(sequence: number): Promise<void> {
    const found = await this.#committed();
    const generation = this.#options.generation();
    if (found === null || found.generation <= generation) return;
    decide({ found, before: null, generation, sequence, source: this.#options.source });
  }

  async #settle(): Promise<CommittedState | null> {
    await this.#lanes.open();
    this.#before = await this.#committed();
    return this.#before;
  }

  async #committed(): Promise<CommittedState | null> {
    try {
      return await this.#options.committed();
    } catch (cause) {
      throw cause instanceof PipelineError ? cause : new CallerFailure('read failed', { cause });
    }
  }

  /** Repeats `step` while it fails transiently, with growing pauses, until the time is over. */
  async #untilDone<T>(
    limit: { giveUpAtMs: number; action: string; signal?: AbortSignal },
    step: () => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#options;
    for (
      let pauseMs = recoveryPauseMs.first;
      ;
      pauseMs = Math.min(pauseMs * 2, recoveryPauseMs.most)
    ) {
      limit.signal?.throwIfAborted();
      if (this.#stopped !== null) throw this.#stopped;
      const remainingMs = Math.max(1, limit.giveUpAtMs - clock.nowMs());
      const failure = await withDeadline(step(), {
        clock,
        ms: remainingMs,
        onTimeout: () => timedOut(this.#options.source, remainingMs),
      }).then(
        (value) => ({ value }),
        (error: unknown) => {
          if (error instanceof CallerFailure) throw error;
          return this.#classified(error, limit.action);
        },
      );
      if ('value' in failure) return failure.value;
      const isOver = clock.nowMs() + pauseMs > limit.giveUpAtMs;
      if (failure instanceof FatalError || failure.code === 'kafka.fenced' || isOver) throw failure;
      await clock.sleep(pauseMs, limit.signal);
    }
  }

  #classified(error: unknown, action = 'publish a batch'): PipelineError {
    const { source } = this.#options;
    const lastTrouble = this.#lanes.lastTrouble();
    return kafkaError(error, {
      action: `${action} of source "${source}"`,
      context: { source },
      lastTrouble,
    });
  }
}

/** What a function of the caller threw: neither Kafka's fault nor cured by repeating. */
class CallerFailure extends Error {}

function seal(batch: PublicationBatch, offsets: Float64Array): readonly EncodedRecord[] {
  try {
    return batch.seal(offsets);
  } catch (cause) {
    throw new CallerFailure('seal failed', { cause });
  }
}

interface Sent {
  readonly records: number;
  readonly bytes: number;
  readonly sealed: boolean;
}

function sizeOf(records: readonly EncodedRecord[]): number {
  return records.reduce((sum, record) => sum + recordBytes(record), 0);
}

function timedOut(source: string, ms: number): TransientError {
  return new TransientError('kafka.unreachable', {
    stage: 'publishing',
    message: `Kafka did not answer source "${source}" within ${ms} ms. Check that the brokers run and that enough replicas are in sync.`,
    context: { source, timeoutMs: ms },
  });
}
