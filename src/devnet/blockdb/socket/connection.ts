/**
 * One connection of the stream: pings, requests answered in the order of receipt, and its active
 * subscriptions. What is sent to it is the stream's matter.
 */
import type { RawData, WebSocket } from 'ws';
import { waitOut } from '../../simulator/faults.ts';
import type { Item } from '../../simulator/json.ts';
import type { KeyPlan } from '../access.ts';
import type { Row } from '../chain/block.ts';
import { type DatasetId, datasetNamed } from '../chain/datasets.ts';
import { passes } from '../chain/filters.ts';
import type { Faults } from '../faults.ts';
import type { Profile } from '../profile.ts';
import { ackFrame, errorFrame } from './frames.ts';
import {
  badRequest,
  type Checked,
  checkRequest,
  type RequestRules,
  type StreamRequest,
} from './requests.ts';

/** Timers and sizes of the server. */
export interface StreamTiming {
  readonly pingMs: number;
  /** Without a subscription, or without an answer to pings, a connection ends after this. */
  readonly idleMs: number;
  /** A reader so far behind is closed with 1013. */
  readonly bufferedBytesMax: number;
}

/** Periods of the reference. */
export const defaultTiming: StreamTiming = {
  pingMs: 20_000,
  idleMs: 60_000,
  bufferedBytesMax: 16 * 1024 * 1024,
};

/** What a connection needs of the stream. */
export interface ConnectionOptions {
  readonly key: string;
  readonly plan: KeyPlan;
  readonly rules: RequestRules;
  readonly timing: StreamTiming;
  readonly faults: Faults;
  /** Sends rows that were sent before: the last one, or those of the last block. */
  resend(connection: StreamConnection, dataset: DatasetId, what: 'row' | 'block'): void;
  sleep(ms: number): Promise<void>;
  onGone(connection: StreamConnection): void;
}

/** A connection. */
export class StreamConnection {
  readonly key: string;
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  /** Parameters by dataset; several when subscriptions merge. */
  readonly #subscriptions = new Map<DatasetId, readonly Item[]>();
  readonly #pings: NodeJS.Timeout;
  #idle: NodeJS.Timeout;
  readonly #silence: NodeJS.Timeout;
  #turn: Promise<void> = Promise.resolve();

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.key = options.key;
    this.#socket = socket;
    this.#options = options;
    const { pingMs, idleMs } = options.timing;
    this.#pings = setInterval(() => this.#ping(), pingMs).unref();
    this.#idle = this.#idleTimer();
    this.#silence = setTimeout(() => this.kill(), Math.max(idleMs, 2 * pingMs)).unref();
    socket.on('pong', () => this.#silence.refresh());
    socket.on('message', (data) => this.#receive(data));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#end());
  }

  /** How many datasets it has subscribed to. */
  get subscriptions(): number {
    return this.#subscriptions.size;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** The datasets that it is subscribed to. */
  get datasets(): readonly DatasetId[] {
    return [...this.#subscriptions.keys()];
  }

  /** The parameters of the subscription that wants this row; undefined when none does. */
  wish({ dataset, item }: Row): Item | undefined {
    const { streamFilters } = datasetNamed(dataset);
    return this.#subscriptions
      .get(dataset)
      ?.find((params) => passes(item, streamFilters, withDefaults(dataset, params)));
  }

  /** Sends a frame, unless a fault keeps the connection silent. A slow reader is closed. */
  send(frame: string | Buffer): void {
    if (!this.isOpen || this.#options.faults.has('mute')) return;
    this.#socket.send(frame);
    if (this.#socket.bufferedAmount > this.#options.timing.bufferedBytesMax) {
      this.close(1013, 'slow consumer');
    }
  }

  /** Closes in an orderly way. */
  close(code: number, reason = ''): void {
    this.#socket.close(code, reason);
  }

  /** Ends the socket at once; the client sees 1006. */
  kill(): void {
    this.#socket.terminate();
  }

  /** Sends half of the text as an unfinished message, then ends the socket. */
  cut(text: string): void {
    this.#socket.send(text.slice(0, text.length / 2), { fin: false }, () => this.kill());
  }

  #idleTimer(): NodeJS.Timeout {
    return setTimeout(() => this.close(1000, 'idle'), this.#options.timing.idleMs).unref();
  }

  #ping(): void {
    const { faults } = this.#options;
    if (this.isOpen && !faults.has('mute') && !faults.has('no-pings')) this.#socket.ping();
  }

  #receive(data: RawData): void {
    const { faults, plan, rules } = this.#options;
    if (faults.has('mute')) return;
    this.#silence.refresh();
    const checked = checkRequest(String(data), plan, rules);
    this.#turn = this.#turn.then(() => this.#answer(checked));
  }

  async #answer(checked: Checked): Promise<void> {
    const { rules, sleep } = this.#options;
    if (rules.profile.ackDelayMs > 0) await sleep(rules.profile.ackDelayMs);
    if ('error' in checked) {
      const { echo, error } = checked;
      this.send(echo === undefined ? errorFrame(error) : ackFrame(echo, error));
      return;
    }
    const { echo, request } = checked;
    if (request.action === 'subscribe') await this.#subscribe(echo, request, rules.profile);
    else this.#unsubscribe(echo, request);
  }

  async #subscribe(
    echo: Parameters<typeof ackFrame>[0],
    { dataset, params }: StreamRequest,
    { repeatedSubscribe }: Profile,
  ): Promise<void> {
    const { faults, resend } = this.#options;
    const failure = faults.take('ack-error', { dataset });
    if (failure !== undefined) {
      const { text: code = 'INTERNAL_SERVER_ERROR', retryable = true } = failure.request;
      this.send(ackFrame(echo, { code, message: 'Simulated', retryable }));
      return;
    }
    const active = this.#subscriptions.get(dataset);
    if (active !== undefined && repeatedSubscribe === 'error') {
      this.send(ackFrame(echo, badRequest('Already subscribed')));
      return;
    }
    const merged = repeatedSubscribe === 'merge' ? [...(active ?? []), params] : [params];
    this.#subscriptions.set(dataset, merged);
    clearTimeout(this.#idle);
    if (faults.take('update-before-ack', { dataset }) !== undefined) resend(this, dataset, 'row');
    const late = faults.take('ack-late', { dataset });
    if (late !== undefined) await waitOut(late);
    if (faults.take('ack-never', { dataset }) === undefined) this.send(ackFrame(echo));
    if (faults.take('resend-after-subscribe', { dataset }) !== undefined) {
      resend(this, dataset, 'block');
    }
  }

  #unsubscribe(echo: Parameters<typeof ackFrame>[0], { dataset }: StreamRequest): void {
    const wasActive = this.#subscriptions.delete(dataset);
    const answer = ackFrame(echo, wasActive ? undefined : badRequest('Not subscribed'));
    if (this.#options.faults.take('ack-never', { dataset }) === undefined) this.send(answer);
    if (this.#subscriptions.size === 0) this.#idle = this.#idleTimer();
  }

  #end(): void {
    clearInterval(this.#pings);
    clearTimeout(this.#idle);
    clearTimeout(this.#silence);
    this.#options.onGone(this);
  }
}

function withDefaults(dataset: DatasetId, params: Item): Item {
  return dataset === '0404' ? { aggregation_interval: '1m', ...params } : params;
}
