/** Puts a replay of one source together and runs it. */
import type { Config, SourceConfig } from '../../config/config.ts';
import type { SchemaIds } from '../../encoding/route.ts';
import { SchemaRegistration } from '../../encoding/schema-registration.ts';
import type { Logger } from '../../model/runtime.ts';
import { systemClock as clock } from '../../model/system-clock.ts';
import { createNormalizer } from '../../normalization/normalizer.ts';
import type { PartitionReader } from '../../publishing/partition-reader.ts';
import { Topics } from '../../publishing/topics.ts';
import type { TransactionalPublisher } from '../../publishing/transactional-publisher.ts';
import { type ComparedSlice, compareBlocks } from '../../replay/replay-blocks.ts';
import {
  type FilledTable,
  type ReplayState,
  replayCheckpoint,
  replayedRanges,
  replayName,
} from '../../replay/replay-progress.ts';
import { type ReplayTally, runReplay } from '../../replay/replay-task.ts';
import { RowReader } from '../../replay/row-reader.ts';
import type { ToldRows } from '../../replay/told-rows.ts';
import type { HeightRange, Source } from '../../sources/source.ts';
import { definitions, registryFrom, topicSpecs } from '../configuration.ts';
import { topicSchemas } from '../topic-schemas.ts';
import { prepareTopics } from './prepare-topics.ts';
import {
  assertSameChain,
  assertSupported,
  finalRange,
  notPublished,
  stateTables,
  unsupported,
} from './replay-checks.ts';
import {
  type CheckpointByName,
  checkpointsOf,
  connectForReplay,
  replayPublisher,
  replayReader,
} from './replay-parts.ts';
import { openToldRows } from './replay-told-rows.ts';
import { SourceEncoders } from './source-encoders.ts';

export interface ReplayRequest {
  readonly config: Config;
  readonly source: SourceConfig;
  readonly from: number;
  /** Undefined: the newest final block. */
  readonly to: number | undefined;
  readonly isDryRun: boolean;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  onSlice(slice: ComparedSlice, tally: ReplayTally, range: HeightRange): void;
}

/** What came of a replay. */
export interface ReplayResult extends ReplayTally {
  readonly range: HeightRange;
}

const gapOffsetsMax = 2_000;

/**
 * Reads the range from the source again and publishes what is missing or differs. Throws
 * `replay.not_final`, `replay.unsupported`, `replay.rows_deleted`, and what source, registry and
 * Kafka throw.
 */
export async function replaySource(request: ReplayRequest): Promise<ReplayResult> {
  assertSupported(request.source);
  const { config, source, logger, isDryRun } = request;
  const { partitions, existing } = await topicPartitions(request);
  const registration = new SchemaRegistration(registryFrom(config), topicSchemas(config, [source]));
  const schemaIds = isDryRun ? unregistered(config, source) : await registration.register();
  const reader = replayReader(config, logger);
  const encoders = new SourceEncoders({ config, source, registration, schemaIds, partitions });
  const replay = new Replay({ request, registration, reader, encoders, partitions, existing });
  try {
    return await replay.run();
  } finally {
    await replay.close();
    reader.close();
  }
}

interface ReplayContext {
  readonly request: ReplayRequest;
  readonly registration: SchemaRegistration;
  readonly reader: PartitionReader;
  readonly encoders: SourceEncoders;
  readonly partitions: ReadonlyMap<string, number>;
  /** Topics that are there. */
  readonly existing: ReadonlySet<string>;
}

class Replay {
  readonly #context: ReplayContext;
  /** Above that of every replay before, and no other's: two that begin at once stay apart. */
  #generation = clock.nowUs();
  readonly #checkpointOf: CheckpointByName;
  readonly #publisher: TransactionalPublisher | null;

  constructor(context: ReplayContext) {
    this.#context = context;
    const { request } = context;
    this.#checkpointOf = checkpointsOf(request.config, context);
    const progress = { generation: () => this.#generation, checkpointOf: this.#checkpointOf };
    this.#publisher = request.isDryRun ? null : replayPublisher(request, progress);
  }

  async run(): Promise<ReplayResult> {
    const { request, reader, encoders } = this.#context;
    const { source: configured, signal } = request;
    await this.#publisher?.open(signal);
    const source = this.#connect();
    const checkpoint = await this.#checkpointOf(configured.name);
    const range = finalRange(request, checkpoint);
    encoders.adopt(checkpoint);
    await assertSameChain(source, { checkpoint, name: configured.name, signal });
    const controlEnd = (await reader.offsets({ topic: configured.controlTopic, partition: 0 }))
      .latest;
    const before = await this.#checkpointOf(replayName(configured.name));
    this.#generation = Math.max(this.#generation, (before?.generation ?? 0) + 1);
    const earlier = replayedRanges(before, controlEnd);
    const tables = stateTables(configured, checkpoint, before);
    const state: ReplayState = {
      source: configured.name,
      identity: checkpoint?.identity ?? '',
      controlTopic: configured.controlTopic,
      generation: this.#generation,
      earlier,
      startOffset: controlEnd,
      tables,
      fromHeight: range.from,
    };
    const { registration, partitions, existing } = this.#context;
    const told = await openToldRows(range, earlier, {
      ...{ source: configured, reader, registration, partitions, existing, signal },
      readChange: (record) => encoders.changelog.read(record),
    });
    try {
      return {
        ...(await this.#publish(this.#compared(source, { range, told, tables }), { range, state })),
        range,
      };
    } finally {
      await told.close();
    }
  }

  close(): Promise<void> {
    return this.#publisher?.close() ?? Promise.resolve();
  }

  #connect(): Required<Pick<Source<unknown>, 'blocks' | 'identity'>> {
    const { source, logger } = this.#context.request;
    const connected = connectForReplay(source, logger);
    const { blocks } = connected;
    if (blocks === undefined) {
      throw unsupported(
        source.name,
        `sources of kind ${source.kind} cannot be asked for old blocks`,
      );
    }
    return {
      blocks: (range, signal) => blocks.call(connected, range, signal),
      identity: (signal) => connected.identity(signal),
    };
  }

  #compared(
    source: Required<Pick<Source<unknown>, 'blocks'>>,
    as: {
      readonly range: HeightRange;
      readonly told: ToldRows;
      readonly tables: readonly FilledTable[];
    },
  ): AsyncIterable<ComparedSlice> {
    const { range, told, tables } = as;
    const { request, reader, encoders, existing } = this.#context;
    const { config, signal } = request;
    const { name, chain, kind, datasets, routes, dataErrors } = request.source;
    const topics = routes.map(({ topic }) => topic).filter((topic) => existing.has(topic));
    return compareBlocks({
      chain,
      source: name,
      blocks: source.blocks(range, signal),
      normalize: createNormalizer(definitions[kind]?.channels ?? {}, new Set(datasets)),
      encoding: {
        insert: (event, origin, context) => encoders.ledger.insert(event, origin, context),
        retract: (record, reorg, context) => encoders.ledger.retract(record, reorg, context),
        isSameRow: (stored, fresh) => encoders.ledger.isSameRow(stored, fresh),
      },
      states: {
        state: (record, madeAtMs) => encoders.ledger.tables.state(record, madeAtMs),
        tombstone: (record) => encoders.ledger.tables.tombstone(record),
        hasBlock: (changelog, height) => hasBlock(tables, changelog, height),
      },
      told,
      rows: new RowReader({
        reader,
        topics: new Set(topics),
        readChange: (record) => encoders.changelog.read(record),
        gapOffsetsMax,
        signal,
      }),
      clock,
      limits: config.publishing.batch,
      dataErrors,
      signal,
    });
  }

  async #publish(
    slices: AsyncIterable<ComparedSlice>,
    { range, state }: { readonly range: HeightRange; readonly state: ReplayState },
  ): Promise<ReplayTally> {
    const { request, encoders, reader } = this.#context;
    let sequence = 0;
    const checkpoint = (endOffset: number | null) => (next: number, height: number) => {
      sequence = next;
      const at = { sequence, endOffset, height, nowMs: clock.nowMs() };
      return encoders.checkpoint.encode(replayCheckpoint(state, at));
    };
    const tally = await runReplay(slices, {
      publisher: this.#publisher,
      encoders: {
        replayed: ({ header }, tallies) =>
          encoders.ledger.control({ kind: 'replay', block: header, tallies }, clock.nowMs()),
        checkpoint: checkpoint(null),
      },
      rowsMax: request.config.publishing.batch.rowsMax,
      onSlice: (slice, so_far) => request.onSlice(slice, so_far, range),
    });
    if (sequence === 0) return tally;
    // From now on it is known where this replay's records end.
    const { latest } = await reader.offsets({ topic: state.controlTopic, partition: 0 });
    const closing = checkpoint(latest)(sequence + 1, tally.height ?? range.from - 1);
    await this.#publisher?.publish({ records: [], sequence, seal: () => [closing] });
    return tally;
  }
}

/** True for a changelog without a state topic, too. */
function hasBlock(tables: readonly FilledTable[], changelog: string, height: number): boolean {
  const table = tables.find(({ topic }) => topic === `${changelog}.state`);
  if (table === undefined || table.fromHeight === null || height >= table.fromHeight) return true;
  return table.filled.some(({ from, to }) => height >= from && height <= to);
}

/** A dry run creates no topic: of one that is not there nothing is read. */
async function topicPartitions({ config, source, isDryRun, logger }: ReplayRequest) {
  if (!isDryRun) {
    const partitions = await prepareTopics(config, [source], logger);
    return { partitions, existing: new Set(partitions.keys()) };
  }
  const specs = topicSpecs(config, [source]);
  const names = specs.map(({ name }) => name);
  const found = await new Topics(config.kafka, logger).partitionCounts(names);
  if (!found.has(source.controlTopic) || !found.has(config.topics.checkpoints)) {
    throw notPublished(source.name);
  }
  const planned = specs.map(({ name, partitions }) => [name, partitions] as const);
  return { partitions: new Map([...planned, ...found]), existing: new Set(found.keys()) };
}

/** A dry run registers nothing: its records are only compared, by what their rows say. */
function unregistered(config: Config, source: SourceConfig): ReadonlyMap<string, SchemaIds> {
  const topics = topicSchemas(config, [source]).map(({ topic }) => topic);
  return new Map(topics.map((topic, index) => [topic, { key: -1, value: -2 - index }]));
}
