/** Puts one source task together from its configuration. */
import type { Config, SourceConfig } from '../../config/config.ts';
import type { AnySource } from '../../config/source-schema.ts';
import { ChangelogEncoder } from '../../encoding/changelog-encoder.ts';
import { CheckpointEncoder } from '../../encoding/checkpoint-codec.ts';
import { ControlEncoder } from '../../encoding/control-encoder.ts';
import { DeadLetterEncoder } from '../../encoding/dead-letter-encoder.ts';
import { DeferredRecord } from '../../encoding/deferred-record.ts';
import type { RowRecord } from '../../encoding/encoded-record.ts';
import { currentPartitionCounts } from '../../encoding/partition-counts.ts';
import { PartitionTable } from '../../encoding/partition-table.ts';
import type { SchemaIds } from '../../encoding/route.ts';
import type { SchemaRegistration } from '../../encoding/schema-registration.ts';
import { TableEncoder } from '../../encoding/table-encoder.ts';
import type { Checkpoint, PartitionCount, UndoRange } from '../../model/checkpoint.ts';
import type { Clock, Logger, Metrics } from '../../model/runtime.ts';
import { createNormalizer } from '../../normalization/normalizer.ts';
import type { LedgerEncoders } from '../../pipeline/ledger-encoders.ts';
import type { RestoreReader } from '../../pipeline/restore.ts';
import { SourceTask } from '../../pipeline/source-task.ts';
import { LowLatencyPublisher } from '../../publishing/low-latency-publisher.ts';
import type { PartitionReader } from '../../publishing/partition-reader.ts';
import type { Publisher } from '../../publishing/publisher.ts';
import { TransactionalPublisher } from '../../publishing/transactional-publisher.ts';
import type { SourceRuntime } from '../../sources/source.ts';
import { version } from '../help.ts';
import { readCheckpoint } from './checkpoint-store.ts';
import { encoderRoutes } from './encoder-routes.ts';
import { assertRoom, routeTables, tableSpecs } from './route-tables.ts';
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

/** What encoding a source's records takes. */
export type EncoderContext = Pick<
  SourceContext,
  'config' | 'source' | 'registration' | 'schemaIds' | 'partitions'
>;

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

/** The encoders of one source; the partition table is the checkpoint's. */
export class SourceEncoders {
  readonly #context: EncoderContext;
  readonly checkpoint: CheckpointEncoder;
  readonly ledger: LedgerEncoders;
  #partitions: PartitionTable;
  #changelog: ChangelogEncoder;
  #tables: TableEncoder;

  constructor(context: EncoderContext) {
    this.#context = context;
    const { config, source, schemaIds } = context;
    const { checkpoints, deadLetters } = config.topics;
    const { name, chain, controlTopic } = source;
    this.#partitions = this.#partitionTable(this.#counts(null));
    this.#changelog = this.#changelogEncoder();
    this.#tables = this.#tableEncoder();
    this.checkpoint = new CheckpointEncoder({
      topic: checkpoints,
      partitions: partitionsOf(context, checkpoints),
      schemaIds: idsOf(schemaIds, checkpoints),
    });
    const control = new ControlEncoder({
      topic: controlTopic,
      chain,
      source: name,
      schemaIds: idsOf(schemaIds, controlTopic),
    });
    const letters = new DeadLetterEncoder({
      topic: deadLetters,
      partitions: partitionsOf(context, deadLetters),
      chain,
      source: name,
      schemaIds: idsOf(schemaIds, deadLetters),
      rawBytesMax: Math.floor(config.publishing.recordBytesMax / 2),
    });
    this.ledger = {
      insert: (event, origin, at) => this.#changelog.insert(event, origin, at),
      retract: (record, reorg, at) => this.#changelog.retract(record, reorg, at),
      isSameRow: (stored, fresh) => this.#changelog.isSameRow(stored, fresh),
      isOutdated: (stored, fresh) => this.#changelog.isOutdated(stored, fresh),
      completed: (stored, fresh) => this.#changelog.completed(stored, fresh),
      isCorrectable: (dataset) => this.#changelog.isCorrectable(dataset),
      isReadBack: (topic) => this.#changelog.isReadBack(topic),
      orderOf: (event) => this.#changelog.orderOf(event),
      control: (event, timeMs) => control.encode(event, timeMs),
      checkpoint: (of) => new DeferredRecord(checkpoints, () => this.checkpoint.encode(of())),
      deadLetter: (letter) => letters.encode(letter),
      tables: {
        state: (record, madeAtMs) => this.#tables.state(record, madeAtMs),
        tombstone: (record) => this.#tables.tombstone(record),
        final: (record, madeAtMs) => this.#tables.final(record, madeAtMs),
      },
      partitionCounts: () => this.#partitions.counts(),
      forgetPartitionCounts: (height) => this.#partitions.forget(height),
    };
  }

  get changelog(): ChangelogEncoder {
    return this.#changelog;
  }

  /** Blocks that may come back keep the partitions they had when they were published. */
  adopt(checkpoint: Checkpoint | null): void {
    this.#partitions = this.#partitionTable(this.#counts(checkpoint));
    this.#changelog = this.#changelogEncoder();
    this.#tables = this.#tableEncoder();
  }

  #counts(checkpoint: Checkpoint | null): readonly PartitionCount[] {
    const { source, partitions } = this.#context;
    const tables = routeTables(source);
    assertRoom(tables, partitions);
    const states = new Set(tables.flatMap(({ state }) => state ?? []));
    const topics = new Set([...source.routes.map(({ topic }) => topic), ...states]);
    const actual = new Map([...partitions].filter(([topic]) => topics.has(topic)));
    const published = [...(checkpoint?.blocks ?? []), ...(checkpoint?.reverted ?? [])];
    const heights = published.map(({ height }) => height);
    const nextHeight = Math.max(checkpoint?.finalized?.height ?? -1, ...heights) + 1;
    const known = checkpoint?.partitionCounts ?? [];
    const market = new Set(
      encoderRoutes(source).flatMap((route) =>
        route.dataset.feed === 'market' ? route.topic : [],
      ),
    );
    return currentPartitionCounts(known, actual, { nextHeight, fixed: states, market });
  }

  #partitionTable(counts: readonly PartitionCount[]): PartitionTable {
    const { source } = this.#context;
    const pinned = new Map(source.routes.map((route) => [route.topic, route.pinned]));
    return new PartitionTable({ counts, pinned });
  }

  #tableEncoder(): TableEncoder {
    const { source, schemaIds } = this.#context;
    const changelog = this.#changelog;
    return new TableEncoder({
      routes: routeTables(source).map((table) => ({ ...table, changelog: table.route.topic })),
      schemaIds,
      partitions: new Map(
        this.#partitions.counts().map((count) => [count.topic, count.partitions]),
      ),
      layoutOf: (record) => changelog.layoutOf(record),
    });
  }

  #changelogEncoder(): ChangelogEncoder {
    const { source, schemaIds, registration } = this.#context;
    return new ChangelogEncoder({
      source: source.name,
      chain: source.chain,
      connector: source.kind,
      version: version(),
      routes: encoderRoutes(source),
      schemaIds,
      partitions: this.#partitions,
      schemaById: (id, topic) => registration.textOf(id, topic),
    });
  }
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

function partitionsOf({ partitions }: EncoderContext, topic: string): number {
  return partitions.get(topic) ?? 1;
}

function idsOf(schemaIds: ReadonlyMap<string, SchemaIds>, topic: string): SchemaIds {
  const ids = schemaIds.get(topic);
  if (ids === undefined) throw new RangeError(`no schemas were registered for ${topic}`);
  return ids;
}
