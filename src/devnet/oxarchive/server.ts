/** The simulator's port: `/ws`, the second host as `/stream/ws`, and REST below `/v1`. Loopback only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type Listening,
  LoopbackServer,
  quickDeflate,
  refuseUpgrade,
} from '../simulator/loopback-server.ts';
import { keyOf, planOfKey } from './access.ts';
import { codeOf, Failure, statusOf } from './failure.ts';
import type { Client, OxarchiveSimulator } from './simulator.ts';
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
    super({ perMessageDeflate: quickDeflate, maxPayload: frameBytesMax });
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
    const { faults } = this.#simulator;
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
    if (fault !== undefined) {
      const { status = 401, retryAfterSeconds } = fault.request;
      refuse(socket, new Failure(codeOf(status), 'Simulated'), { status, retryAfterSeconds });
      return;
    }
    const client = this.#check(request, url);
    if (client instanceof Failure) {
      const retryAfterSeconds = client.code === 'rate_limited' ? 1 : undefined;
      refuse(socket, client, { status: statusOf(client.code), retryAfterSeconds });
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (opened) => {
      const closing = faults.take('upgrade-close');
      if (closing === undefined) {
        this.#simulator.accept(opened, client);
        return;
      }
      opened.on('error', () => opened.terminate());
      opened.close(closing.request.code ?? 1008, 'simulated');
    });
  }

  /** Who asks for a socket, or why there is none. */
  #check(request: IncomingMessage, url: URL): Client | Failure {
    const { keys, connections } = this.#simulator;
    const host = hosts[url.pathname];
    const version = url.searchParams.get('version') ?? undefined;
    const key = keyOf(request, url);
    const plan = planOfKey(keys, key);
    if (host === undefined) return new Failure('route_not_found', `There is no ${url.pathname}.`);
    if (key === undefined || plan === undefined) {
      return new Failure('unauthorized', 'The API key is missing or wrong.');
    }
    if (version !== undefined && version !== contractVersion) {
      return new Failure('invalid_parameter', `Unknown version: ${version}.`);
    }
    const open = connections.filter((connection) => connection.key === key);
    if (open.length < plan.connectionsMax) return { key, plan, host, version };
    const message = `The ${plan.name} plan has ${plan.connectionsMax} connections.`;
    return new Failure('rate_limited', message);
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
  { message, code }: Failure,
  { status, retryAfterSeconds }: { status: number; retryAfterSeconds: number | undefined },
): void {
  const after = retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`];
  const body = JSON.stringify({ success: false, error: message, error_code: code });
  const headers = ['content-type: application/json', ...after];
  refuseUpgrade(socket, `${status} ${statusTexts[status] ?? 'Refused'}`, { headers, body });
}
