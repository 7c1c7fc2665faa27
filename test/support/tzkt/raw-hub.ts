/** A hub client without a library: it shows each frame, and each WebSocket message, as they came. */
import { WebSocket } from 'ws';

const separator = '\u001e';
const deadlineMs = 20_000;

/** Frames of one raw connection. */
export class RawHub {
  /** WebSocket messages as they came. */
  readonly messages: string[] = [];
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  readonly #frames: string[] = [];
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      socket.on('close', resolve);
    });
    socket.on('message', (data) => {
      const text = String(data);
      this.messages.push(text);
      this.#frames.push(...text.split(separator).filter((frame) => frame !== ''));
      this.#wake();
    });
    socket.on('error', () => undefined);
  }

  /** Opens the socket and, unless told otherwise, shakes hands. */
  static async open(hubUrl: string, hasHandshake = true): Promise<RawHub> {
    const socket = new WebSocket(hubUrl.replace('http', 'ws'), { perMessageDeflate: false });
    const hub = new RawHub(socket);
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    if (!hasHandshake) return hub;
    hub.send('{"protocol":"json","version":1}');
    const answer = await hub.next();
    if (answer !== '{}') throw new Error(`The handshake was answered ${answer}.`);
    return hub;
  }

  /** Sends a frame. */
  send(frame: string): void {
    this.#socket.send(`${frame}${separator}`);
  }

  /** Sends text as it is. */
  sendRaw(text: string): void {
    this.#socket.send(text);
  }

  /** Calls a method. */
  invoke(target: string, values: readonly unknown[], invocationId = '0'): void {
    this.send(JSON.stringify({ target, arguments: values, invocationId, type: 1 }));
  }

  /** Calls a method and gives all frames up to its completion. */
  async call(target: string, ...values: readonly unknown[]): Promise<readonly string[]> {
    this.invoke(target, values);
    const frames: string[] = [];
    do frames.push(await this.next());
    while (!frames.at(-1)?.startsWith('{"type":3'));
    return frames;
  }

  /** The next frame. */
  async next(): Promise<string> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      await this.#arrival();
    }
  }

  /** The next messages of channels: `[target, message]`. */
  async take(count: number): Promise<readonly [string, ChannelMessage][]> {
    const taken: [string, ChannelMessage][] = [];
    while (taken.length < count) {
      const frame = JSON.parse(await this.next());
      if (frame.type === 1) taken.push([frame.target, frame.arguments[0]]);
    }
    return taken;
  }

  /** Ends the socket. */
  close(): void {
    this.#socket.terminate();
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

/** A message of a channel. */
export interface ChannelMessage {
  readonly type: number;
  readonly state: number;
  readonly data?: unknown;
}
