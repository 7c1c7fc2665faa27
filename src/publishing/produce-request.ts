/**
 * Encodes a Produce request (versions 3 to 7, whose bodies are alike) into one buffer in one pass.
 * The bytes are those of kafkajs, which makes and copies several objects and buffers per record.
 */
import { crc32c } from './crc32c.ts';

/** One record as kafkajs's sender hands it on. */
export interface ProducedMessage {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  /** Milliseconds since the epoch, as text. */
  readonly timestamp: string;
}

/** What kafkajs asks a broker to write. */
export interface ProduceRequest {
  readonly transactionalId?: string | undefined;
  readonly producerId: unknown;
  readonly producerEpoch: number;
  readonly acks: number;
  readonly timeout: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly ProducedPartition[];
  }[];
}

interface ProducedPartition {
  readonly partition: number;
  readonly firstSequence: number;
  readonly messages: readonly ProducedMessage[];
}

/** Bytes of a batch before its records. */
const batchHeaderBytes = 61;
/** Record length, attributes, time and offset deltas, key and value lengths, header count, at most. */
const recordOverheadBytes = 32;
const transactionalFlag = 0x10;

/** The body of the request, without the protocol's own header. No record may have headers. */
export function encodeProduceRequest(request: ProduceRequest): Buffer {
  const writer = new Writer(sizeAtMost(request));
  writer.text(request.transactionalId ?? null);
  writer.int16(request.acks);
  writer.int32(request.timeout);
  writer.int32(request.topicData.length);
  for (const { topic, partitions } of request.topicData) {
    writer.text(topic);
    writer.int32(partitions.length);
    for (const data of partitions) writeBatch(writer, data, request);
  }
  return writer.written();
}

function sizeAtMost({ transactionalId, topicData }: ProduceRequest): number {
  let sizeBytes = 16 + 4 * (transactionalId?.length ?? 0);
  for (const { topic, partitions } of topicData) {
    sizeBytes += 8 + 4 * topic.length;
    for (const { messages } of partitions) {
      sizeBytes += 8 + batchHeaderBytes;
      for (const { key, value } of messages) {
        sizeBytes += recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0);
      }
    }
  }
  return sizeBytes;
}

function writeBatch(
  writer: Writer,
  { partition, firstSequence, messages }: ProducedPartition,
  { producerId, producerEpoch, transactionalId }: ProduceRequest,
): void {
  const times = messages.map(({ timestamp }) => Number(timestamp));
  const firstTime = times.reduce((least, time) => Math.min(least, time), times[0] ?? 0);
  const lastTime = times.reduce((most, time) => Math.max(most, time), firstTime);
  writer.int32(partition);
  const batchSizeAt = writer.skip(4);
  writer.int64(0n);
  const lengthAt = writer.skip(4);
  writer.int32(0);
  writer.int8(2);
  const crcAt = writer.skip(4);
  writer.int16(transactionalId === undefined ? 0 : transactionalFlag);
  writer.int32(messages.length - 1);
  writer.int64(BigInt(firstTime));
  writer.int64(BigInt(lastTime));
  writer.int64(BigInt(String(producerId)));
  writer.int16(producerEpoch);
  writer.int32(firstSequence);
  writer.int32(messages.length);
  messages.forEach((message, index) => {
    writeRecord(writer, message, { index, timeDelta: (times[index] ?? 0) - firstTime });
  });
  writer.sizeInto(batchSizeAt);
  writer.sizeInto(lengthAt);
  writer.checksumInto(crcAt);
}

function writeRecord(
  writer: Writer,
  { key, value }: ProducedMessage,
  place: { readonly index: number; readonly timeDelta: number },
): void {
  const sizeBytes =
    2 + varintBytes(place.timeDelta) + varintBytes(place.index) + blobBytes(key) + blobBytes(value);
  writer.varint(sizeBytes);
  writer.int8(0);
  writer.varint(place.timeDelta);
  writer.varint(place.index);
  writer.blob(key);
  writer.blob(value);
  writer.varint(0);
}

/** Of a number that is not negative. */
function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value * 2; rest >= 128; rest = Math.floor(rest / 128)) bytes += 1;
  return bytes;
}

function blobBytes(blob: Buffer | null): number {
  return blob === null ? 1 : varintBytes(blob.length) + blob.length;
}

/** Writes into one buffer, which is large enough. */
class Writer {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(sizeBytes: number) {
    this.#bytes = Buffer.allocUnsafe(sizeBytes);
  }

  written(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  /** Leaves room and returns where it is. */
  skip(count: number): number {
    this.#at += count;
    return this.#at - count;
  }

  int8(value: number): void {
    this.#at = this.#bytes.writeInt8(value, this.#at);
  }

  int16(value: number): void {
    this.#at = this.#bytes.writeInt16BE(value, this.#at);
  }

  int32(value: number): void {
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
  }

  int64(value: bigint): void {
    this.#at = this.#bytes.writeBigInt64BE(value, this.#at);
  }

  text(value: string | null): void {
    const text = value ?? '';
    this.int16(value === null ? -1 : Buffer.byteLength(text));
    this.#at += this.#bytes.write(text, this.#at);
  }

  /** Zigzag, of a number that is not negative and may be longer than 32 bits. */
  varint(value: number): void {
    let rest = value * 2;
    for (; rest >= 128; rest = Math.floor(rest / 128)) {
      this.#bytes[this.#at] = (rest % 128) | 0x80;
      this.#at += 1;
    }
    this.#bytes[this.#at] = rest;
    this.#at += 1;
  }

  blob(value: Buffer | null): void {
    if (value === null) {
      // The length -1.
      this.#bytes[this.#at] = 1;
      this.#at += 1;
      return;
    }
    this.varint(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** Writes how many bytes follow the four at `at`. */
  sizeInto(at: number): void {
    this.#bytes.writeInt32BE(this.#at - at - 4, at);
  }

  /** Writes the checksum of what follows the four bytes at `at`. */
  checksumInto(at: number): void {
    this.#bytes.writeUInt32BE(crc32c(this.#bytes, at + 4, this.#at), at);
  }
}
