/**
 * One SignalR connection: frames into a bounded queue, calls with their answers, silence noticed, and
 * an ending that says why. It does not reconnect and does not know what the frames mean.
 */
import {
  HttpTransportType,
  type HubConnection,
  HubConnectionBuilder,
  HubConnectionState,
  LogLevel,
} from '@microsoft/signalr';
import { type ClientOptions, WebSocket } from 'ws';
import { withDeadline } from '../model/deadline.ts';
import { TransientError } from '../model/errors.ts';
import type { Clock } from '../model/runtime.ts';
import { BoundedQueue, type QueueLimits } from './bounded-queue.ts';
import { connectionLost, isMessageTooLarge } from './connection-lost.ts';
import type { FrameTap } from './frame-tap.ts';
import { hideSecrets, secretsOf } from './hide-secrets.ts';
import { originOf } from './http.ts';
import { type HubFrame, ListeningHubProtocol } from './hub-protocol.ts';
import { unlessAborted } from './unless-aborted.ts';

/** How the client makes its WebSocket. */
type SocketClass = new (
  url: string,
  protocols: string | string[] | undefined,
  options: ClientOptions,
) => WebSocket;

/** How the connection is opened and watched, and its limits. */
export interface SignalROptions {
  /** `http(s)://`, with its secrets; they go on the wire and nowhere else. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Ask for a connection id first; else the WebSocket is opened at once. */
  readonly negotiate: boolean;
  readonly openTimeoutMs: number;
  /** A server that has sent nothing for so long, pings included, is gone. */
  readonly serverTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly messageBytesMax: number;
  readonly queue: QueueLimits;
  readonly clock: Clock;
  readonly onFrame?: FrameTap | undefined;
}

/**
 * `frames` ends with `source.session_lost` (the server's words or the close code in the message),
 * `transport.frame_too_large` or `transport.queue_overflow`.
 */
export class SignalRConnection {
  readonly origin: string;
  readonly frames: BoundedQueue<HubFrame>;
  readonly #options: SignalROptions;
  readonly #secrets: readonly string[];
  readonly #hub: HubConnection;
  readonly #sockets = new Set<WebSocket>();
  /** The first reason of the end, in words. */
  #ending: string | undefined;

  constructor(options: SignalROptions) {
    this.#options = options;
    this.origin = originOf(options.url);
    this.#secrets = secretsOf(options.url, options.headers);
    this.frames = new BoundedQueue(this.origin, options.queue);
    const protocol = new ListeningHubProtocol({
      nowUs: () => options.clock.nowUs(),
      received: (frame) => this.#take(frame),
      passed: (direction, text) => this.#tell(direction, text),
      closing: (error) => this.#lose(`was closed by the server${this.#closingWords(error)}`),
    });
    const connection = {
      transport: HttpTransportType.WebSockets,
      skipNegotiation: !options.negotiate,
      headers: { ...options.headers },
      timeout: options.openTimeoutMs,
      // An option for Node only, which the declared type therefore lacks.
      WebSocket: this.#socketClass(),
    };
    this.#hub = new HubConnectionBuilder()
      .withUrl(options.url, connection)
      .withHubProtocol(protocol)
      .withServerTimeout(options.serverTimeoutMs)
      .withKeepAliveInterval(options.keepAliveMs)
      .configureLogging(LogLevel.None)
      .build();
    this.#hub.onclose((error) => this.#lose(this.#describe(error)));
  }

  /** Resolves when the hub has answered the handshake; throws `source.unreachable` or the abort's reason. */
  async opened(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    try {
      // The client's own request for a connection id cannot be ended, so it is not waited for.
      await unlessAborted(this.#hub.start(), signal);
    } catch (error) {
      if (signal.aborted) this.#drop();
      signal.throwIfAborted();
      const how = this.#ending ?? this.#describe(error);
      this.#drop();
      throw new TransientError('source.unreachable', {
        stage: 'transport',
        message: `No SignalR connection could be opened to ${this.origin}: it ${how}. Check that the hub runs and can be reached from here.`,
        context: { origin: this.origin },
      });
    }
    signal.throwIfAborted();
  }

  /**
   * Calls a method of the hub and gives its result. Throws `source.unsupported` with the server's
   * words when it refuses, `source.session_lost` when there is no answer in time.
   */
  async call(method: string, args: readonly unknown[], signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted();
    try {
      const answer = unlessAborted(this.#hub.invoke(method, ...args), signal);
      return await withDeadline(answer, {
        clock: this.#options.clock,
        ms: this.#options.openTimeoutMs,
        onTimeout: () => connectionLost(this.origin, `did not answer ${method} in time`),
      });
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof TransientError) throw error;
      if (this.#hub.state !== HubConnectionState.Connected) {
        throw connectionLost(this.origin, this.#ending ?? this.#describe(error));
      }
      throw new TransientError('source.unsupported', {
        stage: 'transport',
        message: `${this.origin} refused ${method}: ${this.#wordsOf(error)}`,
        context: { origin: this.origin, method },
      });
    }
  }

  /** Ends the connection at once and frees its timers. Idempotent; never throws. */
  async close(): Promise<void> {
    this.#lose('was closed by us');
    // While it is opened, its end would wait for the client's own request.
    const isOpening = this.#hub.state === HubConnectionState.Connecting;
    const stopped = this.#hub.stop().catch(() => undefined);
    this.#drop();
    if (!isOpening) await stopped;
  }

  #tell(direction: 'in' | 'out', text: string): void {
    const { clock, onFrame } = this.#options;
    onFrame?.({ kind: 'socket', origin: this.origin, direction, text, atUs: clock.nowUs() });
  }

  #take(frame: HubFrame): void {
    // An overflow ends the queue with its own error; the socket has no further use then.
    if (!this.frames.push(frame, Buffer.byteLength(frame.text))) this.#drop();
  }

  #drop(): void {
    for (const socket of this.#sockets) socket.terminate();
  }

  /** The client's own WebSocket with our limits; kept so that it can be cut at once. */
  #socketClass(): SocketClass {
    const { openTimeoutMs, messageBytesMax } = this.#options;
    const sockets = this.#sockets;
    const lose = (cause: Error) => {
      if (isMessageTooLarge(cause))
        this.#lose(`sent a message of more than ${messageBytesMax} bytes`, true);
    };
    return class extends WebSocket {
      constructor(url: string, protocols: string | string[] | undefined, options: ClientOptions) {
        super(url, protocols ?? [], {
          ...options,
          handshakeTimeout: openTimeoutMs,
          maxPayload: messageBytesMax,
          perMessageDeflate: false,
          followRedirects: false,
        });
        sockets.add(this);
        this.on('close', () => sockets.delete(this));
        this.on('error', lose);
      }
    };
  }

  #lose(how: string, isTooLarge = false): void {
    this.#ending ??= how;
    this.frames.end(connectionLost(this.origin, how, { isTooLarge }));
  }

  #describe(error: unknown): string {
    if (error === undefined) return 'was closed';
    const words = this.#wordsOf(error);
    const close = /WebSocket closed with status code: (\d+) \((.*)\)/.exec(words);
    if (close) return `was closed with code ${close[1]} (${close[2]})`;
    if (/Server timeout elapsed/.test(words)) {
      return `has sent nothing for ${this.#options.serverTimeoutMs} ms`;
    }
    return `failed: ${words}`;
  }

  /** The client's messages can hold the URL, and a URL can hold a key; the server's can hold both. */
  #wordsOf(error: unknown): string {
    const words = error instanceof Error ? error.message : String(error);
    const isAddress = /\b(?:https?|wss?):\/\/[^\s'"]+/g;
    return hideSecrets(words.replaceAll(isAddress, this.origin), this.#secrets).slice(0, 500);
  }

  #closingWords(error: string | undefined): string {
    return error === undefined ? '' : ` (${this.#wordsOf(error).slice(0, 200)})`;
  }
}
