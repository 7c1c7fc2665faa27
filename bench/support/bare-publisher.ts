/** kafkajs as anyone would use it: an idempotent producer, 1,000 records a send, one send at a time. */
import { Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import type { StoredRecord } from '../../src/encoding/encoded-record.ts';

const recordsPerSend = 1_000;

/** One connection for all rounds. */
export class BarePublisher {
  readonly #producer: Producer;

  private constructor(producer: Producer) {
    this.#producer = producer;
  }

  static async open(brokers: readonly string[]): Promise<BarePublisher> {
    const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ idempotent: true, allowAutoTopicCreation: false });
    await producer.connect();
    return new BarePublisher(producer);
  }

  /** Resolves when the last record is acknowledged. */
  async publish(
    records: readonly StoredRecord[],
    rename: (topic: string) => string,
  ): Promise<void> {
    for (let from = 0; from < records.length; from += recordsPerSend) {
      const topics = new Map<string, Message[]>();
      for (const { topic, partition, key, value, timestampMs } of records.slice(
        from,
        from + recordsPerSend,
      )) {
        const messages = topics.get(topic) ?? [];
        messages.push({ key, value, partition, timestamp: String(timestampMs) });
        topics.set(topic, messages);
      }
      const topicMessages = [...topics].map(([topic, messages]) => ({
        topic: rename(topic),
        messages,
      }));
      await this.#producer.sendBatch({ topicMessages });
    }
  }

  async close(): Promise<void> {
    await this.#producer.disconnect();
  }
}
