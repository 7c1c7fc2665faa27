/**
 * One socket from its handshake on: asks for its subscriptions, matches answers and refusals to them,
 * keeps the server awake, and gives every other frame on as it came. It knows no row.
 */
import { TransientError } from '../../../model/errors.ts';
import type { WebSocketConnection } from '../../../transport/websocket.ts';
import type { Bell } from '../../bell.ts';
import type { SourceRuntime } from '../../source.ts';
import { openVenueSocket } from '../../venue-socket.ts';
import type { OxarchiveConfig } from '../config.ts';
import { refusalOf } from '../refusal.ts';
import {
  type ErrorNotice,
  isRowsFrame,
  readShownFrame,
  type ServerFrame,
  type ShownFrame,
} from './frames.ts';
import type { SocketPlan } from './plan.ts';
import { type Subscription, Subscriptions, subscriptionKey } from './subscriptions.ts';

/** A frame that is no answer, or what became of a subscription. */
export type SocketEvent =
  | {
      readonly kind: 'frame';
      readonly frame: ServerFrame;
      readonly raw: Buffer;
      readonly receivedAtUs: number;
    }
  | { readonly kind: 'flows'; readonly subscription: Subscription }
  | {
      readonly kind: 'refused';
      readonly subscription: Subscription;
      readonly word: string | null;
      readonly message: string;
      readonly requestId: string | null;
      readonly raw: Uint8Array;
    }
  | { readonly kind: 'unanswered'; readonly subscription: Subscription };

/** What a socket is opened with. */
export interface SocketOptions {
  readonly config: OxarchiveConfig;
  readonly runtime: SourceRuntime;
  readonly bell: Bell;
  readonly signal: AbortSignal;
}

/** One reader. `take` throws the connection's ending. */
export class OxarchiveSocket {
  readonly #connection: WebSocketConnection;
  readonly #options: SocketOptions;
  readonly #subscriptions: Subscriptions;
  readonly #events: SocketEvent[] = [];
  readonly #leaving = new Set<string>();
  #pingAtMs: number;
  #isContractMissed = false;

  private constructor(connection: WebSocketConnection, plan: SocketPlan, options: SocketOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#subscriptions = new Subscriptions(plan.subscriptions, options.config);
    this.#pingAtMs = options.runtime.clock.nowMs() + options.config.pingIntervalMs;
  }

  /** Throws as the connection does. */
  static async open(plan: SocketPlan, options: SocketOptions): Promise<OxarchiveSocket> {
    const { config } = options;
    const connection = await openVenueSocket(credentials(plan.url, config), config, options);
    return new OxarchiveSocket(connection, plan, options);
  }

  get origin(): string {
    return this.#connection.origin;
  }

  get subscriptions(): Subscriptions {
    return this.#subscriptions;
  }

  /** When it has something to send, at the latest. */
  nextAtMs(nowMs: number): number {
    return Math.min(this.#pingAtMs, this.#subscriptions.nextAtMs(nowMs));
  }

  /** Sends what is due. Call before `take`, and whenever `nextAtMs` has come. */
  tend(nowMs: number): void {
    for (const subscription of this.#subscriptions.unanswered(nowMs)) {
      this.#events.push({ kind: 'unanswered', subscription });
    }
    const next = this.#subscriptions.next(nowMs);
    if (next !== undefined) this.#send(commandOf('subscribe', next));
    if (nowMs < this.#pingAtMs) return;
    this.#pingAtMs = nowMs + this.#options.config.pingIntervalMs;
    this.#send({ op: 'ping' });
  }

  /** The oldest event that waits. */
  take(): SocketEvent | undefined {
    const { apiKey } = this.#options.config;
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      const frame = this.#connection.frames.take();
      if (frame === undefined) return undefined;
      this.#sort(readShownFrame(frame.bytes, apiKey), frame.receivedAtUs);
    }
  }

  /** True when the end of a subscription was asked for, which its answer then is. */
  isLeaving(channel: string, symbol: string | null): boolean {
    return this.#leaving.delete(subscriptionKey(channel, symbol));
  }

  /** Ends a subscription, and asks for it anew: a book is rebuilt from the snapshot that follows. */
  resubscribe(subscription: Subscription, nowMs: number): void {
    this.#leaving.add(subscriptionKey(subscription.channel, subscription.symbol));
    this.#send(commandOf('unsubscribe', subscription));
    this.#subscriptions.retry(subscription, nowMs);
  }

  /** Asks again for what the server has ended. */
  restore(subscription: Subscription, nowMs: number): void {
    this.#subscriptions.retry(subscription, nowMs);
  }

  close(): void {
    this.#connection.close();
  }

  #sort({ frame, raw }: ShownFrame, receivedAtUs: number): void {
    if (frame.kind === 'pong') return;
    if (frame.kind === 'error' && this.#refused(frame, raw)) return;
    if (frame.kind === 'subscribed') this.#checkContract(frame.version);
    // Data is as good as an answer, unless it was on its way when the subscription was ended.
    if (frame.kind === 'subscribed' || isRowsFrame(frame)) {
      const { channel, symbol } = frame;
      const isTold = frame.kind === 'subscribed';
      if (this.#subscriptions.acknowledge(channel, symbol, isTold)) {
        this.#events.push({ kind: 'flows', subscription: { channel, symbol } });
      }
    }
    if (frame.kind !== 'subscribed') this.#events.push({ kind: 'frame', frame, raw, receivedAtUs });
  }

  /** True when it was about a subscription, and is dealt with. */
  #refused(notice: ErrorNotice, raw: Uint8Array): boolean {
    const { word, message, requestId, channel, symbol } = notice;
    const { response } = refusalOf(word);
    if (response === 'note' || response === 'end') return false;
    const subscription = this.#subscriptions.concerned(channel, symbol);
    if (subscription === undefined) return false;
    const nowMs = this.#options.runtime.clock.nowMs();
    if (response === 'retry' && this.#subscriptions.retry(subscription, nowMs)) return true;
    this.#subscriptions.drop(subscription);
    this.#events.push({ kind: 'refused', subscription, word, message, requestId, raw });
    return true;
  }

  #checkContract(version: string | null): void {
    const { config, runtime } = this.#options;
    checkContract(version, config.contract, this.origin);
    if (version !== null || this.#isContractMissed) return;
    this.#isContractMissed = true;
    const { origin } = this;
    runtime.logger.warn({ origin }, 'server does not tell its contract: taken for the old one');
  }

  #send(command: Readonly<Record<string, unknown>>): void {
    this.#connection.send(JSON.stringify(command));
  }
}

/** Another contract has other shapes; none told is the old one (reference section 1.3). */
export function checkContract(version: string | null, contract: string, origin: string): void {
  if (version === null || version === contract) return;
  throw new TransientError('source.unsupported', {
    stage: 'sources',
    message: `${origin} answers by the contract ${version}, not ${contract}. Write the one that it has as "contract", if this version of ommer knows it.`,
    context: { origin, contract: version },
  });
}

function commandOf(op: 'subscribe' | 'unsubscribe', subscription: Subscription) {
  const { channel, symbol, intervalMs } = subscription;
  return {
    op,
    channel,
    ...(symbol === null ? {} : { symbol }),
    ...(intervalMs === undefined || op === 'unsubscribe' ? {} : { interval_ms: intervalMs }),
  };
}

/** The key goes into a header where that is possible: addresses end up in logs of others. */
export function credentials(url: string, { apiKey, apiKeyIn, contract }: OxarchiveConfig) {
  const address = new URL(url);
  if (apiKey !== null && apiKeyIn === 'query') address.searchParams.set('apiKey', apiKey);
  address.searchParams.set('version', contract);
  if (apiKey === null || apiKeyIn === 'query') return { url: address.href };
  return { url: address.href, headers: { authorization: `Bearer ${apiKey}` } };
}
