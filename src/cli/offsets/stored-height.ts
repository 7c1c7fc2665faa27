/** What block a record on a topic of rows is of, in whatever envelope it was written. */
import { DataError } from '../../model/errors.ts';
import type { PartitionReader } from '../../publishing/partition-reader.ts';
import type { LogRecord } from '../../publishing/record-batch.ts';
import type { RecordDecoder } from '../tail/decoder.ts';

/** A row's block, and where the row lies. */
export interface StoredHeight {
  readonly offset: number;
  readonly height: number;
  readonly blockHash: string;
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** Few, because one record is wanted; more than the markers of transactions that lie together. */
const windowOffsets = 64;
const windowBytesMax = 64 * 1024;

/** Reads single records of topics of rows. */
export class HeightReader {
  readonly #reader: PartitionReader;
  readonly #decoder: RecordDecoder;

  constructor(reader: PartitionReader, decoder: RecordDecoder) {
    this.#reader = reader;
    this.#decoder = decoder;
  }

  /**
   * The first row at or after an offset and before the limit. Throws `consumer.foreign_record` for a
   * record without a row of ommer's.
   */
  async first(at: Place, from: number, limit: number): Promise<StoredHeight | null> {
    for (let start = from; start < limit; start += windowOffsets) {
      const lastOffset = Math.min(start + windowOffsets, limit) - 1;
      const { topic, partition } = at;
      const batches = this.#reader.readRecords({
        ranges: [{ topic, partition, firstOffset: start, lastOffset }],
        isolation: 'read_committed',
        partitionBytesMax: windowBytesMax,
      });
      for await (const [record] of batches) {
        if (record !== undefined) return this.#heightOf(record);
      }
    }
    return null;
  }

  /**
   * Offset of the first row of this height or a higher one, on a topic whose heights only rise (rows
   * of final blocks in the order of the chain); the end when there is none.
   */
  async search(at: Place, height: number): Promise<{ offset: number; found: StoredHeight | null }> {
    const { earliest, lastStable } = await this.#reader.offsets(at);
    let [low, high] = [earliest, lastStable];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = await this.first(at, middle, high);
      if (row === null || row.height >= height) high = middle;
      else low = row.offset + 1;
    }
    return { offset: low, found: await this.first(at, low, lastStable) };
  }

  async #heightOf(record: LogRecord): Promise<StoredHeight> {
    const value = await this.#decoder.decode(record.value);
    const row = rowOf(value);
    const { height, block_hash: blockHash } = row;
    if (typeof height === 'number' && typeof blockHash === 'string') {
      return { offset: record.offset, height, blockHash };
    }
    const { topic, partition, offset } = record;
    throw new DataError('consumer.foreign_record', {
      stage: 'cli',
      message: `Record ${topic}/${partition}@${offset} is not a row that ommer wrote. Check the topic's name; give ommer topics of its own.`,
      context: { topic, partition, offset },
    });
  }
}

interface RowFields {
  readonly height?: unknown;
  readonly block_hash?: unknown;
}

function rowOf(value: Readonly<Record<string, unknown>> | null): RowFields {
  const { before, after } = value ?? {};
  return (after ?? before ?? value ?? {}) as RowFields;
}
