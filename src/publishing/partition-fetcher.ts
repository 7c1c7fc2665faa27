/** One round of reading: what each partition has from its position on, from its leader. */
import { TransientError } from '../model/errors.ts';
import { type FetchLimits, type FetchPosition, fetchFrom } from './fetch.ts';
import { protocolError } from './kafkajs-internals.ts';
import { LeaderConnection, type ReaderOptions } from './leader-connection.ts';
import { type BatchBounds, decodeBatches, type LogRecord } from './record-batch.ts';

/** What one partition answered. */
export interface FetchedRecords {
  readonly topic: string;
  readonly partition: number;
  /** The position asked for was deleted, or lies after the end. */
  readonly isOutOfRange: boolean;
  /** From the position on, in offset order. */
  readonly records: readonly LogRecord[];
  /** The batches that were read, also those without a record for the reader. */
  readonly batches: readonly BatchBounds[];
  /** Where to read on: the position asked for when nothing came. */
  readonly nextOffset: number;
  /** Every transaction below it is decided, and lies below it as a whole. */
  readonly lastStableOffset: number;
}

/** Connections for reading on; no consumer group. */
export class PartitionFetcher {
  readonly #leaders: LeaderConnection;

  constructor(options: ReaderOptions) {
    this.#leaders = new LeaderConnection(options);
  }

  /** Partition numbers of a topic; empty for a topic that does not exist. */
  partitionsOf(topic: string, signal?: AbortSignal): Promise<readonly number[]> {
    const action = `find the partitions of topic "${topic}"`;
    return this.#leaders.retried(action, () => this.#leaders.partitionsOf(topic), signal);
  }

  /**
   * One request to each leader; waits for the slowest, `maxWaitMs` at most when there is nothing.
   * Moved leaders and lost brokers are tried again until the stall time, then it throws a
   * classified error.
   */
  async fetch(
    positions: readonly FetchPosition[],
    limits: FetchLimits,
    signal?: AbortSignal,
  ): Promise<readonly FetchedRecords[]> {
    const parts = await this.#leaders.retried(
      `read ${positions.length} partitions (${positions[0]?.topic}…)`,
      async () => {
        const led = await this.#leaders.leaders(positions);
        const answers = await Promise.all(
          led.map(({ broker, partitions }) => fetchFrom(broker, partitions, limits)),
        );
        const failed = answers
          .flat()
          .find(({ errorCode }) => errorCode !== 0 && errorCode !== offsetOutOfRange);
        if (failed !== undefined) throw protocolError(failed.errorCode);
        return answers.flat();
      },
      signal,
    );
    return Promise.all(parts.map((part) => decoded(part, positions)));
  }

  /** Cuts the connections; what is under way rejects. */
  close(): void {
    this.#leaders.close();
  }
}

const offsetOutOfRange = 1;

async function decoded(
  part: Awaited<ReturnType<typeof fetchFrom>>[number],
  positions: readonly FetchPosition[],
): Promise<FetchedRecords> {
  const { topic, partition, lastStableOffset } = part;
  const asked = positions.find((at) => at.topic === topic && at.partition === partition);
  if (asked === undefined) {
    throw new TransientError('kafka.unreachable', {
      stage: 'publishing',
      message: `A broker answered for topic "${topic}" partition ${partition}, which it was not asked for.`,
    });
  }
  const isOutOfRange = part.errorCode === offsetOutOfRange;
  const { records, batches, nextOffset } = await decodeBatches(part);
  return {
    topic,
    partition,
    isOutOfRange,
    records:
      records[0] !== undefined && records[0].offset < asked.offset
        ? records.filter(({ offset }) => offset >= asked.offset)
        : records,
    batches,
    nextOffset: Math.max(nextOffset ?? asked.offset, asked.offset),
    lastStableOffset,
  };
}
