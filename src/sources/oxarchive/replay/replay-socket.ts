/**
 * A socket of its own for replays, one at a time (reference section 7). It keeps the server awake and
 * holds it back when the reader is slow; it knows no row.
 */
import type { WebSocketConnection } from '../../../transport/websocket.ts';
import { Bell } from '../../bell.ts';
import type { SourceRuntime } from '../../source.ts';
import { openVenueSocket } from '../../venue-socket.ts';
import type { OxarchiveConfig } from '../config.ts';
import { readShownFrame, type ShownFrame } from '../stream/frames.ts';
import { credentials } from '../stream/socket.ts';
import { explained } from '../stream/stream.ts';

/** A frame as it came, without answers to pings. */
export interface ReplayedFrame extends ShownFrame {
  readonly receivedAtUs: number;
}

/** Frames that wait for the reader before the server is asked to pause, and when it may go on. */
const waitingMax = 2_000;
const waitingMin = 200;

/** One reader. */
export class ReplaySocket {
  readonly #connection: WebSocketConnection;
  readonly #config: OxarchiveConfig;
  readonly #runtime: SourceRuntime;
  readonly #bell: Bell;
  #pingAtMs: number;
  #isHeldBack = false;
  /** By command; then the reader's pace does not count. */
  #isPaused = false;

  private constructor(
    connection: WebSocketConnection,
    { config, runtime, bell }: { config: OxarchiveConfig; runtime: SourceRuntime; bell: Bell },
  ) {
    this.#connection = connection;
    this.#config = config;
    this.#runtime = runtime;
    this.#bell = bell;
    this.#pingAtMs = runtime.clock.nowMs() + config.pingIntervalMs;
  }

  /** Throws as the connection does. */
  static async open(
    config: OxarchiveConfig,
    runtime: SourceRuntime,
    signal: AbortSignal,
  ): Promise<ReplaySocket> {
    const bell = new Bell();
    const address = credentials(config.ws, config);
    try {
      const connection = await openVenueSocket(address, config, { runtime, bell, signal });
      return new ReplaySocket(connection, { config, runtime, bell });
    } catch (error) {
      signal.throwIfAborted();
      throw explained(error);
    }
  }

  get origin(): string {
    return this.#connection.origin;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** True when a frame lies here that nobody took. */
  get hasMore(): boolean {
    return this.#connection.frames.length > 0;
  }

  send(command: Readonly<Record<string, unknown>>): void {
    this.#connection.send(JSON.stringify(command));
  }

  pause(): void {
    if (!this.#isPaused && !this.#isHeldBack) this.send({ op: 'replay.pause' });
    this.#isPaused = true;
    this.#bell.ring();
  }

  resume(): void {
    if (this.#isPaused && !this.#isHeldBack) this.send({ op: 'replay.resume' });
    this.#isPaused = false;
    this.#bell.ring();
  }

  /** A new replay runs, whatever the last one was told. */
  begun(): void {
    this.#isHeldBack = false;
    if (this.#isPaused) this.send({ op: 'replay.pause' });
  }

  /** Wakes who waits for a frame. */
  ring(): void {
    this.#bell.ring();
  }

  /** The oldest frame that waits, or undefined after `ms` or a ring. Throws the connection's ending. */
  async next(ms: number, signal: AbortSignal): Promise<ReplayedFrame | undefined> {
    const { clock } = this.#runtime;
    this.#tend(clock.nowMs());
    const taken = this.#take();
    if (taken !== undefined) return taken;
    const pingMs = Math.max(1, this.#pingAtMs - clock.nowMs());
    await this.#bell.wait(Math.min(ms, pingMs), { clock, signal });
    this.#tend(clock.nowMs());
    return this.#take();
  }

  close(): void {
    this.#connection.close();
    this.#bell.close();
  }

  #take(): ReplayedFrame | undefined {
    for (;;) {
      const taken = this.#frame();
      if (taken === undefined) return undefined;
      const shown = readShownFrame(taken.bytes, this.#config.apiKey);
      if (shown.frame.kind !== 'pong') return { ...shown, receivedAtUs: taken.receivedAtUs };
    }
  }

  #frame() {
    try {
      return this.#connection.frames.take();
    } catch (error) {
      throw explained(error);
    }
  }

  #tend(nowMs: number): void {
    const waiting = this.#connection.frames.length;
    if (!this.#isHeldBack && waiting > waitingMax) {
      this.#isHeldBack = true;
      if (!this.#isPaused) this.send({ op: 'replay.pause' });
    } else if (this.#isHeldBack && waiting < waitingMin) {
      this.#isHeldBack = false;
      if (!this.#isPaused) this.send({ op: 'replay.resume' });
    }
    if (nowMs < this.#pingAtMs) return;
    this.#pingAtMs = nowMs + this.#config.pingIntervalMs;
    this.send({ op: 'ping' });
  }
}
