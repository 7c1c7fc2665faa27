/** The encoders of all topics that one source publishes to. */
import type { Config, SourceConfig } from '../../config/config.ts';
import { ChangelogEncoder } from '../../encoding/changelog-encoder.ts';
import { CheckpointEncoder } from '../../encoding/checkpoint-codec.ts';
import { ControlEncoder } from '../../encoding/control-encoder.ts';
import { DeadLetterEncoder } from '../../encoding/dead-letter-encoder.ts';
import { DeferredRecord } from '../../encoding/deferred-record.ts';
import { currentPartitionCounts } from '../../encoding/partition-counts.ts';
import { PartitionTable } from '../../encoding/partition-table.ts';
import type { SchemaIds } from '../../encoding/route.ts';
import type { SchemaRegistration } from '../../encoding/schema-registration.ts';
import { TableEncoder } from '../../encoding/table-encoder.ts';
import type { Checkpoint, PartitionCount } from '../../model/checkpoint.ts';
import type { LedgerEncoders } from '../../pipeline/ledger-encoders.ts';
import { version } from '../help.ts';
import { encoderRoutes } from './encoder-routes.ts';
import { assertRoom, routeTables } from './route-tables.ts';

/** What encoding a source's records takes. */
export interface EncoderContext {
  readonly config: Config;
  readonly source: SourceConfig;
  readonly registration: SchemaRegistration;
  readonly schemaIds: ReadonlyMap<string, SchemaIds>;
  /** Partitions of every topic of the run. */
  readonly partitions: ReadonlyMap<string, number>;
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

/** One where the run does not know the topic. */
export function partitionsOf({ partitions }: EncoderContext, topic: string): number {
  return partitions.get(topic) ?? 1;
}

function idsOf(schemaIds: ReadonlyMap<string, SchemaIds>, topic: string): SchemaIds {
  const ids = schemaIds.get(topic);
  if (ids === undefined) throw new RangeError(`no schemas were registered for ${topic}`);
  return ids;
}
