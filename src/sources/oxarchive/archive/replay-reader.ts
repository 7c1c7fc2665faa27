/**
 * Missed rows by timed replay on a socket of its own (reference section 7.1): one replay at a time, paused
 * while its rows are not taken. What has no replay is read over REST.
 */
import { FatalError, type PipelineError, TransientError } from '../../../model/errors.ts';
import { WebSocketConnection } from '../../../transport/websocket.ts';
import { Bell } from '../../bell.ts';
import type { SourceRuntime } from '../../source.ts';
import type { OxarchiveConfig } from '../config.ts';
import type { BackfillPage, BackfillReader, DeadLetter, Stretch } from '../holes/backfill.ts';
import type { AppendMessage } from '../holes/row-trail.ts';
import { channelOf, type VenueChannel } from '../markets.ts';
import { refusalOf } from '../refusal.ts';
import { type ErrorNotice, type RowsFrame, readFrame, type ServerFrame } from '../stream/frames.ts';
import { credentials } from '../stream/socket.ts';
import { explained } from '../stream/stream.ts';
import { readLiquidations, readTrades } from '../wire/trades.ts';
import type { TimeRange } from './archive.ts';
import type { RestReader } from './rest-reader.ts';

/** Frames that may lie unread before the replay is paused, and before it goes on. */
const [unreadMax, unreadMin] = [2_000, 200];
const framesPerPage = 500;
/** Beyond twice the time that the window takes at its speed. */
const graceMs = 60_000;
const queueItemsMax = 1_000_000;

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
    if (channel?.replay !== 'timed') return yield* this.#rest.pages(stretch, signal);
    const before = this.#last;
    let end: () => void = () => undefined;
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    try {
      await before;
      // As with REST: what the archive says after the rows may be of rows that came later.
      const reachedMs = await this.#rest.reachedMs(stretch, signal);
      yield* this.#replayed(channel, stretch, signal);
      return reachedMs;
    } finally {
      end();
    }
  }

  async *#replayed(
    channel: VenueChannel,
    stretch: Stretch,
    signal: AbortSignal,
  ): AsyncGenerator<BackfillPage> {
    const bell = new Bell();
    const connection = this.#connection(bell);
    try {
      await connection.opened(signal);
      const replay = new Replay(connection, { channel, stretch, config: this.#config });
      replay.start(this.#runtime.clock.nowMs());
      for (;;) {
        const page = replay.take(this.#runtime.clock);
        if (page !== undefined) yield page;
        else if (replay.isOver) break;
        else await bell.wait(replay.waitMs, { clock: this.#runtime.clock, signal });
      }
      this.#compare(replay);
    } catch (error) {
      signal.throwIfAborted();
      throw explained(error);
    } finally {
      connection.close();
    }
  }

  #connection(bell: Bell): WebSocketConnection {
    const { config: options, runtime } = { config: this.#config, runtime: this.#runtime };
    return new WebSocketConnection({
      ...credentials(options.ws, options),
      openTimeoutMs: options.requestTimeoutMs,
      pingIntervalMs: options.pingIntervalMs,
      silenceMaxMs: options.silenceMaxMs,
      messageBytesMax: options.messageBytesMax,
      isCompressed: options.isCompressed,
      queue: { itemsMax: queueItemsMax, bytesMax: options.queueBytesMax },
      onReady: () => bell.ring(),
      clock: runtime.clock,
      onFrame: runtime.onFrame,
    });
  }

  /** Only a hint: what the number counts is not documented (reference section 3.1). */
  #compare({ sent, received }: Replay): void {
    if (sent === null || sent === received) return;
    this.#runtime.logger.warn({ sent, received }, 'a replay gave another number of rows');
  }
}

interface Writable {
  readonly rows: AppendMessage[];
  readonly letters: DeadLetter[];
  readonly lacking: TimeRange[];
}

/** One replay on an open socket. */
class Replay {
  readonly #connection: WebSocketConnection;
  readonly #channel: VenueChannel;
  readonly #stretch: Stretch;
  readonly #config: OxarchiveConfig;
  #deadlineMs = 0;
  #isPaused = false;
  isOver = false;
  /** Rows that the server says it sent; null before the end, or where it does not say. */
  sent: number | null = null;
  received = 0;

  constructor(
    connection: WebSocketConnection,
    of: {
      readonly channel: VenueChannel;
      readonly stretch: Stretch;
      readonly config: OxarchiveConfig;
    },
  ) {
    this.#connection = connection;
    this.#channel = of.channel;
    this.#stretch = of.stretch;
    this.#config = of.config;
  }

  /** How long to wait for a frame before looking at the deadline. */
  readonly waitMs = 1_000;

  start(nowMs: number): void {
    const { market, range } = this.#stretch;
    this.#deadlineMs = nowMs + this.#config.ackTimeoutMs;
    const { fromMs: start, toMs: end } = range;
    const speed = this.#config.replaySpeed;
    const { symbol } = market;
    this.#send({ op: 'replay', channel: this.#channel.name, symbol, start, end, speed });
  }

  /** What has come; undefined for nothing. Throws a refusal, the connection's end, or a time-out. */
  take(clock: { nowMs(): number; nowUs(): number }): BackfillPage | undefined {
    const page: Writable & BackfillPage = {
      rows: [],
      letters: [],
      lacking: [],
      receivedAtUs: clock.nowUs(),
    };
    for (let count = 0; count < framesPerPage && !this.isOver; count += 1) {
      const frame = this.#connection.frames.take();
      if (frame === undefined) break;
      this.#hear(readFrame(frame.bytes), page, { ...frame, nowMs: clock.nowMs() });
    }
    this.#steer();
    if (!this.isOver && clock.nowMs() > this.#deadlineMs) throw this.#late();
    const { rows, letters, lacking } = page;
    return rows.length + letters.length + lacking.length === 0 ? undefined : page;
  }

  #hear(
    said: ServerFrame,
    into: Writable,
    at: { readonly receivedAtUs: number; readonly nowMs: number },
  ): void {
    if (said.kind === 'historical_data' || said.kind === 'replay_snapshot') {
      this.#read(said, into, at.receivedAtUs);
    } else if (said.kind === 'gap_detected') {
      into.lacking.push({ fromMs: said.fromMs, toMs: said.toMs });
    } else this.#heed(said, at.nowMs);
  }

  #read({ data, timeMs }: RowsFrame, into: Writable, receivedAtUs: number): void {
    this.received += 1;
    const { market, dataset } = this.#stretch;
    const context = {
      ...{ venue: market.venue, symbol: market.symbol, channel: this.#channel.name },
      origin: 'replay',
      receivedAtMs: Math.floor(receivedAtUs / 1000),
      aheadMsMax: this.#config.clockSkewMaxMs,
      envelopeTimeMs: timeMs,
    } as const;
    const reading =
      dataset === 'trades' ? readTrades(data, context) : readLiquidations(data, context);
    into.rows.push(...reading.messages);
    for (const { code, message, raw } of reading.refusals) {
      into.letters.push({ raw: raw ?? Buffer.from(message), code, reason: message });
    }
  }

  #heed(said: ServerFrame, nowMs: number): void {
    if (said.kind === 'replay_started') {
      const { fromMs, toMs } = this.#stretch.range;
      // The plan may have less than was asked for, without a word (reference section 1.5).
      const speed = said.speed !== null && said.speed > 0 ? said.speed : 1;
      this.#deadlineMs = nowMs + ((toMs - fromMs) / speed) * 2 + graceMs;
    } else if (said.kind === 'replay_completed') {
      this.isOver = true;
      this.sent = said.rows;
    } else if (said.kind === 'error') throw refused(said, this.#channel.name);
  }

  /** The server is told to wait before this side would have to give up. */
  #steer(): void {
    const unread = this.#connection.frames.length;
    if (!this.#isPaused && unread > unreadMax) {
      this.#isPaused = true;
      this.#send({ op: 'replay.pause' });
    } else if (this.#isPaused && unread < unreadMin && !this.isOver) {
      this.#isPaused = false;
      this.#send({ op: 'replay.resume' });
    }
  }

  #late(): TransientError {
    const { market, dataset } = this.#stretch;
    return new TransientError('source.session_lost', {
      stage: 'sources',
      message: `The replay of ${dataset} of ${market.symbol} did not end in time. It is asked for again.`,
      context: { dataset, symbol: market.symbol },
    });
  }

  #send(command: object): void {
    this.#connection.send(JSON.stringify(command));
  }
}

function refused({ word, message }: ErrorNotice, channel: string): PipelineError {
  const { code, response, advice } = refusalOf(word);
  const detail = {
    stage: 'sources',
    message: `A replay of ${channel} was refused (${word ?? 'no code'}: ${message}). ${advice}`,
    context: { refusal: word },
  } as const;
  return response === 'retry' ? new TransientError(code, detail) : new FatalError(code, detail);
}
