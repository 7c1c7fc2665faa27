/**
 * An HTTP and WebSocket server on the loopback interface: listening, its address, its connections,
 * its end. What it answers is the simulator's.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, WebSocketServer } from 'ws';
import { loopback } from '../ports.ts';

/** What is the same of every listening simulator. */
export interface Listening {
  /** Connections that are open now. */
  connections(): Promise<number>;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/** Compression of a service that offers it: on loopback it is to be spoken, not to save bytes. */
export const quickDeflate = { zlibDeflateOptions: { level: 1 } } as const;

/** One port. A broken request ends its own connection, nothing else. */
export abstract class LoopbackServer implements Listening {
  /** Takes upgrades over with `handleUpgrade`; it listens nowhere itself. */
  protected readonly sockets: WebSocketServer;
  readonly #server: Server;

  constructor(sockets: Pick<ServerOptions, 'autoPong' | 'maxPayload' | 'perMessageDeflate'>) {
    this.sockets = new WebSocketServer({ ...sockets, noServer: true });
    this.#server = createServer((request, response) => void this.answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      this.upgrade(request, socket, head);
    });
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** Scheme, address and port: `http://127.0.0.1:8080`. */
  get origin(): string {
    const address = this.#server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return `http://${loopback}:${port}`;
  }

  /** As `origin`, for a WebSocket. */
  get socketOrigin(): string {
    return this.origin.replace('http', 'ws');
  }

  /** Port 0 = any free one. */
  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, loopback, resolve);
    });
  }

  connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  async close(): Promise<void> {
    this.release();
    for (const client of this.sockets.clients) client.terminate();
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.#server.closeAllConnections();
    await closed;
  }

  /** The URL of a request, whole. */
  protected urlOf({ url = '/' }: IncomingMessage): URL {
    return new URL(url, this.origin);
  }

  protected abstract answer(request: IncomingMessage, response: ServerResponse): Promise<void>;

  protected abstract upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;

  /** Lets go of what holds answers back, before the end. */
  protected abstract release(): void;
}

/** Answers an upgrade with an HTTP status (`401 Unauthorized`) and ends the connection. */
export function refuseUpgrade(
  socket: Duplex,
  status: string,
  { headers = [], body = '' }: { headers?: readonly string[]; body?: string } = {},
): void {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  const lines = [`HTTP/1.1 ${status}`, 'connection: close', length, ...headers];
  socket.end(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
