/** The simulator's port: REST over HTTP, the stream over WebSocket. Loopback only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import {
  type Listening,
  LoopbackServer,
  quickDeflate,
  refuseUpgrade,
} from '../simulator/loopback-server.ts';
import { type KeyPlan, keyOf, planOf } from './access.ts';
import type { BlockdbSimulator } from './simulator.ts';

/** A listening simulator. */
export interface BlockdbServer extends Listening {
  /** Base URL of REST, with `/v1`. */
  readonly http: string;
  /** URL of the stream. */
  readonly ws: string;
  /** How many requests of REST were received so far. */
  readonly requests: number;
}

const base = '/v1';
const streamPaths: ReadonlySet<string> = new Set(['/v1/evm', '/v1/evm/', '/v1/evm/stream']);
const frameBytesMax = 64 * 1024;
const statusTexts: Readonly<Record<number, string>> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
};

/** Listens; port 0 = any free one. */
export async function openBlockdbServer(
  simulator: BlockdbSimulator,
  port = 0,
): Promise<BlockdbServer> {
  const server = new SimulatorServer(simulator);
  await server.listen(port);
  return server;
}

class SimulatorServer extends LoopbackServer implements BlockdbServer {
  readonly #simulator: BlockdbSimulator;
  /** Upgrades that a fault leaves without an answer: the HTTP server does not count them. */
  readonly #hanging = new Set<Duplex>();
  #requests = 0;

  constructor(simulator: BlockdbSimulator) {
    super({ perMessageDeflate: quickDeflate, maxPayload: frameBytesMax });
    this.#simulator = simulator;
  }

  get http(): string {
    return `${this.origin}${base}`;
  }

  get ws(): string {
    return `${this.socketOrigin}${base}/evm/`;
  }

  get requests(): number {
    return this.#requests;
  }

  protected release(): void {
    this.#simulator.faults.clear();
    this.#simulator.stream.close();
    for (const socket of this.#hanging) socket.destroy();
  }

  protected async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests += 1;
    await this.#simulator.rest.answer(request, response);
  }

  protected upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { faults, keys, profile } = this.#simulator;
    if (faults.take('upgrade-hang') !== undefined) {
      this.#hanging.add(socket);
      return;
    }
    if (faults.take('upgrade-reset') !== undefined) {
      socket.destroy();
      return;
    }
    const url = this.urlOf(request);
    const status = faults.take('upgrade-status');
    if (status !== undefined || !streamPaths.has(url.pathname)) {
      this.#refuse(
        socket,
        status === undefined ? 404 : (status.request.status ?? 401),
        status?.request,
      );
      return;
    }
    const key = keyOf(request, url) ?? '';
    const plan = planOf(keys, key);
    if (plan === undefined && profile.refusal === 'http') {
      this.#refuse(socket, 401);
      return;
    }
    if (plan !== undefined && this.#isFull(key, plan)) {
      this.#refuse(socket, 429, { retryAfterSeconds: 1 });
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (client) => this.#open(client, key, plan));
  }

  #isFull(key: string, { connectionsMax = Number.POSITIVE_INFINITY }: KeyPlan): boolean {
    const open = this.#simulator.stream.connections.filter((connection) => connection.key === key);
    return open.length >= connectionsMax;
  }

  #open(client: WebSocket, key: string, plan: KeyPlan | undefined): void {
    const closing = this.#simulator.faults.take('upgrade-close');
    if (plan === undefined || closing !== undefined) {
      client.on('error', () => client.terminate());
      client.close(closing?.request.code ?? 1008, 'invalid credential');
      return;
    }
    this.#simulator.stream.accept(client, key, plan);
  }

  #refuse(
    socket: Duplex,
    status: number,
    { retryAfterSeconds }: { readonly retryAfterSeconds?: number } = {},
  ): void {
    const headers = retryAfterSeconds === undefined ? [] : [`retry-after: ${retryAfterSeconds}`];
    refuseUpgrade(socket, `${status} ${statusTexts[status] ?? 'Refused'}`, { headers });
  }
}
