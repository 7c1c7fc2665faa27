/**
 * Cuts a batch into requests that every broker takes, grouped the way kafkajs wants them: one entry
 * per topic, records in order within a partition.
 */
import type { Message, TopicMessages } from 'kafkajs';
import type { EncodedRecord } from '../encoding/encoded-record.ts';
import { recordBytes, recordTooLarge } from './record-size.ts';
import type { PublishingSettings } from './settings.ts';

/** The sizes that matter here. */
export type ChunkLimits = Pick<
  PublishingSettings,
  'recordBytesMax' | 'batchBytesMax' | 'requestBytesMax'
>;

/** The records of one topic-partition in one request; `indexes` point into the batch. */
export interface ChunkPart {
  readonly topic: string;
  readonly partition: number;
  readonly indexes: readonly number[];
}

/** One request. */
export interface Chunk {
  readonly parts: readonly ChunkPart[];
  readonly topicMessages: TopicMessages[];
}

/**
 * The requests that carry these records: to be sent in order, so that the order within each
 * partition is kept. Throws `kafka.record_too_large` for a record above `recordBytesMax`, before
 * anything is sent.
 */
export function chunkRecords(records: readonly EncodedRecord[], limits: ChunkLimits): Chunk[] {
  const chunks: Chunk[] = [];
  let open = new OpenChunk();
  for (let index = 0; index < records.length; index += 1) {
    const record = records[index];
    if (record === undefined) continue;
    const sizeBytes = recordBytes(record);
    assertRecordFits(record, sizeBytes, limits);
    if (!open.hasRoom(record, sizeBytes, limits)) {
      chunks.push(open.close());
      open = new OpenChunk();
    }
    open.add(record, index, sizeBytes);
  }
  if (!open.isEmpty()) chunks.push(open.close());
  return chunks;
}

/** The records of a chunk; `records` is the batch that it was cut from. */
export function recordsOf(chunk: Chunk, records: readonly EncodedRecord[]): EncodedRecord[] {
  const indexes = chunk.parts.flatMap((part) => part.indexes);
  return indexes.flatMap((index) => records[index] ?? []);
}

function assertRecordFits(record: EncodedRecord, sizeBytes: number, limits: ChunkLimits): void {
  if (sizeBytes > limits.recordBytesMax) throw recordTooLarge(record, sizeBytes, limits);
}

interface OpenPart {
  readonly topic: string;
  readonly partition: number;
  readonly indexes: number[];
  readonly messages: Message[];
  sizeBytes: number;
}

/** A request being filled. */
class OpenChunk {
  readonly #topics = new Map<string, Map<number, OpenPart>>();
  #sizeBytes = 0;

  isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  hasRoom(record: EncodedRecord, sizeBytes: number, limits: ChunkLimits): boolean {
    if (this.isEmpty()) return true;
    if (this.#sizeBytes + sizeBytes > limits.requestBytesMax) return false;
    const part = this.#topics.get(record.topic)?.get(record.partition);
    return part === undefined || part.sizeBytes + sizeBytes <= limits.batchBytesMax;
  }

  add(record: EncodedRecord, index: number, sizeBytes: number): void {
    const part = this.#part(record);
    part.indexes.push(index);
    part.messages.push({
      key: record.key,
      value: record.value,
      partition: record.partition,
      timestamp: timestampText(record.timestampMs),
    });
    part.sizeBytes += sizeBytes;
    this.#sizeBytes += sizeBytes;
  }

  close(): Chunk {
    const parts = [...this.#topics.values()].flatMap((topic) => [...topic.values()]);
    const topicMessages = [...this.#topics].map(([topic, partitions]) => ({
      topic,
      messages: groupedMessages(partitions),
    }));
    return { parts, topicMessages };
  }

  #part({ topic, partition }: EncodedRecord): OpenPart {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      this.#topics.set(topic, partitions);
    }
    let part = partitions.get(partition);
    if (part === undefined) {
      part = { topic, partition, indexes: [], messages: [], sizeBytes: 0 };
      partitions.set(partition, part);
    }
    return part;
  }
}

/**
 * kafkajs takes a time of 0 (the genesis block of some chains) for none if it is a number, and sorts
 * the texts to find the first: so they are texts of one length.
 */
function timestampText(timestampMs: number): string {
  return String(timestampMs).padStart(13, '0');
}

/**
 * The messages of one topic, for kafkajs, which groups them by partition with `reduce` and copies the
 * whole group for each message: quadratic. Ours are grouped already, so `reduce` hands that out.
 */
function groupedMessages(partitions: ReadonlyMap<number, OpenPart>): Message[] {
  const messages = [...partitions.values()].flatMap((part) => part.messages);
  const groups = Object.fromEntries(
    [...partitions].map(([partition, part]) => [partition, part.messages]),
  );
  Object.defineProperty(messages, 'reduce', { value: () => groups });
  return messages;
}
