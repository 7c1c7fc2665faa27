/**
 * Reads Kafka's record batches (message format 2) and leaves out what `read_committed` must not see.
 * kafkajs's own filter lets records of aborted transactions through when two of them overlap, and
 * loses its place in batches that compaction emptied.
 */
import { TransientError } from '../model/errors.ts';
import { codecOf } from './kafkajs-internals.ts';

/** A record of any topic. Key and value are views of the response they came in. */
export interface LogRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** An aborted transaction as a Fetch response names it: its first offset in this partition. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

/** What one partition of a Fetch response holds. */
export interface EncodedBatches {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
  /** Empty for `read_uncommitted`. */
  readonly aborted: readonly AbortedTransaction[];
}

/** One batch of the log, also one that holds no record for the reader. */
export interface BatchBounds {
  readonly lastOffset: number;
  readonly producerId: bigint;
  /** True for a commit or abort marker. */
  readonly isMarker: boolean;
}

/** The decoded records and the offset to fetch next; null when not even one batch was whole. */
export interface DecodedBatches {
  readonly records: LogRecord[];
  readonly batches: readonly BatchBounds[];
  readonly nextOffset: number | null;
}

const headerBytes = 61;
const transactionalFlag = 0x10;
const controlFlag = 0x20;
const logAppendTimeFlag = 0x08;
const compressionMask = 0x07;

/** Decodes all whole batches, in offset order, without control records and aborted records. */
export async function decodeBatches(encoded: EncodedBatches): Promise<DecodedBatches> {
  const { bytes } = encoded;
  const filter = new AbortedFilter(encoded.aborted);
  const records: LogRecord[] = [];
  const batches: BatchBounds[] = [];
  let nextOffset: number | null = null;
  let start = 0;
  while (start + headerBytes <= bytes.length) {
    const end = start + 12 + bytes.readInt32BE(start + 8);
    if (end > bytes.length) break;
    const batch = readHeader(bytes.subarray(start, end), encoded);
    if (filter.lets(batch)) await readRecords(batch, encoded, records);
    const { lastOffset, producerId } = batch;
    batches.push({ lastOffset, producerId, isMarker: (batch.attributes & controlFlag) !== 0 });
    nextOffset = lastOffset + 1;
    start = end;
  }
  return { records, batches, nextOffset };
}

interface Batch {
  readonly bytes: Buffer;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly attributes: number;
  readonly baseTimestampMs: number;
  readonly maxTimestampMs: number;
  readonly producerId: bigint;
  readonly count: number;
}

function readHeader(bytes: Buffer, { topic, partition }: EncodedBatches): Batch {
  const magic = bytes.readInt8(16);
  if (magic !== 2) {
    throw new TransientError('kafka.send_failed', {
      stage: 'publishing',
      message: `Topic "${topic}" partition ${partition} holds records of message format ${magic}; only format 2 (Kafka 0.11 and newer) can be read.`,
      context: { topic, partition, magic },
    });
  }
  const baseOffset = Number(bytes.readBigInt64BE(0));
  return {
    bytes,
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(23),
    attributes: bytes.readInt16BE(21),
    baseTimestampMs: Number(bytes.readBigInt64BE(27)),
    maxTimestampMs: Number(bytes.readBigInt64BE(35)),
    producerId: bytes.readBigInt64BE(43),
    count: bytes.readInt32BE(57),
  };
}

/** The algorithm of Kafka's own consumer: by batch, with every abort up to the batch's end known. */
class AbortedFilter {
  readonly #upcoming: AbortedTransaction[];
  readonly #aborting = new Set<bigint>();

  constructor(aborted: readonly AbortedTransaction[]) {
    this.#upcoming = [...aborted].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** False for control batches and for batches of a transaction that was aborted. */
  lets(batch: Batch): boolean {
    for (let next = this.#upcoming[0]; next !== undefined; next = this.#upcoming[0]) {
      if (next.firstOffset > batch.lastOffset) break;
      this.#aborting.add(next.producerId);
      this.#upcoming.shift();
    }
    if ((batch.attributes & controlFlag) !== 0) {
      if (isAbortMarker(batch)) this.#aborting.delete(batch.producerId);
      return false;
    }
    return (batch.attributes & transactionalFlag) === 0 || !this.#aborting.has(batch.producerId);
  }
}

function isAbortMarker(batch: Batch): boolean {
  if (batch.count < 1) return false;
  const cursor = new Cursor(batch.bytes.subarray(headerBytes));
  cursor.varint();
  cursor.skip(1);
  cursor.varlong();
  cursor.varint();
  const key = cursor.bytes();
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0;
}

async function readRecords(batch: Batch, from: EncodedBatches, into: LogRecord[]): Promise<void> {
  const stored = batch.bytes.subarray(headerBytes);
  const codec = (batch.attributes & compressionMask) === 0 ? null : codecOf(batch.attributes);
  const cursor = new Cursor(codec === null ? stored : await codec.decompress(stored));
  const hasAppendTime = (batch.attributes & logAppendTimeFlag) !== 0;
  const { topic, partition } = from;
  for (let n = 0; n < batch.count; n += 1) {
    const end = cursor.varint() + cursor.position;
    cursor.skip(1);
    const timestampDelta = cursor.varlong();
    const offset = batch.baseOffset + cursor.varint();
    const timestampMs = hasAppendTime
      ? batch.maxTimestampMs
      : batch.baseTimestampMs + timestampDelta;
    const key = cursor.bytes();
    const value = cursor.bytes();
    into.push({ topic, partition, offset, timestampMs, key, value });
    cursor.position = end;
  }
}

/** Reads the variable-length numbers of records. */
class Cursor {
  position = 0;
  readonly #buffer: Buffer;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  skip(count: number): void {
    this.position += count;
  }

  /** Zigzag, up to 32 bits. */
  varint(): number {
    let result = 0;
    let shift = 0;
    let byte = 0;
    do {
      byte = this.#next();
      result |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte >= 0x80);
    return (result >>> 1) ^ -(result & 1);
  }

  /** Zigzag, up to 53 bits: no time of ours is further away. */
  varlong(): number {
    let result = 0;
    let factor = 1;
    let byte = 0;
    do {
      byte = this.#next();
      result += (byte & 0x7f) * factor;
      factor *= 128;
    } while (byte >= 0x80);
    return result % 2 === 0 ? result / 2 : -(result + 1) / 2;
  }

  bytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const start = this.position;
    this.position = start + length;
    return this.#buffer.subarray(start, this.position);
  }

  #next(): number {
    const byte = this.#buffer[this.position];
    if (byte === undefined) throw new RangeError('a record ends before its length says');
    this.position += 1;
    return byte;
  }
}
