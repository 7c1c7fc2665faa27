/** The simulator's port: REST and negotiation over HTTP, the hub over WebSocket. Loopback only. */
import { randomBytes } from 'node:crypto';
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
import type { TzktSimulator } from './simulator.ts';

/** A listening simulator. */
export interface TzktServer {
  /** What a client takes as the base URL. */
  readonly http: string;
  /** The URL of the hub, as a SignalR client takes it. */
  readonly hub: string;
  /** How many requests of REST and of negotiation were received so far. */
  readonly requests: number;
  /** Connections that are open now. */
  connections(): Promise<number>;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

const hubPath = '/v1/ws';
const tokensMax = 10_000;

/** Listens; port 0 = any free one. */
export async function openTzktServer(simulator: TzktSimulator, port = 0): Promise<TzktServer> {
  const server = new SimulatorServer(simulator);
  await server.listen(port);
  return server;
}

class SimulatorServer implements TzktServer {
  readonly #simulator: TzktSimulator;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  /** Connection ids by the token that negotiation gave out; null once it was used. */
  readonly #tokens = new Map<string, string | null>();
  #requests = 0;

  constructor(simulator: TzktSimulator) {
    this.#simulator = simulator;
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  get http(): string {
    return urlOf(this.#server);
  }

  get hub(): string {
    return `${this.http}${hubPath}`;
  }

  get requests(): number {
    return this.#requests;
  }

  async connections(): Promise<number> {
    return connectionsOf(this.#server);
  }

  async listen(port: number): Promise<void> {
    await listenOn(this.#server, port);
  }

  async close(): Promise<void> {
    this.#simulator.faults.clear();
    for (const client of this.#sockets.clients) client.terminate();
    await closeServer(this.#server);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests += 1;
    const path = new URL(request.url ?? '/', this.http).pathname;
    if (request.method === 'POST' && path === `${hubPath}/negotiate`) this.#negotiate(response);
    else if (request.method === 'GET' && path.startsWith('/v1/')) {
      await this.#simulator.rest.answer(request, response);
    } else response.writeHead(404, this.#simulator.rest.headers()).end();
  }

  #negotiate(response: ServerResponse): void {
    const { faults, rest } = this.#simulator;
    const fault = faults.take('negotiate-status');
    if (fault !== undefined) {
      response.writeHead(fault.request.status ?? 503, rest.headers()).end();
      return;
    }
    const connectionId = newName();
    const connectionToken = newName();
    if (this.#tokens.size > tokensMax) this.#tokens.clear();
    this.#tokens.set(connectionToken, connectionId);
    response.writeHead(200, { ...rest.headers(), 'content-type': 'application/json' });
    response.end(
      JSON.stringify({
        negotiateVersion: 1,
        connectionId,
        connectionToken,
        availableTransports: [{ transport: 'WebSockets', transferFormats: ['Text', 'Binary'] }],
      }),
    );
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', this.http);
    const token = url.searchParams.get('id');
    const id = token === null ? newName() : this.#tokens.get(token);
    if (url.pathname !== hubPath || typeof id !== 'string') {
      refuseUpgrade(socket, id === null ? '409 Conflict' : '404 Not Found');
      return;
    }
    if (token !== null) this.#tokens.set(token, null);
    this.#sockets.handleUpgrade(request, socket, head, (client) => {
      this.#simulator.hub.accept(client, id);
    });
  }
}

function newName(): string {
  return randomBytes(16).toString('base64url');
}
