/**
 * Reads given stretches of topic-partitions as fast as the brokers give them: no consumer group, so
 * no join delay and no group permissions.
 */
import type { StoredRecord } from '../encoding/encoded-record.ts';
import { FatalError, TransientError } from '../model/errors.ts';
import { type FetchedPartition, fetchFrom, type Isolation } from './fetch.ts';
import { protocolError } from './kafkajs-internals.ts';
import { LeaderConnection, type PartitionRef, type ReaderOptions } from './leader-connection.ts';
import { decodeBatches, type LogRecord } from './record-batch.ts';

/** A stretch of one partition; both offsets are included. */
export interface OffsetRange extends PartitionRef {
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** Which records to read. */
export interface RangeRequest {
  readonly ranges: readonly OffsetRange[];
  readonly isolation: Isolation;
  /** Bytes per response and partition; small for one that looks for a few records. */
  readonly partitionBytesMax?: number;
  readonly signal?: AbortSignal;
}

/** The ends of a partition. */
export interface PartitionOffsets {
  /** Offset of the oldest record that is still there. */
  readonly earliest: number;
  /** High watermark: the next record's offset. */
  readonly latest: number;
  /** Everything below it is decided: committed or aborted. */
  readonly lastStable: number;
}

/** Bytes per response and partition: big, because a restore reads whole windows. */
const responseBytesMax = 8 * 1024 * 1024;
const partitionBytesMax = 4 * 1024 * 1024;
const maxWaitMs = 250;
const offsetOutOfRange = 1;

interface Position {
  readonly range: OffsetRange;
  offset: number;
}

/** Reads partitions of one cluster. Records' buffers are views of the response they came in. */
export class PartitionReader {
  readonly #options: ReaderOptions;
  readonly #leaders: LeaderConnection;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#leaders = new LeaderConnection(options);
  }

  /** Partition numbers of a topic; empty for a topic that does not exist. */
  partitionsOf(topic: string): Promise<readonly number[]> {
    const action = `find the partitions of topic "${topic}"`;
    return this.#leaders.retried(action, () => this.#leaders.partitionsOf(topic));
  }

  /** The ends of the partition at this moment. */
  offsets(at: PartitionRef): Promise<PartitionOffsets> {
    return this.#leaders.retried(`read the offsets of ${name(at)}`, async () => {
      const ask = await this.#asking(at);
      const [earliest, latest] = await Promise.all([ask(-2, 0), ask(-1, 0)]);
      return { earliest, latest, lastStable: await ask(-1, 1) };
    });
  }

  /**
   * Offset of the first record whose timestamp is not below this one, records that are not decided
   * included; undefined when there is none. What lies before it is older.
   */
  offsetSince(at: PartitionRef, timestampMs: number): Promise<number | undefined> {
    return this.#leaders.retried(`find a time in ${name(at)}`, async () => {
      const ask = await this.#asking(at);
      const offset = await ask(timestampMs, 0);
      return offset < 0 ? undefined : offset;
    });
  }

  /**
   * All records of the ranges, each up to and including its `lastOffset`; in offset order within a
   * partition. Waits for records that are not decided yet. Throws `kafka.unreachable` when nothing
   * came for the stall time, `checkpoint.undo_window_incomplete` when records were deleted.
   */
  async *readRange(request: RangeRequest): AsyncIterable<StoredRecord[]> {
    for await (const records of this.#read(request)) yield records.map(stored);
  }

  /**
   * All records from `fromOffset` up to the high watermark at the time of the call, `read_committed`:
   * waits until open transactions below it are decided.
   */
  async *readToEnd(
    from: PartitionRef & { readonly fromOffset: number; readonly signal?: AbortSignal },
  ): AsyncIterable<LogRecord[]> {
    const { latest, earliest } = await this.offsets(from);
    const firstOffset = Math.max(from.fromOffset, earliest);
    const { topic, partition, signal } = from;
    const range = { topic, partition, firstOffset, lastOffset: latest - 1 };
    yield* this.#read({
      ranges: [range],
      isolation: 'read_committed',
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Like `readRange`, for topics whose records may have no key or no value. */
  async *readRecords(request: RangeRequest): AsyncIterable<LogRecord[]> {
    yield* this.#read(request);
  }

  /** Cuts the connections; reads under way reject. */
  close(): void {
    this.#leaders.close();
  }

  /** Asks the partition's leader for the offset of a timestamp: -2 the first, -1 the next. */
  async #asking(at: PartitionRef) {
    const [leader] = await this.#leaders.leaders([at]);
    return async (timestamp: number, isolationLevel: number): Promise<number> => {
      const answer = await leader?.broker.listOffsets({
        isolationLevel,
        topics: [{ topic: at.topic, partitions: [{ partition: at.partition, timestamp }] }],
      });
      return Number(answer?.responses[0]?.partitions[0]?.offset ?? Number.NaN);
    };
  }

  async *#read(request: RangeRequest): AsyncGenerator<LogRecord[]> {
    const positions = request.ranges.map((range) => ({ range, offset: range.firstOffset }));
    let stalledAtMs = this.#options.clock.nowMs() + this.#options.stallTimeoutMs;
    let next: Promise<Round> | null = this.#round(positions, request);
    while (next !== null) {
      const { records, hasMoved }: Round = await next;
      const remaining: Position[] = positions.filter(isUnfinished);
      const nowMs = this.#options.clock.nowMs();
      if (hasMoved) stalledAtMs = nowMs + this.#options.stallTimeoutMs;
      if (remaining.length > 0 && nowMs > stalledAtMs) throw stalled(remaining, this.#options);
      // One response ahead: the broker works while these records are used.
      next = remaining.length === 0 ? null : this.#round(remaining, request);
      next?.catch(() => {});
      if (records.length > 0) yield records;
    }
  }

  /** One request to each leader; moves the positions on. */
  async #round(positions: readonly Position[], request: RangeRequest): Promise<Round> {
    const wanted = positions.filter(isUnfinished);
    if (wanted.length === 0) return { records: [], hasMoved: true };
    const action = `read ${wanted.length} partitions (${name(wanted[0]?.range)}…)`;
    const { isolation, partitionBytesMax: bytesMax = partitionBytesMax, signal } = request;
    const fetched = await this.#leaders.retried(
      action,
      async () => {
        const refs = wanted.map(({ range, offset }) => ({ ...range, offset }));
        const leaders = await this.#leaders.leaders(refs);
        const limits = { isolation, maxWaitMs, responseBytesMax, partitionBytesMax: bytesMax };
        const parts = await Promise.all(
          leaders.map(({ broker, partitions }) => fetchFrom(broker, partitions, limits)),
        );
        return assertReadable(parts.flat(), wanted);
      },
      signal,
    );
    return this.#advance(fetched, wanted);
  }

  async #advance(
    fetched: readonly FetchedPartition[],
    wanted: readonly Position[],
  ): Promise<Round> {
    const all: LogRecord[] = [];
    let hasMoved = false;
    for (const part of fetched) {
      const position = wanted.find(({ range }) => isAt(range, part));
      if (position === undefined) continue;
      const { records, nextOffset } = await decodeBatches(part);
      const { lastOffset } = position.range;
      for (const record of records) {
        if (record.offset >= position.offset && record.offset <= lastOffset) all.push(record);
      }
      if (nextOffset !== null && nextOffset > position.offset) {
        position.offset = nextOffset;
        hasMoved = true;
      }
    }
    return { records: all, hasMoved };
  }
}

interface Round {
  readonly records: LogRecord[];
  readonly hasMoved: boolean;
}

function isUnfinished({ range, offset }: Position): boolean {
  return offset <= range.lastOffset;
}

function isAt(range: PartitionRef, part: PartitionRef): boolean {
  return range.topic === part.topic && range.partition === part.partition;
}

/** Throws for the first partition that answered an error. */
function assertReadable(
  fetched: readonly FetchedPartition[],
  wanted: readonly Position[],
): readonly FetchedPartition[] {
  for (const part of fetched) {
    if (part.errorCode === 0) continue;
    if (part.errorCode !== offsetOutOfRange) throw protocolError(part.errorCode);
    const offset = wanted.find(({ range }) => isAt(range, part))?.offset ?? -1;
    throw new FatalError('checkpoint.undo_window_incomplete', {
      stage: 'publishing',
      message: `${name(part)} has no record at offset ${offset} any more (or not yet): records that are needed were deleted. Raise the topic's retention; to start anew, reset the checkpoint.`,
      context: { topic: part.topic, partition: part.partition, offset },
    });
  }
  return fetched;
}

function stored(record: LogRecord): StoredRecord {
  const { key, value } = record;
  if (key !== null && value !== null) return { ...record, key, value };
  throw new FatalError('checkpoint.undo_window_incomplete', {
    stage: 'publishing',
    message: `The record at offset ${record.offset} of ${name(record)} has no ${key === null ? 'key' : 'value'}: something else writes to this topic.`,
    context: { topic: record.topic, partition: record.partition, offset: record.offset },
  });
}

function stalled(remaining: readonly Position[], options: ReaderOptions): TransientError {
  const [first] = remaining;
  return new TransientError('kafka.unreachable', {
    stage: 'publishing',
    message: `Reading ${name(first?.range)} did not get past offset ${first?.offset} (of ${first?.range.lastOffset}) for ${options.stallTimeoutMs} ms: a transaction of another producer is still open there, or the log ends earlier.`,
    context: { partitions: remaining.length, offset: first?.offset ?? null },
  });
}

function name(at: PartitionRef | undefined): string {
  return at === undefined ? 'nothing' : `topic "${at.topic}" partition ${at.partition}`;
}
