/**
 * One socket: pings, the idle cut, requests answered in the order of receipt, its subscriptions and its
 * one replay. What the markets do is brought to it by the live feed.
 */
import type { RawData, WebSocket } from 'ws';
import type { Item } from '../../simulator/json.ts';
import type { Listing } from '../exchange.ts';
import { exhausted, Failure, simulatedFailure } from '../failure.ts';
import { versionOf } from './frames.ts';
import { Outlet } from './outlet.ts';
import { Replay } from './replay.ts';
import { checkWindow } from './replay-limits.ts';
import { type Operation, parseReplay, parseRequest, timeOf } from './requests.ts';
import { Subscriptions, type SubscriptionsOptions } from './subscriptions.ts';

/** Timers and sizes of the server. */
export interface SocketTiming {
  readonly pingMs: number;
  /** Without a frame or a pong, a connection is cut after this. */
  readonly idleMs: number;
  /** A reader so far behind is disconnected. */
  readonly bufferedBytesMax: number;
}

/** Periods of the reference. */
export const defaultTiming: SocketTiming = {
  pingMs: 30_000,
  idleMs: 60_000,
  bufferedBytesMax: 64 * 1024 * 1024,
};

/** What a connection needs. */
export interface ConnectionOptions extends Omit<SubscriptionsOptions, 'outlet' | 'version'> {
  readonly key: string;
  /** The contract that the client named; undefined: the old one. */
  readonly version: string | undefined;
  readonly timing: SocketTiming;
  onSent(text: string): void;
  onGone(connection: Connection): void;
}

/** A connection. */
export class Connection {
  readonly key: string;
  readonly outlet: Outlet;
  readonly #options: ConnectionOptions;
  readonly #subscriptions: Subscriptions;
  readonly #pings: NodeJS.Timeout;
  readonly #silence: NodeJS.Timeout;
  #replay: Replay | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, options: ConnectionOptions) {
    const { timing, faults, onSent } = options;
    this.key = options.key;
    this.#options = options;
    this.outlet = new Outlet(socket, {
      ...{ isLegacy: this.#isLegacy, faults, onSent },
      bufferedBytesMax: timing.bufferedBytesMax,
    });
    this.#subscriptions = new Subscriptions({
      ...options,
      outlet: this.outlet,
      version: () => this.#version,
    });
    this.#pings = setInterval(() => this.outlet.ping(), timing.pingMs).unref();
    this.#silence = setTimeout(() => this.outlet.kill(), timing.idleMs).unref();
    socket.on('pong', () => this.#silence.refresh());
    socket.on('ping', () => this.#silence.refresh());
    socket.on('message', (data) => this.#receive(data));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#end());
  }

  /** Its subscriptions, as `channel symbol`. */
  get subscriptions(): readonly string[] {
    return this.#subscriptions.names;
  }

  /** Tells the client that an outcome is settled, and drops what it had of it. */
  settle(listing: Listing, frame: Item): void {
    if (this.#subscriptions.endMarket(listing)) this.outlet.sendItem(frame);
  }

  get #isLegacy(): boolean {
    const { version, exchange } = this.#options;
    return version === undefined && exchange.profile.hasLegacy;
  }

  get #version(): string | undefined {
    const { version, faults } = this.#options;
    return faults.take('no-version') === undefined ? version : undefined;
  }

  #receive(data: RawData): void {
    if (this.#options.faults.has('mute')) return;
    this.#silence.refresh();
    const text = String(data);
    this.#turn = this.#turn.then(() => this.#answer(text)).catch((error) => this.#fail(error));
  }

  async #answer(text: string): Promise<void> {
    if (!this.outlet.isOpen) return;
    const { op, frame } = parseRequest(text);
    const actions: Readonly<Record<Operation, () => unknown>> = {
      ping: () => this.#pong(),
      subscribe: () => this.#subscriptions.subscribe(frame),
      unsubscribe: () => this.#subscriptions.unsubscribe(frame),
      replay: () => this.#startReplay(frame),
      'replay.pause': () => this.#runningReplay().pause(),
      'replay.resume': () => this.#runningReplay().resume(),
      'replay.seek': () => this.#runningReplay().seek(timeOf(frame, 'timestamp')),
      'replay.stop': () => this.#runningReplay().stop(),
      stream: () => discontinued(),
      'stream.stop': () => discontinued(),
    };
    await actions[op]();
  }

  #fail(error: unknown): void {
    if (!(error instanceof Failure)) throw error;
    this.outlet.refuse(error);
  }

  #pong(): void {
    if (!this.#options.faults.has('no-pings')) this.outlet.sendItem({ type: 'pong' });
  }

  #startReplay(frame: Item): void {
    const { host, plan, exchange, faults, clock } = this.#options;
    if (host === 'stream') {
      throw new Failure('endpoint_unsupported', 'Replay is served by wss://api.0xarchive.io/ws.');
    }
    if (this.#replay !== undefined) {
      throw new Failure('conflict', 'A replay already runs on this connection.');
    }
    const request = parseReplay(exchange, frame);
    checkWindow(request, plan, exchange.nowMs);
    const [channel] = request.channels;
    const place = { channel: channel?.name ?? '', symbol: request.listing.market.symbol };
    if (faults.take('credits-exhausted') !== undefined) throw exhausted();
    const failing = faults.take('replay-error', place);
    if (failing !== undefined) {
      throw simulatedFailure(failing.request.text, 'The archive is not available now.');
    }
    this.#replay = new Replay({
      request,
      speed: Math.min(request.speed, plan.replaySpeedMax),
      ...{ outlet: this.outlet, exchange, faults, clock },
      isLegacy: this.#isLegacy,
      version: versionOf(this.#version),
      onEnd: () => {
        this.#replay = undefined;
      },
    });
    this.#replay.start();
  }

  #runningReplay(): Replay {
    if (this.#replay !== undefined) return this.#replay;
    throw new Failure('invalid_parameter', 'No replay runs on this connection.');
  }

  #end(): void {
    clearInterval(this.#pings);
    clearTimeout(this.#silence);
    this.#replay?.abandon();
    this.#subscriptions.endAll();
    this.#options.onGone(this);
  }
}

function discontinued(): never {
  throw new Failure(
    'invalid_parameter',
    'Bulk streaming is discontinued; use the Parquet export instead.',
  );
}
