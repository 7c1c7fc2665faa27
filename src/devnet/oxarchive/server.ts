/** The simulator's port: `/ws`, the second host as `/stream/ws`, and REST below `/v1`. Loopback only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Listening, LoopbackServer, refuseUpgrade } from '../simulator/loopback-server.ts';
import { keyOf, planOfKey } from './access.ts';
import type { OxarchiveSimulator } from './simulator.ts';
import { contractVersion } from './socket/frames.ts';
import type { Host } from './socket/subscriptions.ts';

/** A listening simulator. */
export interface OxarchiveServer extends Listening {
  /** Base URL of REST, without `/v1`. */
  readonly http: string;
  /** URL of the socket that serves all but the mempool. */
  readonly ws: string;
  /** URL of the second host: live only. */
  readonly streamWs: string;
  /** Paths and queries of the requests received so far, upgrades included; the last 10,000. */
  readonly requests: readonly string[];
}

const hosts: Readonly<Record<string, Host>> = { '/ws': 'api', '/stream/ws': 'stream' };
const frameBytesMax = 64 * 1024;
const requestsKeptMax = 10_000;
const statusTexts: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/** Listens; port 0 = any free one. */
export async function openOxarchiveServer(
  simulator: OxarchiveSimulator,
  port = 0,
): Promise<OxarchiveServer> {
  const server = new SimulatorServer(simulator);
  await server.listen(port);
  return server;
}

class SimulatorServer extends LoopbackServer implements OxarchiveServer {
  readonly requests: string[] = [];
  readonly #simulator: OxarchiveSimulator;
  /** Upgrades that a fault leaves without an answer: the HTTP server does not count them. */
  readonly #hanging = new Set<Duplex>();

  constructor(simulator: OxarchiveSimulator) {
    super({ perMessageDeflate: true, maxPayload: frameBytesMax });
    this.#simulator = simulator;
  }

  get http(): string {
    return this.origin;
  }

  get ws(): string {
    return `${this.socketOrigin}/ws`;
  }

  get streamWs(): string {
    return `${this.socketOrigin}/stream/ws`;
  }

  protected release(): void {
    this.#simulator.faults.clear();
    this.#simulator.close();
    for (const socket of this.#hanging) socket.destroy();
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#note(request);
    await this.#simulator.rest.answer(request, response);
  }

  protected upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { faults, keys } = this.#simulator;
    const url = this.#note(request);
    if (faults.take('upgrade-hang') !== undefined) {
      this.#hanging.add(socket);
      return;
    }
    if (faults.take('upgrade-reset') !== undefined) {
      socket.destroy();
      return;
    }
    const fault = faults.take('upgrade-status');
    const host = hosts[url.pathname];
    const version = url.searchParams.get('version') ?? undefined;
    const key = keyOf(request, url);
    const plan = planOfKey(keys, key);
    const open = this.#simulator.connections.filter((connection) => connection.key === key);
    if (fault !== undefined) refuse(socket, fault.request.status ?? 401, fault.request);
    else if (host === undefined) refuse(socket, 404);
    else if (key === undefined || plan === undefined) refuse(socket, 401);
    else if (version !== undefined && version !== contractVersion) refuse(socket, 400);
    else if (open.length >= plan.connectionsMax) refuse(socket, 429, { retryAfterSeconds: 1 });
    else {
      this.sockets.handleUpgrade(request, socket, head, (client) => {
        const closing = faults.take('upgrade-close');
        if (closing === undefined) {
          this.#simulator.accept(client, { key, plan, host, version });
          return;
        }
        client.on('error', () => client.terminate());
        client.close(closing.request.code ?? 1008, 'simulated');
      });
    }
  }

  /** Keeps the request in the list and gives its URL. */
  #note(request: IncomingMessage): URL {
    this.requests.push(request.url ?? '/');
    if (this.requests.length > requestsKeptMax) this.requests.shift();
    return this.urlOf(request);
  }
}

function refuse(
  socket: Duplex,
  status: number,
  { retryAfterSeconds }: { readonly retryAfterSeconds?: number } = {},
): void {
  const after = retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`];
  refuseUpgrade(socket, `${status} ${statusTexts[status] ?? 'Refused'}`, after);
}
