/** The tzkt source: one connection to an indexer, shared by the calls that are under way. */
import type { BlockRef } from '../../model/block.ts';
import { blockCursor, type Cursor, parseCursor } from '../../model/cursor.ts';
import { FatalError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import type { Source, SourceRuntime } from '../source.ts';
import { BlockReader } from './block-reader.ts';
import { wantedDatasets } from './channels.ts';
import type { TzktConfig } from './config.ts';
import type { TzktDataset, TzktMessage } from './messages.ts';
import { readHead, readIdentity } from './network.ts';
import { TzktRest } from './rest.ts';
import { runSession } from './session.ts';

/** See the rules on `Source`. Connections are closed when the last call under way has ended. */
export class TzktSource implements Source<TzktMessage> {
  readonly #config: TzktConfig;
  readonly #datasets: readonly TzktDataset[];
  readonly #runtime: SourceRuntime;
  #rest: TzktRest | undefined;
  #users = 0;

  constructor(config: TzktConfig, datasets: ReadonlySet<string>, runtime: SourceRuntime) {
    this.#config = config;
    this.#datasets = wantedDatasets(datasets);
    this.#runtime = runtime;
  }

  async identity(signal: AbortSignal): Promise<string> {
    return this.#using((rest) => readIdentity(rest, this.#config, signal));
  }

  async head(signal: AbortSignal): Promise<Cursor> {
    return this.#using(async (rest) => blockCursor((await readHead(rest, signal)).block));
  }

  async *updates(
    after: Cursor | null,
    signal: AbortSignal,
  ): AsyncGenerator<SourceUpdate<TzktMessage>> {
    const tip = positionOf(after);
    const rest = this.#enter();
    try {
      const scope = {
        config: this.#config,
        runtime: this.#runtime,
        datasets: this.#datasets,
        reader: new BlockReader(rest, {
          config: this.#config,
          datasets: this.#datasets,
          logger: this.#runtime.logger,
        }),
        assertSameChain: async (own: AbortSignal) => {
          await readIdentity(rest, this.#config, own);
        },
      };
      yield* runSession(scope, tip, signal);
    } catch (error) {
      // An abort is how a session ends, not an error.
      if (!signal.aborted) throw error;
    } finally {
      await this.#leave();
    }
  }

  async #using<T>(use: (rest: TzktRest) => Promise<T>): Promise<T> {
    const rest = this.#enter();
    try {
      return await use(rest);
    } finally {
      await this.#leave();
    }
  }

  #enter(): TzktRest {
    this.#rest ??= new TzktRest(this.#config, this.#runtime);
    this.#users += 1;
    return this.#rest;
  }

  async #leave(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    const rest = this.#rest;
    this.#rest = undefined;
    await rest?.close();
  }
}

function positionOf(after: Cursor | null): BlockRef | null {
  if (after === null) return null;
  const position = parseCursor(after);
  if (position.kind === 'block') return position.block;
  throw new FatalError('cursor.unreadable', {
    stage: 'sources',
    message: `Cursor "${after}" names no block, so it is not of a TzKT source. Reset the checkpoint of this source, or give the source its old name back.`,
    context: { cursor: after },
  });
}
