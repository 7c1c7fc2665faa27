/** The simulator's port: REST and negotiation over HTTP, the hub over WebSocket. Loopback only. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Listening, LoopbackServer, refuseUpgrade } from '../simulator/loopback-server.ts';
import type { TzktSimulator } from './simulator.ts';

/** A listening simulator. */
export interface TzktServer extends Listening {
  /** What a client takes as the base URL. */
  readonly http: string;
  /** The URL of the hub, as a SignalR client takes it. */
  readonly hub: string;
  /** How many requests of REST and of negotiation were received so far. */
  readonly requests: number;
}

const hubPath = '/v1/ws';
const tokensMax = 10_000;

/** Listens; port 0 = any free one. */
export async function openTzktServer(simulator: TzktSimulator, port = 0): Promise<TzktServer> {
  const server = new SimulatorServer(simulator);
  await server.listen(port);
  return server;
}

class SimulatorServer extends LoopbackServer implements TzktServer {
  readonly #simulator: TzktSimulator;
  /** Connection ids by the token that negotiation gave out; null once it was used. */
  readonly #tokens = new Map<string, string | null>();
  #requests = 0;

  constructor(simulator: TzktSimulator) {
    super({ perMessageDeflate: false });
    this.#simulator = simulator;
  }

  get http(): string {
    return this.origin;
  }

  get hub(): string {
    return `${this.http}${hubPath}`;
  }

  get requests(): number {
    return this.#requests;
  }

  protected release(): void {
    this.#simulator.faults.clear();
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests += 1;
    const path = this.urlOf(request).pathname;
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

  protected upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = this.urlOf(request);
    const token = url.searchParams.get('id');
    const id = token === null ? newName() : this.#tokens.get(token);
    if (url.pathname !== hubPath || typeof id !== 'string') {
      refuseUpgrade(socket, id === null ? '409 Conflict' : '404 Not Found');
      return;
    }
    if (token !== null) this.#tokens.set(token, null);
    this.sockets.handleUpgrade(request, socket, head, (client) => {
      this.#simulator.hub.accept(client, id);
    });
  }
}

function newName(): string {
  return randomBytes(16).toString('base64url');
}
