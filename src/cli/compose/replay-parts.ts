/** What every replay is put together from: its source, its publisher, the checkpoints it goes by. */
import type { Config, SourceConfig } from '../../config/config.ts';
import type { SchemaRegistration } from '../../encoding/schema-registration.ts';
import type { Checkpoint } from '../../model/checkpoint.ts';
import type { Logger } from '../../model/runtime.ts';
import { systemClock as clock } from '../../model/system-clock.ts';
import { createMetrics } from '../../observability/metrics.ts';
import { PartitionReader } from '../../publishing/partition-reader.ts';
import { TransactionalPublisher } from '../../publishing/transactional-publisher.ts';
import { replayName, replayTransactionalIdPrefix } from '../../replay/replay-progress.ts';
import type { Source } from '../../sources/source.ts';
import { definitions } from '../configuration.ts';
import { readCheckpoint } from './checkpoint-store.ts';

const stallTimeoutMs = 30_000;

/** The caller closes it. */
export function replayReader(config: Config, logger: Logger): PartitionReader {
  return new PartitionReader({ kafka: config.kafka, clock, logger, stallTimeoutMs });
}

/** The configured source, with nothing published behind it: it answers for the past alone. */
export function connectForReplay(source: SourceConfig, logger: Logger): Source<unknown> {
  const definition = definitions[source.kind];
  if (definition === undefined) throw new RangeError(`no source of kind ${source.kind}`);
  return definition.connect(source.options, new Set(source.datasets), {
    name: source.name,
    clock,
    logger,
    metrics: createMetrics(),
    random: Math.random,
    canonicalHash: () => undefined,
    finalizedHeight: () => undefined,
  });
}

/** The latest checkpoint of this name, a source's or a replay's; null where there is none. */
export type CheckpointByName = (name: string) => Promise<Checkpoint | null>;

/** Reads checkpoints. */
export function checkpointsOf(
  config: Config,
  by: {
    readonly reader: PartitionReader;
    readonly registration: SchemaRegistration;
    readonly partitions: ReadonlyMap<string, number>;
  },
): CheckpointByName {
  const topic = config.topics.checkpoints;
  const { reader, registration } = by;
  const schemaById = (id: number) => registration.textOf(id, topic);
  const partitions = by.partitions.get(topic) ?? 1;
  return (source) => readCheckpoint({ topic, partitions, source, reader, schemaById });
}

/** Publishes beside the running source, never as it. */
export function replayPublisher(
  {
    config,
    source,
    logger,
  }: {
    readonly config: Config;
    readonly source: SourceConfig;
    readonly logger: Logger;
  },
  progress: { readonly generation: () => number; readonly checkpointOf: CheckpointByName },
): TransactionalPublisher {
  const { generation, checkpointOf } = progress;
  return new TransactionalPublisher({
    kafka: config.kafka,
    publishing: config.publishing,
    source: replayName(source.name),
    transactionalIdPrefix: replayTransactionalIdPrefix(source.transactionalIdPrefix),
    generation,
    committed: () => checkpointOf(replayName(source.name)),
    clock,
    logger,
    metrics: createMetrics(),
  });
}
