/** The sending side of one socket: frames as text, held back or silenced where a fault says so. */
import type { WebSocket } from 'ws';
import { waitOut } from '../../simulator/faults.ts';
import type { Item } from '../../simulator/json.ts';
import type { Failure } from '../failure.ts';
import type { Faults } from '../faults.ts';
import { errorFrame } from './frames.ts';

/** What sending needs to know. */
export interface OutletOptions {
  /** Errors without a code. */
  readonly isLegacy: boolean;
  readonly faults: Faults;
  /** A reader so far behind is disconnected. */
  readonly bufferedBytesMax: number;
  /** Called with each frame that goes out. */
  onSent(text: string): void;
}

/** Sends. */
export class Outlet {
  readonly #socket: WebSocket;
  readonly #options: OutletOptions;
  #frozen: (() => void)[] = [];

  constructor(socket: WebSocket, options: OutletOptions) {
    this.#socket = socket;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  /** True when the reader is so far behind that live rows of Lighter are dropped. */
  get isBehind(): boolean {
    return this.#socket.bufferedAmount > this.#options.bufferedBytesMax / 4;
  }

  /** Sends a frame, unless a fault keeps the socket silent. A slow reader is cut. */
  send(text: string): void {
    this.#transmit(() => {
      this.#options.onSent(text);
      this.#socket.send(text);
    });
  }

  sendItem(frame: Item): void {
    this.send(JSON.stringify(frame));
  }

  sendBinary(text: string): void {
    this.#transmit(() => {
      this.#options.onSent(text);
      this.#socket.send(Buffer.from(text), { binary: true });
    });
  }

  /** Sends an error. */
  refuse(failure: Failure): void {
    this.sendItem(errorFrame(failure, this.#options.isLegacy));
  }

  /** Sends a ping frame, unless a fault keeps the socket silent. */
  ping(): void {
    const { faults } = this.#options;
    const isSilent = faults.has('mute') || faults.has('no-pings') || faults.has('freeze');
    if (this.isOpen && !isSilent) this.#socket.ping();
  }

  /** Resolves when what was sent so far has left this process, or when the socket is gone. */
  async flushed(): Promise<void> {
    while (this.isOpen && this.#socket.bufferedAmount > 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
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

  /** Sends what a fault kept back. */
  thaw(): void {
    const frozen = this.#frozen;
    this.#frozen = [];
    for (const write of frozen) this.#transmit(write);
  }

  #transmit(write: () => void): void {
    const { faults, bufferedBytesMax } = this.#options;
    if (!this.isOpen || faults.has('mute')) return;
    if (this.#frozen.length > 0 || faults.has('freeze')) {
      this.#freeze(write);
      return;
    }
    write();
    if (this.#socket.bufferedAmount > bufferedBytesMax) this.kill();
  }

  #freeze(write: () => void): void {
    this.#frozen.push(write);
    if (this.#frozen.length > 1) return;
    const fault = this.#options.faults.take('freeze');
    if (fault?.request.delayMs === undefined) return;
    void waitOut(fault).then(() => fault.clear());
  }
}
