/**
 * One transactional id with its producer and its own connections. A lane that met any failure is
 * killed and opened again: kafkajs's bookkeeping cannot be trusted after one.
 */
import type { Producer, Transaction } from 'kafkajs';
import type { EncodedRecord } from '../encoding/encoded-record.ts';
import { AcknowledgementLog, assignOffsets } from './acknowledgement.ts';
import type { KafkaClient } from './kafka-client.ts';
import { PartitionsAhead, type Place } from './partitions-ahead.ts';
import { type ChunkLimits, chunkRecords, recordsOf } from './record-chunks.ts';
import { namingTooLarge } from './record-size.ts';

/** How a lane is made. */
export interface LaneOptions {
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly limits: ChunkLimits;
  /** Makes a client of its own for this lane. */
  readonly client: () => KafkaClient;
}

/** A transaction under way on a lane. Every method rejects with kafkajs's errors, unclassified. */
export interface OpenTransaction {
  /** Sends in order and resolves with the records' offsets; repeats nothing. */
  send(records: readonly EncodedRecord[]): Promise<Float64Array>;
  commit(): Promise<void>;
  abort(): Promise<void>;
}

/** A producer with a transactional id of its own. */
export class ProducerLane {
  readonly #options: LaneOptions;
  readonly #client: KafkaClient;
  readonly #producer: Producer;
  readonly #log = new AcknowledgementLog();
  readonly #ahead = new PartitionsAhead();

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#client = options.client();
    this.#producer = this.#client.producer({
      transactionalId: options.transactionalId,
      transactionTimeoutMs: options.transactionTimeoutMs,
      onProduced: (response) => this.#log.add(response),
      partitionsAhead: this.#ahead,
    });
  }

  /**
   * Connects and initialises the transactional id: fences its older users and resolves when what
   * they left open is committed or aborted for certain.
   */
  async open(): Promise<void> {
    await this.#producer.connect();
    // kafkajs initialises with the first transaction; an empty one sends nothing else.
    const empty = await this.#producer.transaction();
    await empty.abort();
  }

  /** `ahead`: partitions that a later send of the transaction will probably need. */
  async begin(ahead: readonly Place[]): Promise<OpenTransaction> {
    this.#ahead.begin(ahead);
    const transaction = await this.#producer.transaction();
    return {
      send: (records) => this.#send(transaction, records),
      commit: () => transaction.commit(),
      abort: () => transaction.abort(),
    };
  }

  lastTrouble(): string | null {
    return this.#client.lastTrouble();
  }

  /** Ends the lane at once; what it has in flight rejects and nothing more is sent. */
  kill(): void {
    this.#client.kill();
    this.#producer.disconnect().catch(() => {});
  }

  async #send(transaction: Transaction, records: readonly EncodedRecord[]): Promise<Float64Array> {
    const offsets = new Float64Array(records.length);
    for (const chunk of chunkRecords(records, this.#options.limits)) {
      this.#log.reset();
      const acknowledged = await transaction
        .sendBatch({ topicMessages: chunk.topicMessages })
        .catch((error: unknown) => {
          throw namingTooLarge(error, recordsOf(chunk, records));
        });
      assignOffsets(chunk, acknowledged, { log: this.#log, offsets });
    }
    return offsets;
  }
}
