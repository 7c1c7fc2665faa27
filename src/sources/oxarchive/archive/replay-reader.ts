/**
 * Missed rows by timed replay on a socket of its own (reference section 7.1): one replay at a time. What
 * has no replay, or has it late, and what it names as a hole of the archive, is asked of REST.
 */
import type { SourceRuntime } from '../../source.ts';
import type { OxarchiveConfig } from '../config.ts';
import type {
  BackfillPage,
  BackfillReader,
  DeadLetter,
  Lacking,
  Stretch,
} from '../holes/backfill.ts';
import type { AppendMessage } from '../holes/row-trail.ts';
import { channelOf, type VenueChannel } from '../markets.ts';
import { runReplay } from '../replay/replay-run.ts';
import { type ReplayedFrame, ReplaySocket } from '../replay/replay-socket.ts';
import type { RowsFrame } from '../stream/frames.ts';
import { readLiquidations, readTrades } from '../wire/trades.ts';
import { repaired } from './repaired.ts';
import { isPreliminaryFirst, type RestReader } from './rest-reader.ts';

const framesPerPage = 500;

/** See `BackfillReader`. */
export class ReplayReader implements BackfillReader {
  readonly #config: OxarchiveConfig;
  readonly #runtime: SourceRuntime;
  readonly #rest: RestReader;
  #last: Promise<void> = Promise.resolve();

  constructor(rest: RestReader, config: OxarchiveConfig, runtime: SourceRuntime) {
    this.#rest = rest;
    this.#config = config;
    this.#runtime = runtime;
  }

  async *pages(stretch: Stretch, signal: AbortSignal): AsyncGenerator<BackfillPage, number | null> {
    const channel = channelOf(stretch.market.venue, stretch.dataset);
    if (channel?.replay !== 'timed' || isPreliminaryFirst(stretch)) {
      return yield* this.#rest.pages(stretch, signal);
    }
    const before = this.#last;
    let end: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await before;
      // As with REST: what the archive says after the rows may be of rows that came later.
      const reachedMs = await this.#rest.reachedMs(stretch, signal);
      for await (const page of this.#replayed(channel, stretch, signal)) {
        yield { ...page, lacking: [] };
        for (const { fromMs, toMs } of page.lacking) {
          yield* repaired(this.#rest, { ...stretch, range: { fromMs, toMs } }, signal);
        }
      }
      return reachedMs;
    } finally {
      end();
    }
  }

  async *#replayed(
    channel: VenueChannel,
    { market, dataset, range }: Stretch,
    signal: AbortSignal,
  ): AsyncGenerator<BackfillPage> {
    const [config, runtime] = [this.#config, this.#runtime];
    const socket = await ReplaySocket.open(config, runtime, signal);
    const plan = { market, channels: [channel], interval: null, granularity: null };
    const pace = { speed: config.replaySpeed, onSpeed: () => undefined };
    let page = new Page(dataset, channel, config);
    try {
      const replay = runReplay(socket, { plan, range }, { config, runtime, ...pace }, signal);
      for await (const taken of replay) {
        if (taken !== undefined) page.add(taken);
        if (page.isEmpty || (socket.hasMore && page.frames < framesPerPage)) continue;
        yield page;
        page = new Page(dataset, channel, config);
      }
      if (!page.isEmpty) yield page;
    } finally {
      socket.close();
    }
  }
}

/** What some frames of a replay say. */
class Page implements BackfillPage {
  readonly rows: AppendMessage[] = [];
  readonly letters: DeadLetter[] = [];
  readonly lacking: Lacking[] = [];
  receivedAtUs = 0;
  frames = 0;
  readonly #dataset: Stretch['dataset'];
  readonly #channel: VenueChannel;
  readonly #config: OxarchiveConfig;

  constructor(dataset: Stretch['dataset'], channel: VenueChannel, config: OxarchiveConfig) {
    this.#dataset = dataset;
    this.#channel = channel;
    this.#config = config;
  }

  get isEmpty(): boolean {
    return this.rows.length + this.letters.length + this.lacking.length === 0;
  }

  add({ frame, raw, receivedAtUs }: ReplayedFrame): void {
    this.frames += 1;
    this.receivedAtUs = receivedAtUs;
    if (frame.kind === 'historical_data' || frame.kind === 'replay_snapshot') this.#read(frame);
    else if (frame.kind === 'gap_detected') {
      const { fromMs, toMs } = frame;
      this.lacking.push({ fromMs, toMs, reason: 'archive_hole' });
    } else if (frame.kind === 'unreadable') {
      const reason = `A frame of the replay ${frame.reason}.`;
      this.letters.push({ raw, code: 'source.malformed_frame', reason });
    }
  }

  #read({ data, timeMs, symbol }: RowsFrame): void {
    const { venue, name } = this.#channel;
    const context = {
      ...{ venue, channel: name, symbol: symbol ?? '' },
      origin: 'replay',
      receivedAtMs: Math.floor(this.receivedAtUs / 1000),
      aheadMsMax: this.#config.clockSkewMaxMs,
      envelopeTimeMs: timeMs,
    } as const;
    const reading =
      this.#dataset === 'trades' ? readTrades(data, context) : readLiquidations(data, context);
    this.rows.push(...reading.messages);
    for (const { code, message, raw } of reading.refusals) {
      this.letters.push({ raw: raw ?? Buffer.from(message), code, reason: message });
    }
  }
}
