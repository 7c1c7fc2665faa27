/** One Fetch request to one broker, version 11, with a reader of the response of our own. */
import { groupBy } from './group-by.ts';
import { type Broker, encodeFetch, type ProtocolRequest } from './kafkajs-internals.ts';
import type { AbortedTransaction } from './record-batch.ts';

/** What a reader may see. */
export type Isolation = 'read_committed' | 'read_uncommitted';

/** Where to read on. */
export interface FetchPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** One partition's part of a response; `errorCode` is the protocol's, 0 for none. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly bytes: Buffer;
}

/** How much to ask for, and how long the broker may wait for the first byte. */
export interface FetchLimits {
  readonly isolation: Isolation;
  readonly maxWaitMs: number;
  readonly responseBytesMax: number;
  readonly partitionBytesMax: number;
}

/** Fetches from each position. Rejects with kafkajs's errors when the connection fails. */
export async function fetchFrom(
  broker: Broker,
  positions: readonly FetchPosition[],
  limits: FetchLimits,
): Promise<readonly FetchedPartition[]> {
  const topics = groupBy(positions, (position) => position.topic);
  const protocol: ProtocolRequest<readonly FetchedPartition[]> = {
    request: encodeFetch({
      replicaId: -1,
      maxWaitTime: limits.maxWaitMs,
      minBytes: 1,
      maxBytes: limits.responseBytesMax,
      isolationLevel: limits.isolation === 'read_committed' ? 1 : 0,
      topics: [...topics].map(([topic, wanted]) => ({
        topic,
        partitions: wanted.map(({ partition, offset }) => ({
          partition,
          fetchOffset: String(offset),
          maxBytes: limits.partitionBytesMax,
        })),
      })),
    }),
    response: {
      decode: async (payload) => decodeResponse(payload),
      parse: async (partitions) => partitions,
    },
    requestTimeout: limits.maxWaitMs + 5_000,
  };
  return broker.connectionPool.send(protocol);
}

function decodeResponse(payload: Buffer): readonly FetchedPartition[] {
  // Throttle time, error code of the session (none is used) and its id come first.
  const reader = { payload, position: 10 };
  const partitions: FetchedPartition[] = [];
  for (let topics = int32(reader); topics > 0; topics -= 1) {
    const topic = text(reader);
    for (let count = int32(reader); count > 0; count -= 1) {
      partitions.push(decodePartition(reader, topic));
    }
  }
  return partitions;
}

interface Reader {
  readonly payload: Buffer;
  position: number;
}

function decodePartition(reader: Reader, topic: string): FetchedPartition {
  const partition = int32(reader);
  const errorCode = reader.payload.readInt16BE(reader.position);
  reader.position += 2;
  const highWatermark = Number(int64(reader));
  const lastStableOffset = Number(int64(reader));
  int64(reader);
  const aborted: AbortedTransaction[] = [];
  for (let count = int32(reader); count > 0; count -= 1) {
    aborted.push({ producerId: int64(reader), firstOffset: Number(int64(reader)) });
  }
  int32(reader);
  const sizeBytes = Math.max(0, int32(reader));
  const bytes = reader.payload.subarray(reader.position, reader.position + sizeBytes);
  reader.position += sizeBytes;
  return { topic, partition, errorCode, highWatermark, lastStableOffset, aborted, bytes };
}

function int32(reader: Reader): number {
  const value = reader.payload.readInt32BE(reader.position);
  reader.position += 4;
  return value;
}

function int64(reader: Reader): bigint {
  const value = reader.payload.readBigInt64BE(reader.position);
  reader.position += 8;
  return value;
}

function text(reader: Reader): string {
  const length = reader.payload.readInt16BE(reader.position);
  reader.position += 2 + length;
  return reader.payload.toString('utf8', reader.position - length, reader.position);
}
