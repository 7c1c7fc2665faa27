/**
 * A broker in memory as readers see it: partitions with offsets, transactions whose markers take
 * offsets and may come late, committed reads. The records are the real encoders'.
 */
import type { IndexReader } from '../../../src/consumer/control-log.ts';
import type { Fetcher } from '../../../src/consumer/step-reader.ts';
import type { EncodedRecord, StoredRecord } from '../../../src/encoding/encoded-record.ts';
import type { FetchedRecords } from '../../../src/publishing/partition-fetcher.ts';
import type { LogRecord } from '../../../src/publishing/record-batch.ts';

interface Slot {
  readonly record: LogRecord | null;
  readonly producerId: bigint;
}

/** What one partition holds. */
export interface MemoryPartition {
  earliest: number;
  readonly slots: Slot[];
}

export class MemoryKafka {
  readonly #partitions = new Map<string, MemoryPartition>();
  readonly #texts = new Map<number, string>();
  #reads = 0;

  /** Batches read so far: what a search costs. */
  get reads(): number {
    return this.#reads;
  }

  /** A topic with empty partitions. */
  create(topic: string, partitions: number): void {
    for (let partition = 0; partition < partitions; partition += 1)
      this.partition(topic, partition);
  }

  register(id: number, schema: unknown): void {
    this.#texts.set(id, JSON.stringify(schema));
  }

  readonly schemaById = async (id: number): Promise<string> => {
    const text = this.#texts.get(id);
    if (text === undefined) throw new Error(`no schema has id ${id}`);
    return text;
  };

  /** Returns the offset. */
  append(
    encoded: Pick<EncodedRecord, 'topic' | 'partition' | 'key' | 'value' | 'timestampMs'>,
    producerId = -1n,
  ): number {
    const { topic, partition, key, value, timestampMs } = encoded;
    const { slots } = this.partition(topic, partition);
    const offset = slots.length;
    slots.push({ record: { topic, partition, offset, key, value, timestampMs }, producerId });
    return offset;
  }

  /** A commit marker. */
  mark(topic: string, partition: number, producerId: bigint): void {
    this.partition(topic, partition).slots.push({ record: null, producerId });
  }

  /** Deletes what lies below the offset, as retention does. */
  truncate(topic: string, partition: number, earliest: number): void {
    this.partition(topic, partition).earliest = earliest;
  }

  partition(topic: string, partition: number): MemoryPartition {
    const id = `${topic}/${partition}`;
    const known = this.#partitions.get(id) ?? { earliest: 0, slots: [] };
    this.#partitions.set(id, known);
    return known;
  }

  /** All records of a topic that are there. */
  records(topic: string): LogRecord[] {
    return [...this.#partitions]
      .filter(([id]) => id.startsWith(`${topic}/`))
      .flatMap(([, { slots, earliest }]) => slots.slice(earliest))
      .flatMap(({ record }) => record ?? []);
  }

  /** As `PartitionReader.readRange`. */
  readonly readRange = async function* (
    this: MemoryKafka,
    { ranges }: { readonly ranges: Parameters<IndexReader['readRecords']>[0]['ranges'] },
  ): AsyncGenerator<StoredRecord[]> {
    for await (const records of this.#read(ranges)) {
      yield records.map((record) => ({
        ...record,
        key: record.key ?? Buffer.alloc(0),
        value: record.value ?? Buffer.alloc(0),
      }));
    }
  }.bind(this);

  reader(): IndexReader {
    return {
      partitionsOf: async (topic) =>
        [...this.#partitions.keys()]
          .filter((id) => id.slice(0, id.lastIndexOf('/')) === topic)
          .map((id) => Number(id.slice(id.lastIndexOf('/') + 1))),
      offsets: async ({ topic, partition }) => {
        const { earliest, slots } = this.partition(topic, partition);
        return { earliest, latest: slots.length, lastStable: slots.length };
      },
      readRecords: (request) => this.#read(request.ranges),
    };
  }

  /** Answers as a broker may: some partitions, some records, in any rhythm. */
  fetcher(random: () => number, onIdle: () => void = () => undefined): Fetcher {
    return {
      partitionsOf: (topic) => this.reader().partitionsOf(topic),
      fetch: async (positions) => {
        await new Promise<void>((resolve) => setImmediate(resolve));
        const asked = positions.filter(() => random() < 0.7);
        const parts = asked.map((at) => this.#fetched(at, 1 + Math.floor(random() * 6)));
        const isAtEnd = positions.every(
          ({ topic, partition, offset }) => offset >= this.partition(topic, partition).slots.length,
        );
        if (isAtEnd) onIdle();
        return parts;
      },
    };
  }

  #fetched(at: { topic: string; partition: number; offset: number }, most: number): FetchedRecords {
    const { earliest, slots } = this.partition(at.topic, at.partition);
    const isOutOfRange = at.offset < earliest || at.offset > slots.length;
    const found = slots.slice(at.offset, at.offset + most);
    return {
      topic: at.topic,
      partition: at.partition,
      isOutOfRange,
      records: found.flatMap(({ record }) => record ?? []),
      batches: found.map(({ record, producerId }, index) => ({
        lastOffset: at.offset + index,
        producerId,
        isMarker: record === null,
      })),
      nextOffset: at.offset + found.length,
      lastStableOffset: slots.length,
    };
  }

  async *#read(ranges: Parameters<IndexReader['readRecords']>[0]['ranges']) {
    for (const { topic, partition, firstOffset, lastOffset } of ranges) {
      this.#reads += 1;
      const { slots } = this.partition(topic, partition);
      const found = slots.slice(firstOffset, lastOffset + 1).flatMap(({ record }) => record ?? []);
      if (found.length > 0) yield found;
    }
  }
}
