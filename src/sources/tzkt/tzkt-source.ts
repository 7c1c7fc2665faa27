/** The tzkt source: one connection to an indexer, shared by the calls that are under way. */
import { blockCursor, type Cursor } from '../../model/cursor.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { blockPosition } from '../block-position.ts';
import type { Quiet } from '../rest-client.ts';
import { SharedConnection } from '../shared-connection.ts';
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
  readonly #shared: SharedConnection<TzktRest>;

  constructor(config: TzktConfig, datasets: ReadonlySet<string>, runtime: SourceRuntime) {
    this.#config = config;
    this.#datasets = wantedDatasets(datasets);
    this.#runtime = runtime;
    const quiet: Quiet = { untilMs: 0, status: 429 };
    this.#shared = new SharedConnection(() => new TzktRest(config, runtime, quiet));
  }

  identity(signal: AbortSignal): Promise<string> {
    return this.#shared.using((rest) => readIdentity(rest, this.#config, signal));
  }

  head(signal: AbortSignal): Promise<Cursor> {
    return this.#shared.using(async (rest) => blockCursor((await readHead(rest, signal)).block));
  }

  updates(after: Cursor | null, signal: AbortSignal): AsyncIterable<SourceUpdate<TzktMessage>> {
    return this.#shared.yielding((rest) => this.#session(rest, after, signal), signal);
  }

  #session(rest: TzktRest, after: Cursor | null, signal: AbortSignal) {
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
    return runSession(scope, blockPosition(after, 'tzkt'), signal);
  }
}
