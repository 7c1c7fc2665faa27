/**
 * One idempotent producer without transactions. A kafkajs send of several partitions can lose some of
 * them or write them twice when a broker fails: what it was told is compared with what was sent.
 */
import type { Producer } from 'kafkajs';
import { Alarm } from '../model/alarm.ts';
import { FatalError, type PipelineError } from '../model/errors.ts';
import type { Clock } from '../model/runtime.ts';
import { assignOffsets } from './acknowledgement.ts';
import type { KafkaClient } from './kafka-client.ts';
import { kafkaError } from './kafka-error.ts';
import type { Chunk } from './record-chunks.ts';
import type { PublishingSettings } from './settings.ts';

/** How a data lane is made. */
export interface DataLaneOptions {
  readonly client: () => KafkaClient;
  readonly clock: Clock;
  readonly settings: PublishingSettings;
  /** Called when a producer is thrown away because of this; true at the first failure of a chunk. */
  readonly onRecovery: (failure: PipelineError, isFirst: boolean) => void;
  /** Called when a chunk that had failed is acknowledged. */
  readonly onRecovered: () => void;
}

const pauseMs = { first: 20, most: 1_000 };

/** A producer that is replaced after every rejected send. */
export class DataLane {
  readonly #options: DataLaneOptions;
  readonly #alarm: Alarm;
  #client: KafkaClient | null = null;
  #producer: Promise<Producer> | null = null;
  #isClosed = false;

  constructor(options: DataLaneOptions) {
    this.#options = options;
    this.#alarm = new Alarm(options.clock);
  }

  /** Connects. Rejects with kafkajs's errors. */
  async open(): Promise<void> {
    await this.#connected();
  }

  /**
   * Sends the chunks one after the other, each to all brokers it is for at once, and writes the
   * offsets. A chunk that was not acknowledged whole is repeated whole by a new producer, those before
   * it are not: at least once, in order within a partition. Rejects with a classified error on a fatal
   * failure or when `recoveryTimeoutMs` are over.
   */
  async send(chunks: readonly Chunk[], offsets: Float64Array): Promise<void> {
    const { clock, settings } = this.#options;
    const giveUpAtMs = clock.nowMs() + settings.recoveryTimeoutMs;
    for (const chunk of chunks) {
      let pause = pauseMs.first;
      let failure = await this.#failureOf(chunk, offsets, giveUpAtMs);
      const hadFailed = failure !== null;
      while (failure !== null) {
        this.#options.onRecovery(failure, pause === pauseMs.first);
        await clock.sleep(pause);
        pause = Math.min(pause * 2, pauseMs.most);
        failure = await this.#failureOf(chunk, offsets, giveUpAtMs);
      }
      if (hadFailed) this.#options.onRecovered();
    }
  }

  /** Ends the producer at once. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#discard();
    if (!this.#alarm.isSet) this.#alarm.stop();
  }

  /** Null when it is sent; throws what must not be repeated. */
  async #failureOf(
    chunk: Chunk,
    offsets: Float64Array,
    giveUpAtMs: number,
  ): Promise<PipelineError | null> {
    try {
      await this.#sendOnce(chunk, offsets);
      return null;
    } catch (error) {
      const failure = kafkaError(error, {
        action: `send to ${placesOf(chunk)}`,
        lastTrouble: this.#client?.lastTrouble() ?? null,
      });
      // Its sequence numbers are wrong from here on: the next batch could be taken for a duplicate.
      this.#discard();
      const isOver = this.#options.clock.nowMs() > giveUpAtMs || this.#isClosed;
      if (failure instanceof FatalError || isOver) throw failure;
      return failure;
    }
  }

  async #sendOnce(chunk: Chunk, offsets: Float64Array): Promise<void> {
    const sending = this.#connected().then((producer) =>
      producer.sendBatch({ topicMessages: chunk.topicMessages }),
    );
    assignOffsets(chunk, await this.#inTime(sending), { log: null, offsets });
  }

  /** What rejects it goes on unobserved: its producer must be thrown away. */
  async #inTime<T>(sending: Promise<T>): Promise<T> {
    const { attemptTimeoutMs } = this.#options.settings;
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#alarm.set(attemptTimeoutMs, () =>
          reject(new Error(`no acknowledgement within ${attemptTimeoutMs} ms`)),
        );
        sending.then(resolve, reject);
      });
    } finally {
      this.#alarm.clear();
      if (this.#isClosed) this.#alarm.stop();
    }
  }

  #connected(): Promise<Producer> {
    if (this.#isClosed) return Promise.reject(new Error('the producer was closed'));
    this.#producer ??= this.#connect();
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    this.#client = this.#options.client();
    const { transactionTimeoutMs } = this.#options.settings;
    const producer = this.#client.producer({ transactionTimeoutMs });
    await producer.connect();
    return producer;
  }

  #discard(): void {
    this.#client?.kill();
    this.#producer?.then((producer) => producer.disconnect()).catch(() => {});
    this.#client = null;
    this.#producer = null;
  }
}

function placesOf({ parts }: Chunk): string {
  const [first, ...others] = parts;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `topic "${first?.topic}" partition ${first?.partition}${more}`;
}
