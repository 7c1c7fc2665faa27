/** The door of the library: opens readers, hands over what they read, keeps a group's offsets. */
import { randomInt } from 'node:crypto';
import { ChangeDecoder } from '../encoding/change-decoder.ts';
import { ControlDecoder } from '../encoding/control-decoder.ts';
import { RegistryClient } from '../encoding/registry-client.ts';
import { systemClock } from '../model/system-clock.ts';
import { type GroupOffset, GroupOffsets } from '../publishing/group-offsets.ts';
import { PartitionFetcher } from '../publishing/partition-fetcher.ts';
import { PartitionReader } from '../publishing/partition-reader.ts';
import type { BlockOffsets, BlockPosition } from './block-offsets.ts';
import type { Change, ChangeMeta, Dataset, Step } from './change.ts';
import { Commits } from './commits.ts';
import { watchFinality } from './finality-watch.ts';
import { IdentityFilter } from './identity-filter.ts';
import { MaterializedMap, type MaterializedMapOptions } from './materialized-map.ts';
import { type ReaderOptions, type Settings, settingsOf, wrongOptions } from './options.ts';
import { RecentIdentities } from './recent-identities.ts';
import { type RecordPosition, RecordReader } from './record-reader.ts';
import { silentLogger } from './silent-logger.ts';
import { openIndex, recordStart, type StartOptions, stepStart } from './starts.ts';
import { StepReader } from './step-reader.ts';

/** Told of each record. A promise is waited for before the next record is handed over. */
export interface Handlers<D extends Dataset> {
  /** The row is true from now on. */
  apply(row: Change<D>['row'], meta: ChangeMeta, dataset: D): void | Promise<void>;
  /** Exactly this row, applied before, is no longer true. */
  retract(row: Change<D>['row'], meta: ChangeMeta, dataset: D): void | Promise<void>;
}

/**
 * Reads committed records only. One of `steps`, `changes`, `run` and `runSteps` at a time. Broker
 * restarts and leader moves are waited out for `limits.stallTimeoutMs`.
 *
 * With a `group`, a record or step is committed when the next one is asked for (or the handler's
 * promise resolves): after a crash the reader goes on behind the last commit, so what was handed over
 * shortly before may come again; nothing is left out.
 */
export interface Reader<D extends Dataset> {
  /** The chain move by move: whole blocks and reorgs, of all topics and partitions, in order. */
  steps(): AsyncGenerator<Step<D>>;
  /** Record by record, in the order of each partition. */
  changes(): AsyncGenerator<Change<D>>;
  /** `changes` for handlers; resolves when the reader is closed. */
  run(handlers: Handlers<D>): Promise<void>;
  /** `steps` for a handler; resolves when the reader is closed. */
  runSteps(handler: (step: Step<D>) => void | Promise<void>): Promise<void>;
  /** A view of these topics' rows, to be fed with `steps`. Throws `consumer.wrong_options` for market data. */
  map<T, S, V>(options: MaterializedMapOptions<D, T, S, V>): MaterializedMap<D, T, S, V>;
  /** Where a canonical block begins on every partition of the topics. Reads the control topic only. */
  find(position: BlockPosition): Promise<BlockOffsets>;
  /** Ends what is under way, commits what was handed over, cuts the connections. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens a reader; connects when it is used. Throws `consumer.wrong_options`. Its generators throw
 * `PipelineError`s: `kafka.unreachable`, `kafka.topic_missing`, `registry.unreachable`,
 * `registry.unknown_schema_id`, and the `consumer.*` codes.
 */
export function openReader<const D extends Dataset>(options: ReaderOptions<D>): Reader<D> {
  return new GroupReader(options, settingsOf(options));
}

class GroupReader<D extends Dataset> implements Reader<D> {
  readonly #options: ReaderOptions<D>;
  readonly #settings: Settings<D>;
  readonly #stop = new AbortController();
  readonly #registry: RegistryClient;
  readonly #fetcher: PartitionFetcher;
  /** Apart, so that the control topic's leader never delays the rows. */
  readonly #beside: PartitionFetcher;
  readonly #reader: PartitionReader;
  readonly #group: GroupOffsets | null;
  readonly #commits: Commits | null;

  constructor(options: ReaderOptions<D>, settings: Settings<D>) {
    const { kafka, limits } = settings;
    const { registry, group, logger = silentLogger } = options;
    this.#options = options;
    this.#settings = settings;
    this.#registry = new RegistryClient({
      url: registry.url,
      auth: registry.auth ?? null,
      timeoutMs: 5_000,
      attemptsMax: 5,
      retryDelayMs: 200,
      clock: systemClock,
      random: () => randomInt(1_000) / 1_000,
    });
    const { stallTimeoutMs } = limits;
    const connection = { kafka, clock: systemClock, logger, stallTimeoutMs };
    this.#fetcher = new PartitionFetcher(connection);
    this.#beside = new PartitionFetcher(connection);
    this.#reader = new PartitionReader(connection);
    this.#group = group === undefined ? null : new GroupOffsets(connection, group);
    this.#commits = this.#group === null ? null : new Commits(this.#group);
  }

  async *steps(): AsyncGenerator<Step<D>> {
    if (this.#options.partitions !== undefined) {
      throw wrongOptions('steps are of all partitions, so partitions cannot be chosen');
    }
    const final = this.#settings.topics.find(({ topic }) => topic.endsWith('.final'));
    if (final !== undefined) {
      throw wrongOptions(
        `"${final.topic}" has no steps, because its rows are final: read its records`,
      );
    }
    if (this.#settings.feed === 'market') {
      throw wrongOptions('market data has no blocks and so no steps: read its records');
    }
    const { signal } = this.#stop;
    const filter = this.#filter();
    const { start, silentBelow } = await this.#stoppable(() =>
      stepStart(this.#startOptions(), filter),
    );
    const reader = new StepReader<D>({
      fetcher: this.#fetcher,
      settings: this.#settings,
      controls: new ControlDecoder((id) => this.#registry.byId(id)),
      changes: this.#changeDecoder(),
      start,
      filter,
      silentBelow,
      source: this.#options.source,
      signal,
    });
    for await (const step of this.#untilStopped(reader.steps())) {
      yield step;
      const offset = (JSON.parse(step.position) as { readonly offset: number }).offset;
      const place = { topic: start.topic, partition: 0, offset, metadata: step.position };
      this.#commits?.note([place]);
    }
  }

  async *changes(): AsyncGenerator<Change<D>> {
    for await (const batch of this.#batches()) yield* batch;
  }

  async run(handlers: Handlers<D>): Promise<void> {
    for await (const batch of this.#batches()) {
      for (const { isRetraction, row, meta, dataset } of batch) {
        const handle = isRetraction ? handlers.retract : handlers.apply;
        const pending = handle.call(handlers, row, meta, dataset as D);
        if (pending !== undefined) await pending;
      }
    }
  }

  async runSteps(handler: (step: Step<D>) => void | Promise<void>): Promise<void> {
    for await (const step of this.steps()) await handler(step);
  }

  map<T, S, V>(options: MaterializedMapOptions<D, T, S, V>): MaterializedMap<D, T, S, V> {
    if (this.#settings.feed === 'market') {
      throw wrongOptions(
        'a map follows steps, and market data has none: keep rows by key in the handlers of run, and books with a FollowedBook for each market',
      );
    }
    return new MaterializedMap(options);
  }

  async find(position: BlockPosition): Promise<BlockOffsets> {
    const index = await openIndex(this.#startOptions());
    return index.find(
      position,
      this.#settings.topics.map(({ topic }) => topic),
    );
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#fetcher.close();
    this.#beside.close();
    this.#reader.close();
    try {
      await this.#commits?.flush();
    } finally {
      this.#group?.close();
    }
  }

  async *#batches(): AsyncGenerator<readonly Change<D>[]> {
    const { signal } = this.#stop;
    const { partitions, source } = this.#options;
    const filter = this.#filter();
    const topics = this.#settings.topics.map(({ topic }) => topic);
    const { control, ...start } = await this.#stoppable(() =>
      recordStart(this.#startOptions(), { topics, partitions }, filter),
    );
    let failure: { readonly error: unknown } | undefined;
    if (control !== null && filter !== null) {
      const controls = new ControlDecoder((id) => this.#registry.byId(id));
      const fetcher = this.#beside;
      watchFinality({ fetcher, control, controls, filter, source, signal }).catch((error) => {
        failure = { error };
      });
    }
    const settings = this.#settings;
    const changes = this.#changeDecoder();
    const fetcher = this.#fetcher;
    const reader = new RecordReader<D>({
      ...{ fetcher, settings, changes, ...start, signal },
      filter: filter ?? this.#marketFilter(),
    });
    for await (const batch of this.#untilStopped(reader.batches())) {
      if (failure !== undefined && !signal.aborted) throw failure.error;
      yield batch;
      this.#commits?.note(handedOver(reader.positions, batch.at(-1)?.meta, start.minHeight));
    }
  }

  #filter(): IdentityFilter | null {
    const { feed, limits } = this.#settings;
    if (this.#options.delivery !== 'low_latency' || feed === 'market') return null;
    return new IdentityFilter(limits.identitiesMax);
  }

  #marketFilter(): RecentIdentities | null {
    const { feed, limits } = this.#settings;
    if (this.#options.delivery !== 'low_latency' || feed === 'chain') return null;
    return new RecentIdentities(limits.identitiesMax);
  }

  #changeDecoder(): ChangeDecoder {
    const known = new Map<string, string>(
      this.#settings.topics.map(({ topic, dataset }) => [topic, dataset]),
    );
    return new ChangeDecoder(
      (id) => this.#registry.byId(id),
      (topic, subjects) => {
        const chosen = known.get(topic);
        return subjects.length === 0 || subjects.some((subject) => subject === chosen);
      },
    );
  }

  #startOptions(): StartOptions {
    const { from = 'beginning', source } = this.#options;
    return {
      reader: this.#reader,
      group: this.#group,
      from,
      controlTopic: this.#settings.controlTopic,
      source,
      schemaById: (id) => this.#registry.byId(id),
      signal: this.#stop.signal,
    };
  }

  /** What fails because the reader was closed is not an error. */
  async *#untilStopped<T>(items: AsyncGenerator<T>): AsyncGenerator<T> {
    try {
      yield* items;
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  async #stoppable<T>(step: () => Promise<T>): Promise<T> {
    this.#stop.signal.throwIfAborted();
    return step();
  }
}

/** Offsets after a batch of one partition; the others stand where they stood. */
function handedOver(
  positions: readonly RecordPosition[],
  last: ChangeMeta | undefined,
  minHeight: number,
): GroupOffset[] {
  return positions.map((at) => {
    const isHere = at.topic === last?.topic && at.partition === last.partition;
    const offset = isHere ? last.offset + 1 : at.offset;
    return { ...at, offset, metadata: String(minHeight) };
  });
}
