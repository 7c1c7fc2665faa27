/**
 * One WebSocket connection: frames into a bounded queue, a ping that notices a dead peer, and an
 * ending that says why. It does not reconnect and does not know what the frames mean.
 */
import { WebSocket } from 'ws';
import { TransientError } from '../model/errors.ts';
import type { Clock } from '../model/runtime.ts';
import { BoundedQueue, type QueueLimits } from './bounded-queue.ts';
import { connectionLost, isMessageTooLarge } from './connection-lost.ts';
import type { Frame } from './frame.ts';
import type { FrameTap } from './frame-tap.ts';
import { hideSecrets, secretsOf } from './hide-secrets.ts';
import { originOf } from './http.ts';

/** How the connection is opened and watched, and its limits. */
export interface WebSocketOptions {
  /** With its secrets; they go on the wire and nowhere else. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly openTimeoutMs: number;
  /** A ping goes out this often; a peer that has not answered by the next one is gone. */
  readonly pingIntervalMs: number;
  /**
   * A peer that has sent neither a message nor a ping of its own for so long is gone, although it
   * answers ours. Without it only unanswered pings end the connection.
   */
  readonly silenceMaxMs?: number;
  readonly messageBytesMax: number;
  /** Offers the server to compress messages (permessage-deflate); without it none are. */
  readonly isCompressed?: boolean;
  readonly queue: QueueLimits;
  /** Called whenever `frames` has something new. */
  readonly onReady?: () => void;
  readonly clock: Clock;
  readonly onFrame?: FrameTap | undefined;
}

/**
 * An open connection. `frames` ends with `source.session_lost` (close code and reason in the
 * message, the code as `closeCode` in the context), `transport.frame_too_large` or
 * `transport.queue_overflow`.
 */
export class WebSocketConnection {
  readonly origin: string;
  readonly frames: BoundedQueue<Frame>;
  readonly #socket: WebSocket;
  readonly #options: WebSocketOptions;
  readonly #closing = new AbortController();
  #isAlive = true;
  #heardAtMs: number;
  /** What the handshake failed with, for who wants to tell one failure from another. */
  #refusal: { readonly status?: number; readonly failure?: string } = {};

  constructor(options: WebSocketOptions) {
    this.#options = options;
    this.#heardAtMs = options.clock.nowMs();
    this.origin = originOf(options.url);
    this.frames = new BoundedQueue(this.origin, options.queue, options.onReady);
    this.#socket = new WebSocket(options.url, {
      handshakeTimeout: options.openTimeoutMs,
      maxPayload: options.messageBytesMax,
      perMessageDeflate: options.isCompressed ?? false,
      followRedirects: false,
      ...(options.headers === undefined ? {} : { headers: options.headers }),
    });
    // Listening starts before the handshake, so that no frame can slip through.
    this.#socket.on('message', (data: Buffer) => this.#take(data));
    this.#socket.on('pong', () => {
      this.#isAlive = true;
    });
    this.#socket.on('ping', () => this.#heard());
    this.#socket.on('error', (error) => {
      this.#refusal = refusalOf(error);
      this.#lose(describe(error), { cause: error });
    });
    this.#socket.on('close', (closeCode, reason) => {
      const secrets = secretsOf(options.url, options.headers);
      const words = hideSecrets(reason.toString('utf8'), secrets).slice(0, 200);
      const how = `closed with code ${closeCode}${words === '' ? '' : ` (${words})`}`;
      this.#lose(how, { closeCode });
      this.#closing.abort();
    });
  }

  /**
   * Resolves when the connection is open; throws the abort's reason or `source.unreachable`, with the
   * HTTP `status` or the `failure` of the network in its context.
   */
  async opened(signal: AbortSignal): Promise<void> {
    const closed = this.#closing.signal;
    await new Promise<void>((resolve, reject) => {
      const settle = (outcome: () => void) => () => {
        signal.removeEventListener('abort', abort);
        closed.removeEventListener('abort', fail);
        outcome();
      };
      const abort = settle(() => {
        this.close();
        reject(signal.reason);
      });
      const fail = settle(() => reject(this.#unreachable()));
      signal.addEventListener('abort', abort, { once: true });
      closed.addEventListener('abort', fail, { once: true });
      this.#socket.once('open', settle(resolve));
      if (signal.aborted) abort();
    });
    void this.#watch();
  }

  /** Sends one text frame. What cannot be sent shows as the end of `frames`. */
  send(text: string): void {
    this.#tell('out', text);
    this.#socket.send(text, (error) => {
      // A peer that is closing has yet to say why.
      if (!error || this.#socket.readyState === WebSocket.CLOSING) return;
      this.#lose('could not be written to', { cause: error });
    });
  }

  /** Ends the connection at once. Idempotent. */
  close(): void {
    this.#lose('was closed by us');
    this.#closing.abort();
    this.#socket.terminate();
  }

  #take(data: Buffer): void {
    const receivedAtUs = this.#options.clock.nowUs();
    this.#heard();
    if (this.#options.onFrame !== undefined) this.#tell('in', data.toString('utf8'));
    // An overflow ends the queue with its own error; the socket has no further use then.
    if (!this.frames.push({ bytes: data, receivedAtUs }, data.length)) this.#socket.terminate();
  }

  #heard(): void {
    this.#isAlive = true;
    this.#heardAtMs = this.#options.clock.nowMs();
  }

  #tell(direction: 'in' | 'out', text: string): void {
    const { clock, onFrame } = this.#options;
    onFrame?.({ kind: 'socket', origin: this.origin, direction, text, atUs: clock.nowUs() });
  }

  async #watch(): Promise<void> {
    const { clock, pingIntervalMs, silenceMaxMs = Number.POSITIVE_INFINITY } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      this.#isAlive = false;
      this.#socket.ping();
      try {
        await clock.sleep(pingIntervalMs, signal);
      } catch {
        // The only way a sleep fails is that the connection is closing.
        return;
      }
      const silentMs = clock.nowMs() - this.#heardAtMs;
      if (!this.#isAlive) this.#lose(`did not answer a ping within ${pingIntervalMs} ms`);
      else if (silentMs >= silenceMaxMs) this.#lose(`was silent for ${silentMs} ms`);
      else continue;
      this.#socket.terminate();
    }
  }

  #lose(how: string, why: { readonly cause?: Error; readonly closeCode?: number } = {}): void {
    const { cause, closeCode } = why;
    this.frames.end(
      connectionLost(this.origin, how, { isTooLarge: isMessageTooLarge(cause), closeCode }),
    );
  }

  #unreachable(): TransientError {
    let reason = 'unknown failure';
    try {
      this.frames.take();
    } catch (error) {
      reason = error instanceof Error ? error.message : reason;
    }
    return new TransientError('source.unreachable', {
      stage: 'transport',
      message: `No WebSocket could be opened to ${this.origin}: ${reason}`,
      context: { origin: this.origin, ...this.#refusal },
    });
  }
}

function refusalOf(error: Error): { readonly status?: number; readonly failure?: string } {
  const status = statusIn(error);
  if (status !== undefined) return { status };
  return 'code' in error ? { failure: String(error.code) } : {};
}

function statusIn(error: Error): number | undefined {
  const status = /Unexpected server response: (\d+)/.exec(error.message)?.[1];
  return status === undefined ? undefined : Number(status);
}

/** The library's messages can hold the URL's path, so only codes and HTTP statuses are shown. */
function describe(error: Error): string {
  const status = statusIn(error);
  if (status !== undefined) return `was refused with HTTP ${status}`;
  if ('code' in error) return `failed with ${String(error.code)}`;
  return /timed out/i.test(error.message) ? 'was not opened in time' : `failed with ${error.name}`;
}
