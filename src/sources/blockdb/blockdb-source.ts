/** The blockdb source: one connection to REST, shared by the calls that are under way. */
import { blockCursor, type Cursor } from '../../model/cursor.ts';
import { FatalError, PipelineError } from '../../model/errors.ts';
import type { BlockUpdate, SourceUpdate } from '../../model/update.ts';
import { blockPosition } from '../block-position.ts';
import { SharedConnection } from '../shared-connection.ts';
import type { HeightRange, Source, SourceRuntime } from '../source.ts';
import { Archive } from './archive/archive.ts';
import { archiveHead, archiveIdentity } from './archive/archive-head.ts';
import { RangeReader } from './archive/range-reader.ts';
import { readBlocks } from './archive/read-blocks.ts';
import type { BlockdbConfig } from './config.ts';
import { configuredIds, wantedDatasets } from './datasets.ts';
import type { BlockdbDataset, BlockdbRow } from './messages.ts';
import { runSession } from './session.ts';
import type { SessionScope } from './session-scope.ts';

/** See the rules on `Source`. Connections are closed when the last call under way has ended. */
export class BlockdbSource implements Source<BlockdbRow> {
  readonly #config: BlockdbConfig;
  readonly #datasets: readonly BlockdbDataset[];
  readonly #runtime: SourceRuntime;
  readonly #shared: SharedConnection<Archive>;
  readonly #told = new Set<string>();
  /** The highest block that was seen; where the search for REST's head begins. */
  #newestHeight: number;
  #keyRefusals = 0;

  constructor(config: BlockdbConfig, datasets: ReadonlySet<string>, runtime: SourceRuntime) {
    this.#config = config;
    this.#datasets = wantedDatasets(config, datasets, runtime);
    this.#runtime = runtime;
    this.#newestHeight = config.identityHeight;
    this.#shared = new SharedConnection(() => new Archive(config, runtime));
  }

  identity(signal: AbortSignal): Promise<string> {
    return this.#counting(() =>
      this.#shared.using((archive) => archiveIdentity(archive, this.#config, signal)),
    );
  }

  head(signal: AbortSignal): Promise<Cursor> {
    return this.#shared.using(async (archive) => {
      const search = { near: this.#newestHeight, lowest: this.#config.identityHeight };
      const head = await archiveHead(archive, search, signal);
      this.#newestHeight = Math.max(this.#newestHeight, head.height);
      return blockCursor(head);
    });
  }

  updates(after: Cursor | null, signal: AbortSignal): AsyncIterable<SourceUpdate<BlockdbRow>> {
    return this.#shared.yielding((archive) => this.#session(archive, after, signal), signal);
  }

  blocks(range: HeightRange, signal: AbortSignal): AsyncIterable<BlockUpdate<BlockdbRow>> {
    return this.#shared.yielding((archive) => {
      const reader = new RangeReader(archive, this.#config, this.#datasets);
      return readBlocks(reader, range, { config: this.#config, signal });
    }, signal);
  }

  async *#session(
    archive: Archive,
    after: Cursor | null,
    signal: AbortSignal,
  ): AsyncGenerator<SourceUpdate<BlockdbRow>> {
    const scope: SessionScope = {
      config: this.#config,
      runtime: this.#runtime,
      reader: new RangeReader(archive, this.#config, this.#datasets),
      ids: configuredIds(this.#config),
      datasets: this.#datasets,
      onNewest: (height) => {
        this.#newestHeight = Math.max(this.#newestHeight, height);
      },
      isNews: ({ dataset }) => {
        const isNew = !this.#told.has(dataset);
        this.#told.add(dataset);
        return isNew;
      },
    };
    const { clock } = this.#runtime;
    const startedAtMs = clock.nowMs();
    try {
      yield* runSession(scope, blockPosition(after, 'blockdb'), signal);
    } catch (error) {
      // Updates alone do not show that the key is good: one of stream and REST may go on without it.
      if (clock.nowMs() - startedAtMs >= this.#config.silenceMaxMs) this.#keyRefusals = 0;
      throw this.#counted(error);
    }
  }

  async #counting<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw this.#counted(error);
    }
  }

  /** A key that is refused again and again only an operator can mend (reference section 7). */
  #counted(error: unknown): unknown {
    if (!(error instanceof PipelineError) || error.code !== 'source.key_refused') return error;
    this.#keyRefusals += 1;
    if (this.#keyRefusals < this.#config.keyRefusalsMax) return error;
    const { stage, message, context } = error;
    return new FatalError('source.key_refused', { stage, message, context });
  }
}
