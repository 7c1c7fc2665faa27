/**
 * Tells the session when to look at the chain: a new head announced over WebSocket, or time to poll.
 * Announcements are hints; nothing is believed because of them.
 */
import { TransientError } from '../../model/errors.ts';
import type { Clock } from '../../model/runtime.ts';
import type { Frame } from '../../transport/frame.ts';
import { WebSocketConnection } from '../../transport/websocket.ts';
import type { SourceRuntime } from '../source.ts';
import type { EvmConfig } from './config.ts';
import { isUsableRef } from './node.ts';
import { isQuantity } from './quantity.ts';
import { isObject } from './wire.ts';

/** A header as a hint: only what all clients send. */
export interface AnnouncedHead {
  readonly height: number;
  readonly hash: string;
  readonly parentHash: string;
}

/** Why the session wakes up. Of several announced heads only the newest counts. */
export type Wake =
  | { readonly kind: 'announced'; readonly head: AnnouncedHead; readonly receivedAtUs: number }
  | { readonly kind: 'poll' }
  | { readonly kind: 'malformed'; readonly frame: Frame; readonly reason: string };

const pingIntervalMs = 20_000;
const messageBytesMax = 16 * 1024 * 1024;
/** A subscription this silent, in time and in blocks, is taken for dead. */
const silentMinMs = 60_000;
const silentBlocksMax = 10;
const queue = { itemsMax: 10_000, bytesMax: 64 * 1024 * 1024 };

/** Opens the subscription on the first endpoint that takes it; throws the last one's error. */
export async function openHeadWatcher(
  config: EvmConfig,
  { clock, onFrame }: Pick<SourceRuntime, 'clock' | 'onFrame'>,
  signal: AbortSignal,
): Promise<HeadWatcher> {
  let last: unknown;
  for (const url of config.ws) {
    const connection = new WebSocketConnection({
      url,
      openTimeoutMs: config.requestTimeoutMs,
      pingIntervalMs,
      messageBytesMax,
      queue,
      clock,
      onFrame,
    });
    try {
      await connection.opened(signal);
      const watcher = new HeadWatcher(clock, connection);
      await watcher.subscribe(config.requestTimeoutMs, signal);
      return watcher;
    } catch (error) {
      connection.close();
      signal.throwIfAborted();
      last = error;
    }
  }
  throw last;
}

/** With or without a connection; one reader. */
export class HeadWatcher {
  readonly #clock: Clock;
  readonly #connection: WebSocketConnection | undefined;
  #early: Wake[] = [];
  #announcedAtMs: number;
  #blocksUnannounced = 0;

  constructor(clock: Clock, connection?: WebSocketConnection) {
    this.#clock = clock;
    this.#connection = connection;
    this.#announcedAtMs = clock.nowMs();
  }

  get isSubscribed(): boolean {
    return this.#connection !== undefined;
  }

  /** Subscribes and waits for the confirmation; heads that come before it are kept. */
  async subscribe(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return;
    const request = { jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] };
    connection.send(JSON.stringify(request));
    const untilMs = this.#clock.nowMs() + timeoutMs;
    while (!this.#confirmed(connection)) {
      const leftMs = untilMs - this.#clock.nowMs();
      if (leftMs <= 0) throw refused(connection.origin, 'it did not answer in time');
      await this.#wait(leftMs, signal);
    }
  }

  /** Reads what is there now; true when the confirmation was among it. */
  #confirmed(connection: WebSocketConnection): boolean {
    for (;;) {
      const frame = connection.frames.take();
      if (frame === undefined) return false;
      const answer = parseFrame(frame);
      if (isObject(answer) && answer['id'] === 1) {
        if (typeof answer['result'] === 'string') return true;
        throw refused(connection.origin, JSON.stringify(answer['error'] ?? answer).slice(0, 200));
      }
      const wake = readWake(answer, frame);
      if (wake !== undefined) this.#early.push(wake);
    }
  }

  /**
   * The next reason to look, at the latest after `pollMs`. Throws the connection's ending when it
   * is lost, and the signal's reason on abort.
   */
  async next(pollMs: number, signal: AbortSignal): Promise<Wake> {
    const waiting = this.#takeNewest();
    if (waiting !== undefined) return waiting;
    await this.#wait(pollMs, signal);
    return this.#takeNewest() ?? { kind: 'poll' };
  }

  /**
   * A poll found blocks that were not announced. Throws `source.session_lost` when that goes on: the
   * socket is open, but its subscription is dead.
   */
  found(blocks: number, blockTimeMs: number): void {
    if (this.#connection === undefined) return;
    this.#blocksUnannounced += blocks;
    const silentMs = this.#clock.nowMs() - this.#announcedAtMs;
    const isDead =
      this.#blocksUnannounced >= silentBlocksMax &&
      silentMs > Math.max(silentMinMs, silentBlocksMax * blockTimeMs);
    if (!isDead) return;
    throw new TransientError('source.session_lost', {
      stage: 'sources',
      message: `${this.#connection.origin} has announced nothing for ${silentMs} ms while its chain grew by ${this.#blocksUnannounced} blocks. A new session will subscribe again.`,
      context: { origin: this.#connection.origin, silentMs },
    });
  }

  close(): void {
    this.#connection?.close();
  }

  /** A malformed frame is handed out by itself, so that each one gets its dead letter. */
  #takeNewest(): Wake | undefined {
    let newest: Wake | undefined;
    for (;;) {
      const wake = this.#early.shift() ?? this.#takeFrame();
      if (wake === undefined) return newest;
      if (wake.kind === 'announced') {
        this.#announcedAtMs = this.#clock.nowMs();
        this.#blocksUnannounced = 0;
      }
      if (wake.kind === 'malformed') {
        if (newest !== undefined) this.#early.unshift(newest);
        return wake;
      }
      newest = wake;
    }
  }

  #takeFrame(): Wake | undefined {
    for (;;) {
      const frame = this.#connection?.frames.take();
      if (frame === undefined) return undefined;
      const wake = readWake(parseFrame(frame), frame);
      if (wake !== undefined) return wake;
    }
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const timer = new AbortController();
    const abort = () => timer.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const slept = this.#clock.sleep(ms, timer.signal).catch(() => undefined);
      const ready = this.#connection?.frames.ready();
      await (ready === undefined ? slept : Promise.race([slept, ready]));
    } finally {
      signal.removeEventListener('abort', abort);
      timer.abort();
    }
    signal.throwIfAborted();
  }
}

function parseFrame(frame: Frame): unknown {
  try {
    return JSON.parse(frame.bytes.toString('utf8'));
  } catch {
    // Not JSON: `undefined` is no JSON value, so the caller can tell.
    return undefined;
  }
}

/** Undefined for frames that are fine but say nothing about heads. */
function readWake(message: unknown, frame: Frame): Wake | undefined {
  if (message === undefined) return { kind: 'malformed', frame, reason: 'is not JSON' };
  if (!isObject(message)) return { kind: 'malformed', frame, reason: 'is not an object' };
  if (message['method'] !== 'eth_subscription') return undefined;
  const { params } = message;
  const header = isObject(params) ? params['result'] : undefined;
  const hash = isObject(header) ? header['hash'] : undefined;
  const parentHash = isObject(header) ? header['parentHash'] : undefined;
  const number = isObject(header) ? header['number'] : undefined;
  const height = isQuantity(number) ? Number(number) : -1;
  if (!isUsableRef(height, hash) || !isUsableRef(height, parentHash)) {
    return { kind: 'malformed', frame, reason: 'is a notification without a usable header' };
  }
  const head = { height, hash, parentHash };
  return { kind: 'announced', head, receivedAtUs: frame.receivedAtUs };
}

function refused(origin: string, why: string): TransientError {
  return new TransientError('source.unsupported', {
    stage: 'sources',
    message: `${origin} did not accept a subscription to newHeads: ${why}. Use another WebSocket endpoint, or none: the head is then polled.`,
    context: { origin },
  });
}
