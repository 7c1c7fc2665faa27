/** Records of one partition that were read and belong to no step that was handed over yet. */
import { DataError, FatalError } from '../model/errors.ts';
import type { FetchedRecords } from '../publishing/partition-fetcher.ts';
import type { LogRecord } from '../publishing/record-batch.ts';
import type { Claim } from './plan.ts';

/** What a claim takes from the queue. */
export interface Claimed {
  readonly records: readonly LogRecord[];
  /** Before the claim, of no step: only a publisher without transactions leaves such. */
  readonly strays: readonly LogRecord[];
}

/** In offset order. Its memory is bounded by who fetches: not when `bytes` exceed a limit. */
export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  /** Where to fetch on. */
  offset: number;
  #records: LogRecord[] = [];
  #start = 0;
  #bytes = 0;

  constructor(at: { readonly topic: string; readonly partition: number; readonly offset: number }) {
    this.topic = at.topic;
    this.partition = at.partition;
    this.offset = at.offset;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Throws `consumer.offset_out_of_range` when the position was deleted. */
  add(part: FetchedRecords): void {
    if (part.isOutOfRange) throw outOfRange(this);
    for (const record of part.records) {
      this.#records.push(record);
      this.#bytes += sizeOf(record);
    }
    this.offset = part.nextOffset;
  }

  /** How many records a claim still lacks; 0 when it can be taken. */
  lacks(claims: readonly Claim[]): boolean {
    let index = this.#start;
    for (const { firstOffset, count } of claims) {
      while ((this.#records[index]?.offset ?? firstOffset) < firstOffset) index += 1;
      index += count;
    }
    return index > this.#records.length;
  }

  /** Throws `consumer.incomplete_block` when the claim's first record is not there. */
  take({ firstOffset, count }: Claim): Claimed {
    let first = this.#start;
    while ((this.#records[first]?.offset ?? firstOffset) < firstOffset) first += 1;
    const strays = this.#records.slice(this.#start, first);
    const records = this.#records.slice(first, first + count);
    if (records.length < count || records[0]?.offset !== firstOffset) {
      throw incomplete(this, firstOffset, records[0]?.offset);
    }
    this.#start = first + count;
    for (const record of [...strays, ...records]) this.#bytes -= sizeOf(record);
    if (this.#start > 1024 || this.#start === this.#records.length) {
      this.#records = this.#records.slice(this.#start);
      this.#start = 0;
    }
    return { records, strays };
  }
}

function sizeOf({ key, value }: LogRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0);
}

type Place = Pick<PartitionQueue, 'topic' | 'partition' | 'offset'>;

/** A position that the broker does not have. */
export function outOfRange({ topic, partition, offset }: Place): FatalError {
  return new FatalError('consumer.offset_out_of_range', {
    stage: 'consumer',
    message: `${topic}/${partition} has no record at offset ${offset}: it was deleted by the topic's retention, or the topic was made anew. What lies between is lost to this reader: begin at a block that is still there, with an empty view.`,
    context: { topic, partition, offset },
  });
}

function incomplete(at: Place, wanted: number, found: number | undefined): DataError {
  return new DataError('consumer.incomplete_block', {
    stage: 'consumer',
    message: `${at.topic}/${at.partition} has no record at offset ${wanted}, where the control topic says that rows of a block begin${found === undefined ? '' : ` (the next is at ${found})`}. Check that control and data topics belong together, and their retention.`,
    context: { topic: at.topic, partition: at.partition, offset: wanted },
  });
}
