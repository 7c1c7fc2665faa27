/**
 * Follows topics as they grow, for people who watch: all partitions, new ones too, without a consumer
 * group. Order holds within a partition.
 */
import type { Isolation } from './fetch.ts';
import type { ReaderOptions } from './leader-connection.ts';
import { PartitionFetcher } from './partition-fetcher.ts';
import { PartitionReader } from './partition-reader.ts';
import type { LogRecord } from './record-batch.ts';

/** Where to begin: partitions that an `offsets` function gives no offset for are read from the end. */
export type FollowStart =
  | 'beginning'
  | 'end'
  | ((at: { readonly topic: string; readonly partition: number }) => number | null);

/** What to follow. */
export interface FollowRequest {
  readonly topics: readonly string[];
  readonly from: FollowStart;
  readonly isolation: Isolation;
  readonly signal: AbortSignal;
  /** Told once, before the first records, which topics are not there; they are waited for. */
  onMissing?(topics: readonly string[]): void;
}

/** Short, because a round waits for the slowest broker. */
const maxWaitMs = 100;
const discoverEveryMs = 10_000;
const responseBytesMax = 4 * 1024 * 1024;
const partitionBytesMax = 1024 * 1024;

interface Position {
  readonly topic: string;
  readonly partition: number;
  offset: number;
}

/**
 * Records as they become visible, until the signal aborts (it then ends without an error). Topics
 * and partitions that appear later are read from their beginning; a partition whose records were
 * deleted meanwhile goes on at its oldest. Throws a classified error after the stall time without
 * any answer.
 */
export async function* follow(
  options: ReaderOptions,
  request: FollowRequest,
): AsyncGenerator<LogRecord[]> {
  const fetcher = new PartitionFetcher(options);
  const reader = new PartitionReader(options);
  const close = () => {
    fetcher.close();
    reader.close();
  };
  request.signal.addEventListener('abort', close, { once: true });
  try {
    yield* followPositions({ fetcher, reader, options, request });
  } catch (error) {
    if (!request.signal.aborted) throw error;
  } finally {
    request.signal.removeEventListener('abort', close);
    close();
  }
}

interface Following {
  readonly fetcher: PartitionFetcher;
  readonly reader: PartitionReader;
  readonly options: ReaderOptions;
  readonly request: FollowRequest;
}

async function* followPositions(following: Following): AsyncGenerator<LogRecord[]> {
  const { options, request } = following;
  const positions: Position[] = [];
  await discover(following, positions, request.from);
  const found = new Set(positions.map(({ topic }) => topic));
  const missing = request.topics.filter((topic) => !found.has(topic));
  if (missing.length > 0) request.onMissing?.(missing);
  let discoverAtMs = options.clock.nowMs() + discoverEveryMs;
  while (!request.signal.aborted) {
    if (options.clock.nowMs() >= discoverAtMs) {
      await discover(following, positions, 'beginning');
      discoverAtMs = options.clock.nowMs() + discoverEveryMs;
    }
    const records = await round(following, positions);
    if (records.length > 0) yield records;
    if (positions.length === 0) await options.clock.sleep(1_000, request.signal);
  }
}

/** Adds a position for each partition that has none. */
async function discover(
  { fetcher, reader, request }: Following,
  positions: Position[],
  from: FollowStart,
): Promise<void> {
  for (const topic of request.topics) {
    const partitions = await fetcher.partitionsOf(topic, request.signal);
    for (const partition of partitions) {
      if (positions.some((known) => known.topic === topic && known.partition === partition))
        continue;
      const at = { topic, partition };
      const given = typeof from === 'function' ? from(at) : null;
      const { earliest, latest } = await reader.offsets(at);
      positions.push({ ...at, offset: given ?? (from === 'beginning' ? earliest : latest) });
    }
  }
}

async function round(following: Following, positions: readonly Position[]): Promise<LogRecord[]> {
  const { fetcher, reader, request } = following;
  if (positions.length === 0) return [];
  const { isolation, signal } = request;
  const limits = { isolation, maxWaitMs, responseBytesMax, partitionBytesMax };
  const all: LogRecord[] = [];
  for (const part of await fetcher.fetch(positions, limits, signal)) {
    const position = positions.find(
      ({ topic, partition }) => topic === part.topic && partition === part.partition,
    );
    if (position === undefined) continue;
    position.offset = part.isOutOfRange
      ? (await reader.offsets(position)).earliest
      : part.nextOffset;
    for (const record of part.records) all.push(record);
  }
  return all;
}
