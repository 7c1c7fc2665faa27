/**
 * A server of 0xArchive's protocol with a taste of its own, for what the simulator never says: it
 * acknowledges what it is asked for, and the test says the rest, frame by frame.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { LoopbackServer } from '../../../src/devnet/simulator/loopback-server.ts';
import type { OxarchiveConfig } from '../../../src/sources/oxarchive/config.ts';
import { OxarchiveSource } from '../../../src/sources/oxarchive/oxarchive-source.ts';
import { QuickClock } from '../tzkt/quick-clock.ts';
import { MarketFold } from './market-fold.ts';
import { type OxarchiveReader, testConfig } from './oxarchive-scene.ts';

/** A command of the client. */
export interface Command {
  readonly op: string;
  readonly channel: string;
  readonly symbol: string;
}

/** One port; `close` must follow. */
export class PlainVenue extends LoopbackServer {
  readonly clock = new QuickClock();
  /** Subscriptions and their ends, as they were asked for. */
  readonly commands: Command[] = [];
  /** What follows an acknowledgement. */
  first: (command: Command) => void = () => undefined;
  /** True where it has answered itself. */
  answersItself: (command: Command) => boolean = () => false;
  /** Answers to REST by the beginning of their path; others have no rows. */
  readonly answers: Record<string, unknown> = {};

  private constructor() {
    super({ maxPayload: 65_536 });
  }

  static async open(): Promise<PlainVenue> {
    const venue = new PlainVenue();
    await venue.listen(0);
    return venue;
  }

  /** Sends a frame to everybody; text as it is. */
  say(frame: object | string): void {
    const text = typeof frame === 'string' ? frame : JSON.stringify(frame, null, 1);
    for (const socket of this.sockets.clients) socket.send(text);
  }

  /** Cuts every connection. */
  cut(code?: number, reason?: string): void {
    for (const socket of this.sockets.clients) {
      if (code === undefined) socket.terminate();
      else socket.close(code, reason);
    }
  }

  /** Operations on a channel and symbol so far. */
  asked(symbol: string): readonly string[] {
    return this.commands.filter((each) => each.symbol === symbol).map(({ op }) => op);
  }

  connect(
    overrides: Partial<OxarchiveConfig> = {},
    datasets: readonly string[] = ['trades'],
  ): OxarchiveReader {
    const wanted = new Set(datasets);
    const fold = new MarketFold(this.clock, wanted);
    const own = { ws: `${this.socketOrigin}/ws`, rest: this.origin, subscribesPerSecondMax: 8 };
    const waits = { archiveLagMs: 300, archiveWaitMaxMs: 2_000, firstRowWaitMs: 500 };
    const holes = { ...waits, overlapMs: 2_000, auditIntervalMs: 1_000 };
    const config = testConfig({ ...own, ...holes, ...overrides });
    return { fold, source: new OxarchiveSource(config, wanted, fold.runtime) };
  }

  protected release(): void {
    this.cut();
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = this.urlOf(request);
    const at = Object.keys(this.answers).find((path) => pathname.startsWith(path));
    const none = { success: true, data: [], meta: { count: 0, has_more: false } };
    response.end(JSON.stringify(at === undefined ? none : this.answers[at]));
  }

  protected upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.sockets.handleUpgrade(request, socket, head, (opened) => this.#serve(opened));
  }

  #serve(socket: WebSocket): void {
    socket.on('message', (data) => {
      const command: Command = JSON.parse(String(data));
      if (command.op === 'ping') return this.say({ type: 'pong' });
      this.commands.push(command);
      if (this.answersItself(command)) return;
      const { op, channel, symbol: coin } = command;
      this.say({ coin, channel, type: op === 'subscribe' ? 'subscribed' : 'unsubscribed' });
      if (op === 'subscribe') this.first(command);
    });
  }
}
