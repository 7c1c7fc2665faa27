/**
 * One connection of the hub: handshake, pings, one invocation after the other, and frames out. What
 * the methods do is the hub's matter.
 */
import type { WebSocket } from 'ws';
import type { Item } from '../../simulator/json.ts';
import type { Faults } from '../faults.ts';
import { frame, frameType, parseFrames, recordSeparator } from './frames.ts';
import type { Subscription } from './subscription.ts';

/** Timers and sizes of the server. */
export interface HubTiming {
  /** A ping goes out when nothing else did for this long. */
  readonly pingMs: number;
  /** A client that sent nothing for this long is closed. */
  readonly clientTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  /** A client that takes nothing for this long is cut off. */
  readonly slowReaderMs: number;
}

/** The server's own. */
export const defaultTiming: HubTiming = {
  pingMs: 10_000,
  clientTimeoutMs: 30_000,
  handshakeTimeoutMs: 15_000,
  slowReaderMs: 10_000,
};

/** What a connection needs of the hub. */
export interface ConnectionOptions {
  readonly id: string;
  readonly timing: HubTiming;
  readonly faults: Faults;
  /** After the handshake; a text refuses the connection. */
  onOpen(): string | undefined;
  /** A call; the answer is sent by whoever takes it, before it resolves. */
  onInvocation(message: Item): Promise<void>;
  onGone(): void;
}

const messageBytesMax = 32 * 1024;
/** The server writes big messages in segments of its buffer. */
const segmentBytes = 4096;
const bufferedBytesMax = 64 * 1024;

/** A connection. */
export class HubConnection {
  readonly id: string;
  /** By channel. */
  readonly subscriptions = new Map<string, Subscription>();
  /** Set once by `SubscribeToCycles`. */
  cycleDelay: number | undefined;
  readonly #socket: WebSocket;
  readonly #options: ConnectionOptions;
  #isReady = false;
  #glued: string[] | undefined;
  #turn: Promise<void> = Promise.resolve();
  #ping: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout;
  #blocked: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.id = options.id;
    this.#socket = socket;
    this.#options = options;
    const { handshakeTimeoutMs } = options.timing;
    this.#silence = setTimeout(() => socket.terminate(), handshakeTimeoutMs).unref();
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => this.#end());
  }

  /** True after the handshake, while the socket is open. */
  get isOpen(): boolean {
    return this.#isReady && this.#socket.readyState === this.#socket.OPEN;
  }

  /** Sends a frame, with its end mark unless the caller left it out on purpose. */
  send(text: string): void {
    if (this.#options.faults.has('mute')) return;
    if (this.#glued !== undefined) {
      this.#glued.push(text);
    } else if (this.#options.faults.has('glue')) {
      this.#glued = [text];
      setImmediate(() => this.#unglue());
    } else {
      this.#write(text);
    }
  }

  /** Sends a close frame and closes the socket. */
  close(message: { readonly error?: string; readonly allowReconnect?: boolean } = {}): void {
    const { error, allowReconnect } = message;
    this.send(frame({ type: frameType.close, error, allowReconnect }));
    this.#unglue();
    this.#socket.close(1000);
  }

  /** Closes the socket in an orderly way, without a close frame of the hub. */
  closeSocket(code: number): void {
    this.#socket.close(code);
  }

  /** Ends the socket at once; the client sees 1006. */
  kill(): void {
    this.#socket.terminate();
  }

  /** Sends half of the text as an unfinished WebSocket message, then ends the socket. */
  cut(text: string): void {
    const half = text.slice(0, text.length / 2);
    this.#socket.send(half, { fin: false }, () => this.#socket.terminate());
  }

  #unglue(): void {
    const glued = this.#glued;
    this.#glued = undefined;
    if (glued !== undefined) this.#write(glued.join(''));
  }

  #write(text: string): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const bytes = Buffer.from(text, 'utf8');
    for (let start = 0; start < bytes.length; start += segmentBytes) {
      const end = start + segmentBytes;
      this.#socket.send(bytes.subarray(start, end), { binary: false, fin: end >= bytes.length });
    }
    this.#ping?.refresh();
    this.#watchReader();
  }

  /** The reader has a time limit to bring the buffer below its bound. */
  #watchReader(): void {
    if (this.#blocked !== undefined || this.#socket.bufferedAmount <= bufferedBytesMax) return;
    this.#blocked = setTimeout(() => {
      this.#blocked = undefined;
      if (this.#socket.bufferedAmount > bufferedBytesMax) this.#socket.terminate();
    }, this.#options.timing.slowReaderMs).unref();
  }

  #receive(text: string): void {
    if (this.#options.faults.has('mute')) return;
    if (Buffer.byteLength(text) > messageBytesMax) {
      const error = `Connection closed with an error. InvalidDataException: The maximum message size of ${messageBytesMax}B was exceeded. The message size can be configured in AddHubOptions.`;
      this.close({ error, allowReconnect: true });
      return;
    }
    const frames = parseFrames(text);
    if (frames === undefined) {
      const error = 'Connection closed with an error. InvalidDataException: Error reading JSON.';
      this.close({ error, allowReconnect: true });
      return;
    }
    this.#silence.refresh();
    for (const message of frames) {
      if (this.#isReady) this.#accept(message);
      else this.#shakeHands(message);
    }
  }

  #shakeHands(message: Item): void {
    const { protocol, version } = message;
    const fault = this.#options.faults.take('handshake-error');
    const refusal =
      fault !== undefined
        ? (fault.request.text ?? 'The handshake was refused.')
        : protocol !== 'json' || version !== 1
          ? `The protocol '${String(protocol)}' is not supported.`
          : undefined;
    if (refusal !== undefined) {
      this.send(`${JSON.stringify({ error: refusal })}${recordSeparator}`);
      this.#socket.close(1000);
      return;
    }
    this.#isReady = true;
    this.send(`{}${recordSeparator}`);
    this.#startTimers();
    const error = this.#options.onOpen();
    if (error !== undefined) this.close({ error });
  }

  #startTimers(): void {
    const { pingMs, clientTimeoutMs } = this.#options.timing;
    clearTimeout(this.#silence);
    const tooSilent = (): void => this.close({ allowReconnect: true });
    this.#silence = setTimeout(tooSilent, clientTimeoutMs).unref();
    const ping = (): void => {
      this.send(frame({ type: frameType.ping }));
      this.#ping?.refresh();
    };
    this.#ping = setTimeout(ping, pingMs).unref();
  }

  #accept(message: Item): void {
    if (message['type'] === frameType.close) this.#socket.close(1000);
    if (message['type'] !== frameType.invocation) return;
    this.#turn = this.#turn.then(() => this.#options.onInvocation(message));
  }

  #end(): void {
    clearTimeout(this.#ping);
    clearTimeout(this.#silence);
    clearTimeout(this.#blocked);
    this.#options.onGone();
  }
}
