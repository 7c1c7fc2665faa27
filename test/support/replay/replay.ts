/**
 * A venue that only has a recording: answers requests as they were answered and says on the socket
 * what was said, in the order of the wire, for as long as the source asks what it asked then.
 *
 * The messages of the socket divide a recording into parts. A message goes out when everything before
 * it has been asked for, or when the source asks for nothing any more: polls are not always as many.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { WireFrame } from '../../../src/transport/frame-tap.ts';
import type { Recording } from './recording.ts';

type HttpFrame = Extract<WireFrame, { kind: 'http' }>;
interface Entry {
  readonly frame: WireFrame;
  /** What the source must say for it; null for what it is told. */
  readonly asked: string | null;
  isDone: boolean;
}

/** So long the source must have asked for nothing new. */
const quietMs = 400;

export class Replay {
  readonly #entries: Entry[];
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  #socket: WebSocket | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Requests that the recording has no answer for. */
  readonly unknown: string[] = [];

  private constructor({ frames }: Recording) {
    this.#entries = frames.map((frame) => ({ frame, asked: askedBy(frame), isDone: false }));
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#sockets = new WebSocketServer({ server: this.#server, perMessageDeflate: false });
    this.#sockets.on('connection', (socket) => this.#connected(socket));
  }

  /** Listens on a free port; `close` must follow. */
  static async open(recording: Recording): Promise<Replay> {
    const replay = new Replay(recording);
    await new Promise<void>((resolve) => replay.#server.listen(0, '127.0.0.1', resolve));
    return replay;
  }

  /** `http://`, without a path. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** True when all has been said that was said. */
  get isOver(): boolean {
    return this.#nextSaid() === this.#entries.length;
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #connected(socket: WebSocket): void {
    this.#socket = socket;
    socket.on('message', (data) => {
      const text = String(data);
      // SignalR's handshake is the client's own business and not recorded.
      if (text.includes('"protocol":"json"')) socket.send('{}\u001e');
      else this.#heard(text);
      this.#advance();
    });
  }

  #heard(asked: string): void {
    const entry = this.#entries.find((each) => !each.isDone && each.asked === asked);
    if (entry !== undefined) entry.isDone = true;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const asked = `${request.method} ${request.url} ${body}`;
    if (request.url?.includes('/negotiate')) {
      response.end(JSON.stringify(negotiation));
      return;
    }
    const frame = this.#find(asked);
    if (frame === undefined) {
      this.unknown.push(asked);
      response.writeHead(404).end('The recording has no answer.');
      return;
    }
    response.writeHead(frame.status, keptHeaders(frame));
    response.end(frame.text, () => this.#advance());
  }

  /** The next answer of this part, else the last one before, else one that was given only later. */
  #find(asked: string): HttpFrame | undefined {
    const next = this.#nextSaid();
    const same = this.#entries.flatMap((entry, index) =>
      entry.asked === asked ? [{ entry, index }] : [],
    );
    const here = same.filter(({ index }) => index < next);
    const found = here.find(({ entry }) => !entry.isDone) ?? here.at(-1) ?? same[0];
    if (found === undefined) return undefined;
    const { frame } = found.entry;
    if (frame.kind !== 'http') return undefined;
    found.entry.isDone = true;
    // A poll that was answered alike need not be made as often.
    for (const { entry } of here.filter(({ index }) => index > found.index)) {
      if (entry.frame.kind !== 'http' || entry.frame.text !== frame.text) break;
      entry.isDone = true;
    }
    while (this.#nextSaid() < found.index) this.#say();
    return frame;
  }

  /** Where the next message of the venue stands. */
  #nextSaid(): number {
    const index = this.#entries.findIndex(({ asked, isDone }) => asked === null && !isDone);
    return index === -1 ? this.#entries.length : index;
  }

  #advance(): void {
    while (this.#entries.slice(0, this.#nextSaid()).every(({ isDone }) => isDone)) {
      if (!this.#say()) break;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#whenQuiet(), quietMs);
  }

  /** What the source did not ask this time is passed over, but for what it must say on the socket. */
  #whenQuiet(): void {
    const before = this.#entries.slice(0, this.#nextSaid());
    const mustSay = before.some(({ frame, isDone }) => !isDone && frame.kind === 'socket');
    if (!mustSay) {
      for (const entry of before) entry.isDone = true;
      this.#advance();
    }
  }

  #say(): boolean {
    const entry = this.#entries[this.#nextSaid()];
    if (entry?.frame.kind !== 'socket' || this.#socket === undefined) return false;
    entry.isDone = true;
    this.#socket.send(entry.frame.text);
    return true;
  }
}

const negotiation = {
  negotiateVersion: 1,
  connectionId: 'replay',
  connectionToken: 'replay',
  availableTransports: [{ transport: 'WebSockets', transferFormats: ['Text'] }],
};

function askedBy(frame: WireFrame): string | null {
  if (frame.kind === 'http') return `${frame.method} ${frame.path} ${frame.body ?? ''}`;
  return frame.direction === 'out' ? frame.text : null;
}

/** The length and the connection are this server's own. */
function keptHeaders({ headers }: HttpFrame): Record<string, string> {
  const own = ['content-length', 'transfer-encoding', 'connection', 'keep-alive', 'date'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)));
}
