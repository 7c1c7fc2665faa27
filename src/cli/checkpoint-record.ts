/** The stored checkpoint of a source: finding it on the compacted topic, and removing it. */
import type { Config, SourceConfig } from '../config/config.ts';
import { checkpointPartition, checkpointSource } from '../encoding/checkpoint-codec.ts';
import type { Logger } from '../model/runtime.ts';
import { systemClock } from '../model/system-clock.ts';
import { createMetrics } from '../observability/metrics.ts';
import { readLatest } from '../publishing/latest-record.ts';
import { PartitionReader } from '../publishing/partition-reader.ts';
import { Topics } from '../publishing/topics.ts';
import { TransactionalPublisher } from '../publishing/transactional-publisher.ts';

/** Where the newest record of a source's checkpoint key lies. */
export interface StoredCheckpoint {
  readonly partition: number;
  readonly key: Buffer;
  readonly value: Buffer;
}

const stallTimeoutMs = 20_000;

/** The newest one, committed; null when the source wrote none since its last reset. */
export async function findCheckpoint(
  config: Config,
  source: string,
  logger: Logger,
): Promise<StoredCheckpoint | null> {
  const topic = config.topics.checkpoints;
  const counts = await new Topics(config.kafka, logger).partitionCounts([topic]);
  const partitions = counts.get(topic);
  if (partitions === undefined) return null;
  const partition = checkpointPartition(source, partitions);
  const reader = new PartitionReader({
    kafka: config.kafka,
    clock: systemClock,
    logger,
    stallTimeoutMs,
  });
  try {
    const isKey = (key: Buffer): boolean => checkpointSource(key) === source;
    const found = await readLatest(reader, { topic, partition, isKey });
    return found === null || found.key === null
      ? null
      : { partition, key: Buffer.from(found.key), value: Buffer.from(found.value) };
  } finally {
    reader.close();
  }
}

/** Writes a tombstone in a transaction of the source: an instance that still runs is fenced. */
export async function removeCheckpoint(
  config: Config,
  target: {
    readonly source: SourceConfig;
    readonly stored: StoredCheckpoint;
    readonly signal: AbortSignal;
  },
  logger: Logger,
): Promise<void> {
  const { source, stored, signal } = target;
  const publisher = new TransactionalPublisher({
    kafka: config.kafka,
    publishing: config.publishing,
    source: source.name,
    transactionalIdPrefix: source.transactionalIdPrefix,
    generation: () => 0,
    committed: () => Promise.resolve(null),
    clock: systemClock,
    logger,
    metrics: createMetrics(),
  });
  try {
    await publisher.open(signal);
    const { partition, key } = stored;
    const timestampMs = systemClock.nowMs();
    const topic = config.topics.checkpoints;
    const tombstone = { topic, partition, key, value: null, timestampMs };
    await publisher.publish({ records: [tombstone], sequence: 1, seal: () => [] });
  } finally {
    await publisher.close();
  }
}
