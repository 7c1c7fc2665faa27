/** The port of a simulated node: REST, and `/ws/blocks` over WebSocket. Loopback only. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import {
  closeServer,
  connectionsOf,
  listenOn,
  refuseUpgrade,
  urlOf,
} from '../simulator/loopback-server.ts';
import { RateLimit } from './rest/rate-limit.ts';
import { answerRest, type RestOptions } from './rest/rest.ts';

/** A listening node. */
export interface BasaltServer {
  /** Base URL of REST. */
  readonly http: string;
  /** The URL of the block stream. */
  readonly ws: string;
  /** Paths and queries of the requests received so far, upgrades included; the last 10,000. */
  readonly requests: readonly string[];
  /** Connections that are open now. */
  connections(): Promise<number>;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

const streamPath = '/ws/blocks';
const requestsKeptMax = 10_000;

/** Listens; port 0 = any free one. */
export async function openBasaltServer(options: RestOptions, port = 0): Promise<BasaltServer> {
  const server = new NodeServer(options);
  await server.listen(port);
  return server;
}

class NodeServer implements BasaltServer {
  readonly requests: string[] = [];
  readonly #options: RestOptions;
  readonly #limit: RateLimit;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    autoPong: false,
  });

  constructor(options: RestOptions) {
    this.#options = options;
    this.#limit = new RateLimit(options.node.requestsPerMinuteMax, () => options.now());
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  get http(): string {
    return urlOf(this.#server);
  }

  get ws(): string {
    return `${this.http.replace('http', 'ws')}${streamPath}`;
  }

  async listen(port: number): Promise<void> {
    await listenOn(this.#server, port);
  }

  connections(): Promise<number> {
    return connectionsOf(this.#server);
  }

  async close(): Promise<void> {
    this.#options.node.faults.clear();
    for (const client of this.#sockets.clients) client.terminate();
    await closeServer(this.#server);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = this.#note(request);
    if (!this.#isAllowed(request)) response.writeHead(429, { 'content-length': 0 }).end();
    else if (request.method !== 'GET') response.writeHead(405, { 'content-length': 0 }).end();
    else if (path === streamPath) response.writeHead(400).end('WebSocket connection required.');
    else await answerRest(this.#options, request, response);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { faults, stream } = this.#options.node;
    const path = this.#note(request);
    const fault = faults.take('upgrade-status');
    if (!this.#isAllowed(request)) refuseUpgrade(socket, '429 Too Many Requests');
    else if (fault !== undefined) refuseUpgrade(socket, `${fault.request.status ?? 429} Simulated`);
    else if (path !== streamPath) refuseUpgrade(socket, '404 Not Found');
    else this.#sockets.handleUpgrade(request, socket, head, (client) => stream.accept(client));
  }

  #isAllowed({ socket }: IncomingMessage): boolean {
    return this.#limit.allows(socket.remoteAddress ?? '');
  }

  /** Keeps the request in the list and gives its path. */
  #note({ url = '/' }: IncomingMessage): string {
    this.requests.push(url);
    if (this.requests.length > requestsKeptMax) this.requests.shift();
    return new URL(url, this.http).pathname;
  }
}
