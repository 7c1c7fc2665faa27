/** The oxarchive source: one connection to REST, shared by the calls that are under way. */
import { type Cursor, parseCursor, tokenCursor } from '../../model/cursor.ts';
import { FatalError, PipelineError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { SharedConnection } from '../shared-connection.ts';
import type { HistoryOptions, Source, SourceRuntime, TimeRange } from '../source.ts';
import { Archive } from './archive/archive.ts';
import { RestReader } from './archive/rest-reader.ts';
import { wantedDatasets } from './check.ts';
import { marketsOf, type OxarchiveConfig, timeOf, venueOf } from './config.ts';
import type { RowStream } from './holes/row-streams.ts';
import { type AppendDataset, RowTrail } from './holes/row-trail.ts';
import { Unfilled } from './holes/unfilled.ts';
import { LiveBooks } from './live/live-books.ts';
import type { OxarchiveDataset, OxarchiveMessage } from './messages.ts';
import { replayHistory } from './replay/history.ts';
import { runSession } from './session.ts';
import type { SessionScope } from './session-scope.ts';
import { liveChannels } from './stream/plan.ts';
import { StreamState } from './stream-state.ts';

/** Rows of one stream that are remembered to tell missed ones from repeats. */
const trailRowsMax = 20_000;
const appendDatasets: readonly AppendDataset[] = ['trades', 'liquidations'];

/** See the rules on `Source`. Connections are closed when the last call under way has ended. */
export class OxarchiveSource implements Source<OxarchiveMessage> {
  readonly #scope: Omit<SessionScope, 'archive'>;
  readonly #shared: SharedConnection<Archive>;
  #keyRefusals = 0;

  constructor(config: OxarchiveConfig, datasets: ReadonlySet<string>, runtime: SourceRuntime) {
    const wanted = wantedDatasets(datasets);
    const ended = new Set<string>();
    this.#shared = new SharedConnection(() => new Archive(config, runtime));
    this.#scope = {
      config,
      runtime,
      markets: marketsOf(config),
      datasets: wanted,
      state: new StreamState(runtime, config.retryBudget),
      books: new LiveBooks(config, wanted, runtime),
      unfilled: new Unfilled(wanted),
      rowStreams: rowStreamsOf(config, wanted),
      ended,
      isLeftOut: ({ symbol }) => symbol !== null && ended.has(symbol),
    };
  }

  /** The venue. Nobody is asked for it: live data does not wait for REST. */
  async identity(): Promise<string> {
    return `0xarchive/${venueOf(this.#scope.config)}`;
  }

  /** How far the archive has come with the first market. */
  head(signal: AbortSignal): Promise<Cursor> {
    const { config, markets, runtime } = this.#scope;
    return this.#shared.using(async (archive) => {
      const [market] = markets;
      if (market === undefined) return tokenCursor('0');
      const reader = new RestReader(archive, config, runtime.clock);
      const stretch = { market, dataset: 'trades', range: { fromMs: 0, toMs: 0 } } as const;
      return tokenCursor(String((await reader.reachedMs(stretch, signal)) ?? 0));
    });
  }

  updates(
    after: Cursor | null,
    signal: AbortSignal,
  ): AsyncIterable<SourceUpdate<OxarchiveMessage>> {
    return this.#shared.yielding((archive) => this.#session(archive, after, signal), signal);
  }

  /** Over the replay protocol, on a socket of its own. */
  history(
    range: TimeRange,
    options: HistoryOptions,
    signal: AbortSignal,
  ): AsyncIterable<SourceUpdate<OxarchiveMessage>> {
    const { config, runtime } = this.#scope;
    return this.#shared.yielding((archive) => {
      const rest = new RestReader(archive, config, runtime.clock);
      return replayHistory(range, { ...this.#scope, rest, options }, signal);
    }, signal);
  }

  async *#session(
    archive: Archive,
    after: Cursor | null,
    signal: AbortSignal,
  ): AsyncGenerator<SourceUpdate<OxarchiveMessage>> {
    const scope = { ...this.#scope, archive };
    let isOpen = false;
    try {
      for await (const update of runSession(scope, this.#begin(after), signal)) {
        isOpen = true;
        yield update;
      }
    } catch (error) {
      if (signal.aborted) throw error;
      throw this.#counted(error, isOpen);
    }
  }

  /** Where to begin, in milliseconds; null: with what comes. */
  #begin(after: Cursor | null): number | null {
    const { start } = this.#scope.config;
    if (after === null) return start === 'latest' ? null : timeOf(start);
    const position = parseCursor(after);
    const timeMs = position.kind === 'token' ? Number(position.token) : Number.NaN;
    if (Number.isSafeInteger(timeMs)) return timeMs;
    throw new FatalError('cursor.unreadable', {
      stage: 'sources',
      message: `Cursor "${after}" is no time, so it is not of a source of kind oxarchive. Reset the checkpoint of this source, or give the source its old name back.`,
      context: { cursor: after },
    });
  }

  /**
   * A key that is refused again and again only an operator can mend (reference section 1.2), also where
   * each session opens before it is closed as not allowed (section 5.2).
   */
  #counted(error: unknown, wasOpen: boolean): unknown {
    const { state, config } = this.#scope;
    if (!(error instanceof PipelineError)) return error;
    const isKey = error.code === 'source.key_refused';
    if (state.wasStable || (wasOpen && !isKey)) this.#keyRefusals = 0;
    if (isKey) this.#keyRefusals += 1;
    const isFinal = isKey && this.#keyRefusals >= config.keyRefusalsMax;
    const { code, stage, message, context } = error;
    const told = isFinal ? new FatalError(code, { stage, message, context }) : error;
    if (told instanceof FatalError) state.failed(told);
    return told;
  }
}

function rowStreamsOf(
  config: OxarchiveConfig,
  datasets: readonly OxarchiveDataset[],
): readonly RowStream[] {
  const live = new Set(liveChannels(config, datasets).map(({ kind }) => kind));
  return appendDatasets
    .filter((dataset) => datasets.includes(dataset))
    .flatMap((dataset) =>
      marketsOf(config).map((market) => ({
        market,
        dataset,
        trail: new RowTrail(trailRowsMax),
        isLive: live.has(dataset),
      })),
    );
}
