/** A client of `/ws/blocks` without any protocol of its own: frames as they came. */
import { WebSocket } from 'ws';

/** A frame of the stream. */
export interface Frame {
  readonly type: string;
  readonly block: Readonly<Record<string, unknown>> & { readonly number: number };
}

const deadlineMs = 20_000;

/** Frames of one socket. */
export class RawStream {
  /** Resolves with code and reason. */
  readonly closed: Promise<readonly [code: number, reason: string]>;
  readonly socket: WebSocket;
  readonly #messages: (readonly [text: string, isBinary: boolean])[] = [];
  #wake: () => void = () => undefined;

  private constructor(url: string) {
    this.socket = new WebSocket(url, { perMessageDeflate: false });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve([code, String(reason)]));
    });
    this.socket.on('error', () => undefined);
    this.socket.on('message', (data, isBinary) => {
      this.#messages.push([String(data), isBinary]);
      this.#wake();
    });
  }

  /** Opens the socket. */
  static async open(url: string): Promise<RawStream> {
    const stream = new RawStream(url);
    await new Promise((resolve, reject) => {
      stream.socket.once('open', resolve);
      stream.socket.once('error', reject);
    });
    return stream;
  }

  /** Messages that came and were not taken. */
  get waiting(): number {
    return this.#messages.length;
  }

  /** The next message and whether it was binary. */
  async next(): Promise<readonly [text: string, isBinary: boolean]> {
    for (;;) {
      const message = this.#messages.shift();
      if (message !== undefined) return message;
      await this.#arrival();
    }
  }

  /** The next frames. */
  async take(count: number): Promise<readonly Frame[]> {
    const frames: Frame[] = [];
    while (frames.length < count) {
      const [text] = await this.next();
      frames.push(JSON.parse(text));
    }
    return frames;
  }

  /** The next frames as `type number`. */
  async steps(count: number): Promise<readonly string[]> {
    return (await this.take(count)).map(({ type, block }) => `${type} ${block.number}`);
  }

  /** Ends the socket. */
  close(): void {
    this.socket.terminate();
  }

  #arrival(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('No frame in time.')), deadlineMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
