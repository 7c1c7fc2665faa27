/** One socket of `/ws/blocks`: frames out, keep-alive by unsolicited pongs, a limit for slow ones. */
import type { WebSocket } from 'ws';
import type { Faults } from '../faults.ts';

/** Timers of the server. */
export interface StreamTiming {
  /** How often an unsolicited pong goes out; the server never pings. */
  readonly keepAliveMs: number;
  /** A client that does not take a frame for this long is dropped. */
  readonly sendTimeoutMs: number;
}

/** The server's own. */
export const defaultTiming: StreamTiming = { keepAliveMs: 30_000, sendTimeoutMs: 5_000 };

/** A connected client. */
export class StreamClient {
  readonly #socket: WebSocket;
  readonly #faults: Faults;
  readonly #timing: StreamTiming;
  readonly #keepAlive: NodeJS.Timeout;

  /** What a client sends is read and thrown away. */
  constructor(socket: WebSocket, faults: Faults, timing: StreamTiming) {
    this.#socket = socket;
    this.#faults = faults;
    this.#timing = timing;
    this.#keepAlive = setInterval(() => this.#pong(), timing.keepAliveMs).unref();
    socket.on('message', () => undefined);
    socket.on('ping', (data) => this.#pong(data));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => clearInterval(this.#keepAlive));
    this.listen();
  }

  /** Sends one message; drops the client when it does not take it in time. */
  send(message: string | Buffer): void {
    if (this.#faults.has('mute') || this.#socket.readyState !== this.#socket.OPEN) return;
    const late = setTimeout(() => this.drop(), this.#timing.sendTimeoutMs).unref();
    this.#socket.send(message, () => clearTimeout(late));
  }

  /** Reads, unless the fault `mute` makes it deaf. */
  listen(): void {
    if (this.#faults.has('mute')) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Ends the socket without a close frame; the client sees 1006. */
  drop(): void {
    this.#socket.terminate();
  }

  /** Sends half of the text as an unfinished message, then ends the socket. */
  cut(text: string): void {
    const half = text.slice(0, text.length / 2);
    this.#socket.send(half, { fin: false }, () => this.#socket.terminate());
  }

  #pong(data?: Buffer): void {
    if (this.#faults.has('mute') || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#socket.pong(data);
  }
}
