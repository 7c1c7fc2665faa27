/**
 * Which partition a routing value goes to. A value keeps its partition for the life of a block:
 * blocks below a growth of the topic keep the count they were published with.
 */

import type { PartitionCount } from '../model/checkpoint.ts';
import { FatalError } from '../model/errors.ts';
import { positiveMurmur2 } from './murmur2.ts';

/** Routing values with a partition of their own, by value. */
export type PinnedPartitions = Readonly<Record<string, number>>;

export interface PartitionTableOptions {
  /** Counts by topic and height, in any order; each topic has at least one. */
  readonly counts: readonly PartitionCount[];
  readonly pinned: ReadonlyMap<string, PinnedPartitions>;
}

interface Spread {
  readonly count: PartitionCount;
  /** Pinned values; of an older count only those it had a partition for. */
  readonly pinned: ReadonlyMap<string, number>;
  /** Partitions that no value is pinned to, ascending. */
  readonly free: readonly number[];
}

/**
 * Java-compatible partitioning: murmur2 of the routing value's UTF-8 bytes, modulo the partitions
 * that are not pinned (all of them where none is). Deterministic.
 */
export class PartitionTable {
  /** Newest first. */
  readonly #spreads: Map<string, readonly Spread[]>;

  /** Throws `kafka.topic_partitions` when a topic has no room for its pinned values. */
  constructor(options: PartitionTableOptions) {
    const topics = new Set(options.counts.map((count) => count.topic));
    this.#spreads = new Map(
      [...topics].map((topic) => [
        topic,
        spreadsOf(
          options.counts.filter((count) => count.topic === topic),
          new Map(Object.entries(options.pinned.get(topic) ?? {})),
        ),
      ]),
    );
  }

  /**
   * The partition of a routing value for a block of this height. Throws `kafka.topic_missing` for
   * a topic without a count.
   */
  partitionOf(topic: string, value: string, height: number): number {
    const spreads = this.#spreads.get(topic);
    const spread = spreads?.find((each) => each.count.fromHeight <= height) ?? spreads?.at(-1);
    if (spread === undefined) throw unknownTopic(topic);
    const pinned = spread.pinned.get(value);
    if (pinned !== undefined) return pinned;
    return spread.free[positiveMurmur2(value) % spread.free.length] ?? 0;
  }

  /** The counts in force, by topic and then height: what a checkpoint keeps. */
  counts(): readonly PartitionCount[] {
    return [...this.#spreads.values()].flatMap((spreads) =>
      spreads.map((spread) => spread.count).reverse(),
    );
  }

  /** Forgets the counts that only blocks at or below this height were published with. */
  forget(finalizedHeight: number): void {
    for (const [topic, spreads] of this.#spreads) {
      const oldest = spreads.findIndex((spread) => spread.count.fromHeight <= finalizedHeight + 1);
      if (oldest >= 0 && oldest + 1 < spreads.length) {
        this.#spreads.set(topic, spreads.slice(0, oldest + 1));
      }
    }
  }
}

function spreadsOf(
  counts: readonly PartitionCount[],
  pinned: ReadonlyMap<string, number>,
): readonly Spread[] {
  const newestFirst = [...counts].sort((a, b) => b.fromHeight - a.fromHeight);
  return newestFirst.map((count, index) => {
    if (index === 0) refuseBeyond(count, pinned);
    const had = new Map([...pinned].filter(([, partition]) => partition < count.partitions));
    const taken = new Set(had.values());
    const all = Array.from({ length: count.partitions }, (_, partition) => partition);
    const free = all.filter((partition) => !taken.has(partition));
    if (free.length > 0) return { count, pinned: had, free };
    throw refusal(
      count,
      'a value is pinned to each of them, so the other values have none. Pin fewer values, or add partitions',
    );
  });
}

function refuseBeyond(count: PartitionCount, pinned: ReadonlyMap<string, number>): void {
  for (const [value, partition] of pinned) {
    if (Number.isInteger(partition) && partition >= 0 && partition < count.partitions) continue;
    throw refusal(
      count,
      `"${value}" is pinned to ${partition}. Pin it to one of 0 to ${count.partitions - 1}, or add partitions`,
    );
  }
}

function refusal({ topic, partitions }: PartitionCount, problem: string): FatalError {
  return new FatalError('kafka.topic_partitions', {
    stage: 'encoding',
    message: `Topic ${topic} has ${partitions} partitions and ${problem}.`,
    context: { topic, partitions },
  });
}

function unknownTopic(topic: string): FatalError {
  return new FatalError('kafka.topic_missing', {
    stage: 'encoding',
    message: `The number of partitions of topic ${topic} is not known. Create it with \`ommer topics apply\`.`,
    context: { topic },
  });
}
