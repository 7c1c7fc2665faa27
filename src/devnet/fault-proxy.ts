/**
 * A TCP proxy between a client and one server that can cut, refuse, delay and swallow; for a Kafka
 * broker also at exactly one request. For tests; one proxy per broker, which advertises its port.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { ArmedFault, Fault, FaultAction, ProxyMode } from './fault.ts';
import { loopback } from './ports.ts';
import { ProxiedConnection } from './proxied-connection.ts';

/** Where to listen and what to forward to. */
export interface FaultProxyOptions {
  /** Asked for each connection, so that the proxy can be opened before the server has its port. */
  readonly target: () => number;
  /** Default: any free port. */
  readonly port?: number;
  /** `raw` passes bytes of any protocol on; faults at one request need `kafka`, the default. */
  readonly protocol?: 'kafka' | 'raw';
}

const passing: ProxyMode = { isRefusing: false, isSwallowing: false, delayMs: 0 };

/** Listens on loopback. */
export async function openFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, loopback, resolve);
  });
  return new FaultProxy(server, options);
}

/** An open proxy. Modes hold for present and later connections until `pass()`. */
export class FaultProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #options: FaultProxyOptions;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #armed: { apiKey: number; remaining: number; fault: ArmedFault }[] = [];
  readonly #seen = new Map<number, number>();
  #mode: ProxyMode = passing;

  /** Called by `openFaultProxy` with a server that listens. */
  constructor(server: Server, options: FaultProxyOptions) {
    this.#server = server;
    this.#options = options;
    const address = server.address();
    this.port = typeof address === 'object' && address !== null ? address.port : 0;
    server.on('connection', (client) => this.#accept(client));
  }

  /** `host:port`, for a client's bootstrap list. */
  get address(): string {
    return `${loopback}:${this.port}`;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** How many requests with this key came through so far, struck ones included. */
  seen(apiKey: number): number {
    return this.#seen.get(apiKey) ?? 0;
  }

  /** Ends all modes. One-shot faults stay armed. */
  pass(): void {
    this.#mode = passing;
  }

  /** Ends all present connections; new ones are served. */
  cut(): void {
    for (const connection of this.#connections) connection.end();
  }

  /** Ends all present connections and every new one at once. */
  refuse(): void {
    this.#mode = { ...this.#mode, isRefusing: true };
    this.cut();
  }

  /** Each answer waits this long; order is kept. */
  delay(delayMs: number): void {
    this.#mode = { ...this.#mode, delayMs };
  }

  /** Requests arrive, answers are dropped. */
  swallowResponses(): void {
    this.#mode = { ...this.#mode, isSwallowing: true };
  }

  /** Strikes the `nth` request with this key from now on (1 = the next), once. */
  onRequest(apiKey: number, action: FaultAction, nth = 1): Fault {
    let strike: () => void = () => undefined;
    let letGo: () => void = () => undefined;
    const struck = new Promise<void>((resolve) => {
      strike = resolve;
    });
    const released = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const armed = { apiKey, remaining: nth, fault: { action, released, strike } };
    this.#armed.push(armed);
    const release = (): void => {
      this.#disarm(armed.fault);
      letGo();
    };
    return { struck, release };
  }

  /** Ends all connections and stops listening. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
    this.cut();
    await closed;
  }

  #accept(client: Socket): void {
    if (this.#mode.isRefusing) {
      client.resetAndDestroy();
      return;
    }
    const connection = new ProxiedConnection({
      client,
      targetPort: this.#options.target(),
      isKafka: this.#options.protocol !== 'raw',
      mode: () => this.#mode,
      faultFor: (apiKey) => this.#faultFor(apiKey),
    });
    this.#connections.add(connection);
    void connection.run().then(() => this.#connections.delete(connection));
  }

  #faultFor(apiKey: number): ArmedFault | undefined {
    this.#seen.set(apiKey, this.seen(apiKey) + 1);
    let due: ArmedFault | undefined;
    for (const armed of this.#armed) {
      if (armed.apiKey !== apiKey) continue;
      armed.remaining -= 1;
      if (armed.remaining <= 0) due ??= armed.fault;
    }
    if (due !== undefined) this.#disarm(due);
    return due;
  }

  #disarm(fault: ArmedFault): void {
    const index = this.#armed.findIndex((armed) => armed.fault === fault);
    if (index >= 0) this.#armed.splice(index, 1);
  }
}
