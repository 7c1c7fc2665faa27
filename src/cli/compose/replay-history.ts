/** Puts a replay of a feed without blocks together and runs it: its archive, into Kafka. */
import type { Config, SourceConfig } from '../../config/config.ts';
import { SchemaRegistration } from '../../encoding/schema-registration.ts';
import { parseCursor } from '../../model/cursor.ts';
import type { Logger } from '../../model/runtime.ts';
import { systemClock as clock } from '../../model/system-clock.ts';
import { createNormalizer } from '../../normalization/normalizer.ts';
import { Ledger } from '../../pipeline/ledger.ts';
import type { BatchTally, LedgerObserver } from '../../pipeline/ledger-encoders.ts';
import { nothingRestored } from '../../pipeline/ledger-state.ts';
import { PublicationLoop } from '../../pipeline/publication-loop.ts';
import { assertIdentity } from '../../pipeline/session.ts';
import type { RestoredWindow } from '../../pipeline/window-finder.ts';
import type { PartitionReader } from '../../publishing/partition-reader.ts';
import { type HistoryTally, runHistory } from '../../replay/history-task.ts';
import { type PublishedHistory, publishedHistory } from '../../replay/published-history.ts';
import { replayName } from '../../replay/replay-progress.ts';
import type { HistoryOptions, TimeRange } from '../../sources/source.ts';
import { definitions, registryFrom } from '../configuration.ts';
import { topicSchemas } from '../topic-schemas.ts';
import { prepareTopics } from './prepare-topics.ts';
import { refusal, unsupported } from './replay-checks.ts';
import {
  type CheckpointByName,
  checkpointsOf,
  connectForReplay,
  replayPublisher,
  replayReader,
} from './replay-parts.ts';
import { SourceEncoders } from './source-encoders.ts';

export interface HistoryRequest {
  readonly config: Config;
  readonly source: SourceConfig;
  readonly range: TimeRange;
  /** True: into topics that no running source writes to. */
  readonly isApart: boolean;
  readonly options: HistoryOptions;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  onProgress(tally: HistoryTally): void;
}

const nothingYet = { rows: 0, corrections: 0, duplicates: 0 };

/**
 * Publishes what the topics lack of the stretch, marked as backfill, and corrects what differs. State
 * and final topics are left alone: an old row tells nothing of now. Throws `replay.unsupported`,
 * `replay.not_final`, `replay.range_too_long`, and what source, registry and Kafka throw.
 */
export async function replayHistory(request: HistoryRequest): Promise<HistoryTally> {
  const { config, logger } = request;
  const source = withoutTables(request.source);
  const partitions = await prepareTopics(config, [source], logger);
  const registration = new SchemaRegistration(registryFrom(config), topicSchemas(config, [source]));
  const schemaIds = await registration.register();
  const reader = replayReader(config, logger);
  const context = { config, source, registration, schemaIds, partitions };
  const encoders = new SourceEncoders({
    ...context,
    source: { ...source, name: replayName(source.name) },
  });
  try {
    return await new HistoryReplay({ ...context, request, reader, encoders }).run();
  } finally {
    reader.close();
  }
}

function withoutTables(source: SourceConfig): SourceConfig {
  const routes = source.routes.map((route) => ({ ...route, state: null, final: null }));
  return { ...source, routes, delivery: 'exactly_once' };
}

interface HistoryContext {
  readonly request: HistoryRequest;
  readonly source: SourceConfig;
  readonly registration: SchemaRegistration;
  readonly partitions: ReadonlyMap<string, number>;
  readonly reader: PartitionReader;
  readonly encoders: SourceEncoders;
}

class HistoryReplay {
  readonly #context: HistoryContext;
  readonly #generation = clock.nowUs();
  readonly #checkpointOf: CheckpointByName;
  #told: Omit<BatchTally, 'isBackfill'> = nothingYet;

  constructor(context: HistoryContext) {
    this.#context = context;
    this.#checkpointOf = checkpointsOf(context.request.config, context);
  }

  async run(): Promise<HistoryTally> {
    const { request, source } = this.#context;
    const { signal, range } = request;
    const connected = connectForReplay(source, request.logger);
    const { history } = connected;
    if (history === undefined) {
      throw unsupported(source.name, `sources of kind ${source.kind} keep no history by time`);
    }
    const { config, logger } = request;
    const generation = () => this.#generation;
    const publisher = replayPublisher(
      { config, source, logger },
      { generation, checkpointOf: this.#checkpointOf },
    );
    try {
      await publisher.open(signal);
      const identity = await connected.identity(signal);
      await this.#assertSettled(identity);
      const { window, rows: held } = await this.#published();
      const ledger = this.#ledger(identity, window);
      const { rowsMax } = config.undo;
      const publications = new PublicationLoop(ledger, {
        publisher,
        limits: config.publishing.batch,
        clock,
        onFailure: () => undefined,
      });
      const progress = await runHistory(range, {
        history: (stretch, options, until) => history.call(connected, stretch, options, until),
        options: request.options,
        publish: async (update) => {
          ledger.take(update);
          await publications.offer();
          if (update.kind === 'batch') request.onProgress(this.#tally(update.cursor));
        },
        hasRoom: () => held + this.#told.rows < rowsMax,
        drain: () => publications.drain(),
        onLost: (error, delayMs) =>
          logger.warn({ err: error, delayMs }, 'archive lost, going on from there'),
        clock,
        backoff: backoffOf(config),
        random: Math.random,
        signal,
      });
      return { ...this.#told, ...progress };
    } finally {
      await publisher.close();
    }
  }

  #tally(cursor: string): HistoryTally {
    const position = parseCursor(cursor);
    const reachedMs = position.kind === 'token' ? Number(position.token) : null;
    return { ...this.#told, gaps: 0, unreadable: 0, reachedMs };
  }

  /** What is newer than the running source's position is its own business. */
  async #assertSettled(identity: string): Promise<void> {
    const { request, source } = this.#context;
    if (request.isApart) return;
    const checkpoint = await this.#checkpointOf(source.name);
    if (checkpoint === null) return;
    assertIdentity(source.name, checkpoint.identity, identity);
    const position = checkpoint.cursor === null ? null : parseCursor(checkpoint.cursor);
    const settledMs = position?.kind === 'token' ? Number(position.token) : Number.NaN;
    if (Number.isNaN(settledMs) || request.range.toMs <= settledMs) return;
    throw refusal('replay.not_final', source.name, {
      why: `it has published up to ${new Date(settledMs).toISOString()}, and answers itself for what comes after`,
      advice: `Replay up to --to-time ${settledMs}, or into topics of their own (--into)`,
    });
  }

  #published(): Promise<PublishedHistory> {
    const { request, source, reader, encoders } = this.#context;
    const topics = source.routes.map(({ topic }) => topic);
    return publishedHistory(request.range, {
      source: source.name,
      topics: topics.filter((topic) => encoders.changelog.isReadBack(topic)),
      reader,
      readChange: (record) => encoders.changelog.read(record),
      rowsMax: request.config.undo.rowsMax,
      signal: request.signal,
    });
  }

  #ledger(identity: string, window: RestoredWindow): Ledger<unknown> {
    const { request, source, encoders } = this.#context;
    const { config } = request;
    encoders.adopt(null);
    return new Ledger<unknown>(
      {
        chain: source.chain,
        source: replayName(source.name),
        kind: source.kind,
        identity,
        generation: this.#generation,
        undoBlocksMax: config.undo.blocksMax,
        // What was published must be known to the end: a row that left could come twice.
        undoRowsMax: Number.POSITIVE_INFINITY,
        correctionsMs: Number.POSITIVE_INFINITY,
        finalRowsMax: config.publishing.batch.rowsMax,
        tables: [],
        dataErrors: source.dataErrors,
        encoders: encoders.ledger,
        normalize: createNormalizer(
          definitions[source.kind]?.channels ?? {},
          new Set(source.datasets),
        ),
        clock,
        observer: this.#observer(),
      },
      { ...nothingRestored, window },
    );
  }

  #observer(): LedgerObserver {
    const { logger } = this.#context.request;
    const ignore = (): void => undefined;
    return {
      ...{ applied: ignore, reverted: ignore, revised: ignore, finalized: ignore },
      batched: ({ rows, corrections, duplicates }) => {
        this.#told = {
          rows: this.#told.rows + rows,
          corrections: this.#told.corrections + corrections,
          duplicates: this.#told.duplicates + duplicates,
        };
      },
      quarantined: (code, stage, reason) => logger.warn({ code, stage, reason }, 'dead letter'),
    };
  }
}

function backoffOf({ supervisor }: Config) {
  const { backoffMinMs: minMs, backoffMaxMs: maxMs, retriesMax } = supervisor;
  return { minMs, maxMs, retriesMax };
}
