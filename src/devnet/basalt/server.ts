/** The port of a simulated node: REST, and `/ws/blocks` over WebSocket. Loopback only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Listening, LoopbackServer, refuseUpgrade } from '../simulator/loopback-server.ts';
import { RateLimit } from './rest/rate-limit.ts';
import { answerRest, type RestOptions } from './rest/rest.ts';

/** A listening node. */
export interface BasaltServer extends Listening {
  /** Base URL of REST. */
  readonly http: string;
  /** The URL of the block stream. */
  readonly ws: string;
  /** Paths and queries of the requests received so far, upgrades included; the last 10,000. */
  readonly requests: readonly string[];
}

const streamPath = '/ws/blocks';
const requestsKeptMax = 10_000;

/** Listens; port 0 = any free one. */
export async function openBasaltServer(options: RestOptions, port = 0): Promise<BasaltServer> {
  const server = new NodeServer(options);
  await server.listen(port);
  return server;
}

class NodeServer extends LoopbackServer implements BasaltServer {
  readonly requests: string[] = [];
  readonly #options: RestOptions;
  readonly #limit: RateLimit;

  constructor(options: RestOptions) {
    super({ perMessageDeflate: false, autoPong: false });
    this.#options = options;
    this.#limit = new RateLimit(options.node.requestsPerMinuteMax, () => options.now());
  }

  get http(): string {
    return this.origin;
  }

  get ws(): string {
    return `${this.socketOrigin}${streamPath}`;
  }

  protected release(): void {
    this.#options.node.faults.clear();
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = this.#note(request);
    if (!this.#isAllowed(request)) response.writeHead(429, { 'content-length': 0 }).end();
    else if (request.method !== 'GET') response.writeHead(405, { 'content-length': 0 }).end();
    else if (path === streamPath) response.writeHead(400).end('WebSocket connection required.');
    else await answerRest(this.#options, request, response);
  }

  protected upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { faults, stream } = this.#options.node;
    const path = this.#note(request);
    const fault = faults.take('upgrade-status');
    if (!this.#isAllowed(request)) refuseUpgrade(socket, '429 Too Many Requests');
    else if (fault !== undefined) refuseUpgrade(socket, `${fault.request.status ?? 429} Simulated`);
    else if (path !== streamPath) refuseUpgrade(socket, '404 Not Found');
    else this.sockets.handleUpgrade(request, socket, head, (client) => stream.accept(client));
  }

  #isAllowed({ socket }: IncomingMessage): boolean {
    return this.#limit.allows(socket.remoteAddress ?? '');
  }

  /** Keeps the request in the list and gives its path. */
  #note(request: IncomingMessage): string {
    this.requests.push(request.url ?? '/');
    if (this.requests.length > requestsKeptMax) this.requests.shift();
    return this.urlOf(request).pathname;
  }
}
