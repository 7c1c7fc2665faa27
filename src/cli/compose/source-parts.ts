/** Puts one source task together from its configuration. */
import type { Config, SourceConfig } from '../../config/config.ts';
import type { AnySource } from '../../config/source-schema.ts';
import type { RowRecord } from '../../encoding/encoded-record.ts';
import type { SchemaIds } from '../../encoding/route.ts';
import type { SchemaRegistration } from '../../encoding/schema-registration.ts';
import type { UndoRange } from '../../model/checkpoint.ts';
import type { Clock, Logger, Metrics } from '../../model/runtime.ts';
import { createNormalizer } from '../../normalization/normalizer.ts';
import type { RestoreReader } from '../../pipeline/restore.ts';
import { SourceTask } from '../../pipeline/source-task.ts';
import { LowLatencyPublisher } from '../../publishing/low-latency-publisher.ts';
import type { PartitionReader } from '../../publishing/partition-reader.ts';
import type { Publisher } from '../../publishing/publisher.ts';
import { TransactionalPublisher } from '../../publishing/transactional-publisher.ts';
import type { SourceRuntime } from '../../sources/source.ts';
import { readCheckpoint } from './checkpoint-store.ts';
import { tableSpecs } from './route-tables.ts';
import { partitionsOf, SourceEncoders } from './source-encoders.ts';
import type { SourceMonitor } from './source-monitor.ts';

export interface SourceContext {
  readonly config: Config;
  readonly source: SourceConfig;
  readonly definition: AnySource;
  readonly registration: SchemaRegistration;
  readonly schemaIds: ReadonlyMap<string, SchemaIds>;
  /** Partitions of every topic of the run. */
  readonly partitions: ReadonlyMap<string, number>;
  readonly reader: PartitionReader;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly monitor: SourceMonitor;
}

/** How often the venue is asked for its head, for the lag. */
const headEveryMs = 5_000;

/** Cheap: connects to nothing. */
export function createSourceTask(context: SourceContext): SourceTask<unknown> {
  const { config, source, definition, clock, monitor } = context;
  const datasets = new Set(source.datasets);
  const encoders = new SourceEncoders(context);
  let task: SourceTask<unknown> | null = null;
  const runtime: SourceRuntime = {
    name: source.name,
    clock,
    logger: context.logger,
    metrics: context.metrics,
    random: Math.random,
    canonicalHash: (height) => task?.chain?.hashAt(height),
    finalizedHeight: () => task?.chain?.floorHeight,
  };
  const { rowsMax, blocksMax } = config.publishing.batch;
  const { backoffMinMs, backoffMaxMs, retriesMax } = config.supervisor;
  task = new SourceTask(
    {
      name: source.name,
      chain: source.chain,
      kind: source.kind,
      delivery: source.delivery,
      dataErrors: source.dataErrors,
      tables: tableSpecs(source),
      undo: config.undo,
      limits: { rowsMax, blocksMax },
      sessions: definition.sessions?.(source.options) ?? null,
      backoff: { minMs: backoffMinMs, maxMs: backoffMaxMs, retriesMax },
      heartbeatMs: config.heartbeatMs,
      headEveryMs,
      // The publisher's own close follows, with the other half of the time.
      drainMs: config.publishing.closeTimeoutMs / 2,
    },
    {
      source: definition.connect(source.options, datasets, runtime),
      normalize: createNormalizer(definition.channels, datasets),
      encoders: encoders.ledger,
      reader: restoreReader(context, encoders),
      createPublisher: (generation) => createPublisher(context, encoders, generation),
      adopt: (checkpoint) => encoders.adopt(checkpoint),
      clock,
      monitor,
      random: Math.random,
    },
  );
  return task;
}

function restoreReader(context: SourceContext, encoders: SourceEncoders): RestoreReader {
  const { config, source, reader, registration } = context;
  const topic = config.topics.checkpoints;
  return {
    readCheckpoint: (signal) =>
      readCheckpoint(
        {
          topic,
          partitions: partitionsOf(context, topic),
          source: source.name,
          reader,
          schemaById: (id) => registration.textOf(id, topic),
        },
        signal,
      ),
    readRanges: (ranges, signal) =>
      reader.readRange({ ranges, isolation: 'read_committed', signal }),
    readEnds: () => readEnds(context, (topic) => encoders.changelog.isReadBack(topic)),
    readChange: (record) => encoders.changelog.read(record),
    readTable: (table, signal) => readTable(context, table, signal),
    hasRecords: async (table, signal) => {
      for await (const _ of readTable(context, table, signal)) return true;
      return false;
    },
  };
}

/** Rows and tombstones, but only where there is any record. */
async function* readTable(
  { partitions, reader }: SourceContext,
  topic: string,
  signal: AbortSignal,
): AsyncGenerator<RowRecord[]> {
  for (let partition = 0; partition < (partitions.get(topic) ?? 0); partition += 1) {
    for await (const records of reader.readToEnd({ topic, partition, fromOffset: 0, signal })) {
      yield records.flatMap(({ key, value, timestampMs }) => {
        if (key === null || value === null) return [];
        // Copies: the reader's buffers are views of whole responses.
        const copies = { key: Buffer.from(key), value: Buffer.from(value) };
        return [{ topic, partition, ...copies, timestampMs }];
      });
    }
  }
}

async function readEnds(
  { source, partitions, reader }: SourceContext,
  isReadBack: (topic: string) => boolean,
): Promise<UndoRange[]> {
  const topics = source.routes.map(({ topic }) => topic).filter(isReadBack);
  const all = topics.flatMap((topic) =>
    Array.from({ length: partitions.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })),
  );
  return Promise.all(
    all.map(async (at) => {
      const { earliest, latest } = await reader.offsets(at);
      return { ...at, firstOffset: earliest, lastOffset: latest - 1 };
    }),
  );
}

function createPublisher(
  context: SourceContext,
  encoders: SourceEncoders,
  generation: () => number,
): Publisher {
  const { config, source, clock, logger, metrics } = context;
  const options = {
    kafka: config.kafka,
    publishing: {
      ...config.publishing,
      closeTimeoutMs: config.publishing.closeTimeoutMs / 2,
    },
    source: source.name,
    transactionalIdPrefix: source.transactionalIdPrefix,
    generation,
    committed: () => restoreReader(context, encoders).readCheckpoint(AbortSignal.timeout(60_000)),
    clock,
    logger,
    metrics,
  };
  return source.delivery === 'exactly_once'
    ? new TransactionalPublisher(options)
    : new LowLatencyPublisher({ ...options, checkpointTopic: config.topics.checkpoints });
}
