/** A client of the 0xArchive socket without a library: it shows each frame as it came. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { defaultKey } from '../../../src/devnet/oxarchive/access.ts';
import { type Item, isItem } from '../../../src/devnet/simulator/json.ts';

const deadlineMs = 20_000;

/** How to connect. */
export interface RawOptions {
  /** null = no header. */
  readonly key?: string | null;
  /** null = the old contract. */
  readonly version?: string | null;
  readonly autoPong?: boolean;
}

/** Frames of one socket. */
export class RawSocket {
  readonly #closed: Promise<readonly [code: number, reason: string]>;
  readonly #socket: WebSocket;
  readonly #frames: string[] = [];
  #pings = 0;
  #binary = 0;
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => resolve([code, String(reason)]));
    });
    socket.on('message', (data, isBinary) => {
      if (isBinary) this.#binary += 1;
      this.#frames.push(String(data));
      this.#wake();
    });
    socket.on('ping', () => {
      this.#pings += 1;
      this.#wake();
    });
    socket.on('error', () => undefined);
    void this.#closed.then(() => this.#wake());
  }

  /** Opens a socket; rejects with the text of a refused upgrade. */
  static async open(url: string, options: RawOptions = {}): Promise<RawSocket> {
    const { key = defaultKey, version = '2026-10-01', autoPong = true } = options;
    const headers = key === null ? {} : { authorization: `Bearer ${key}` };
    const target = new URL(url);
    if (version !== null) target.searchParams.set('version', version);
    const socket = new WebSocket(target, { headers, autoPong, maxPayload: 128 * 1024 * 1024 });
    const raw = new RawSocket(socket);
    await once(socket, 'open', { signal: AbortSignal.timeout(deadlineMs) });
    return raw;
  }

  get pings(): number {
    return this.#pings;
  }

  get binaryFrames(): number {
    return this.#binary;
  }

  /** What the server and this client agreed on. */
  get extensions(): string {
    return this.#socket.extensions;
  }

  sendRaw(text: string): void {
    this.#socket.send(text);
  }

  send(request: Item): void {
    this.sendRaw(JSON.stringify(request));
  }

  /** Asks and returns the next frame. */
  async ask(request: Item): Promise<Item> {
    this.send(request);
    return this.nextItem();
  }

  /** Subscribes; throws when the next frame is not the acknowledgement. */
  async subscribe(channel: string, symbol?: string, options: Item = {}): Promise<void> {
    const named = symbol === undefined ? {} : { symbol };
    const answer = await this.ask({ op: 'subscribe', channel, ...named, ...options });
    if (answer['type'] !== 'subscribed' || answer['channel'] !== channel) {
      throw new Error(`Expected an acknowledgement, got ${JSON.stringify(answer)}.`);
    }
  }

  /** The next frame; throws after a deadline. */
  async next(): Promise<string> {
    await this.#until(() => this.#frames.length > 0, 'frame');
    return String(this.#frames.shift());
  }

  /** The next frame, parsed. */
  async nextItem(): Promise<Item> {
    const item: unknown = JSON.parse(await this.next());
    if (isItem(item)) return item;
    throw new Error(`Expected an object, got ${JSON.stringify(item)}.`);
  }

  /** Frames up to the first of a type, which is the last. */
  async through(type: string): Promise<readonly Item[]> {
    const items: Item[] = [];
    for (;;) {
      const item = await this.nextItem();
      items.push(item);
      if (item['type'] === type) return items;
    }
  }

  /** Everything that was sent so far: the answer to a ping comes behind it. */
  async drain(): Promise<readonly Item[]> {
    this.send({ op: 'ping' });
    return (await this.through('pong')).slice(0, -1);
  }

  async untilPings(count: number): Promise<void> {
    await this.#until(() => this.#pings >= count, `${count} pings`);
  }

  /** The close code and its reason; throws after a deadline. */
  async whenClosed(): Promise<readonly [code: number, reason: string]> {
    const deadline = AbortSignal.timeout(deadlineMs);
    return new Promise((resolve, reject) => {
      deadline.onabort = () => reject(new Error(`Still open after ${deadlineMs} ms.`));
      void this.#closed.then(resolve);
    });
  }

  /** Reads nothing any more. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.terminate();
  }

  async #until(isReached: () => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(deadlineMs);
    while (!isReached()) {
      if (deadline.aborted) throw new Error(`No ${what} came in ${deadlineMs} ms.`);
      if (this.#socket.readyState === this.#socket.CLOSED) throw new Error(`Closed, no ${what}.`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        deadline.onabort = () => resolve();
      });
    }
  }
}
