/** A client of the BlockDB stream without a library: it shows each frame as it came. */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { defaultKey } from '../../../src/devnet/blockdb/access.ts';
import { type Item, isItem } from '../../../src/devnet/simulator/json.ts';

const deadlineMs = 20_000;

/** How to connect. */
export interface RawOptions {
  /** null = no header. */
  readonly key?: string | null;
  readonly autoPong?: boolean;
}

/** Frames of one raw connection. */
export class RawStream {
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
  }

  /** Opens a connection; rejects with the text of a refused upgrade. */
  static async open(url: string, { key = defaultKey, autoPong = true }: RawOptions = {}) {
    const headers = key === null ? {} : { authorization: `Bearer ${key}` };
    const socket = new WebSocket(url, { headers, autoPong });
    const stream = new RawStream(socket);
    await once(socket, 'open', { signal: AbortSignal.timeout(deadlineMs) });
    return stream;
  }

  get pings(): number {
    return this.#pings;
  }

  get binaryFrames(): number {
    return this.#binary;
  }

  /** Sends text as it is. */
  sendRaw(text: string): void {
    this.#socket.send(text);
  }

  /** Asks and returns the next frame. */
  async ask(request: Item): Promise<string> {
    this.sendRaw(JSON.stringify(request));
    return this.next();
  }

  /** Subscribes; throws when the next frame is not the acknowledgement. */
  async subscribe(dataset: string, params: Item = {}): Promise<void> {
    const ack = { action: 'subscribe', chain_id: 1, dataset_id: dataset };
    const answer = await this.ask({ ...ack, params });
    const expected = JSON.stringify({ ...ack, status: 'success' });
    if (answer !== expected) throw new Error(`Expected ${expected}, got ${answer}.`);
  }

  /** The next frame; throws after a deadline. */
  async next(): Promise<string> {
    await this.#until(() => this.#frames.length > 0, 'a frame');
    return String(this.#frames.shift());
  }

  /** The next frames, parsed. */
  async take(count: number): Promise<readonly Item[]> {
    const items: Item[] = [];
    while (items.length < count) {
      const item: unknown = JSON.parse(await this.next());
      items.push(isItem(item) ? item : { array: item as Item[] });
    }
    return items;
  }

  /** Everything that was sent so far: a refused request comes back behind it. */
  async drain(): Promise<readonly Item[]> {
    this.sendRaw('drain');
    const items: Item[] = [];
    for (;;) {
      const [item = {}] = await this.take(1);
      if (item['error'] !== undefined && item['action'] === undefined) return items;
      items.push(item);
    }
  }

  /** Waits until so many pings came. */
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

  /** Reads again. */
  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.terminate();
  }

  async #until(isReached: () => boolean, what: string): Promise<void> {
    const deadline = AbortSignal.timeout(deadlineMs);
    while (!isReached()) {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        deadline.onabort = () => reject(new Error(`No ${what} came in ${deadlineMs} ms.`));
        void this.#closed.then(([code]) =>
          reject(new Error(`Closed with ${code} before ${what}.`)),
        );
      });
    }
  }
}
