/**
 * One connection through a fault proxy: forwards frames in both directions, in order and with back
 * pressure, and carries out the faults that the proxy decides on.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { ArmedFault, ProxyMode } from './fault.ts';
import { FrameSplitter, requestHead, responseCorrelationId } from './kafka-frames.ts';
import { loopback } from './ports.ts';

/** What a connection needs of its proxy. */
export interface ConnectionOptions {
  readonly client: Socket;
  readonly targetPort: number;
  readonly isKafka: boolean;
  readonly mode: () => ProxyMode;
  /** The fault for the request that just arrived, which is then used up. */
  readonly faultFor: (apiKey: number) => ArmedFault | undefined;
}

/** Used once: `run` it, `end` it. */
export class ProxiedConnection {
  readonly #options: ConnectionOptions;
  readonly #server: Socket;
  /** Faults that strike at the answer, by correlation id. */
  readonly #atAnswer = new Map<number, ArmedFault>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#server = connect({ host: loopback, port: options.targetPort, noDelay: true });
    options.client.setNoDelay(true);
  }

  /** Forwards until either side ends. Never rejects; both sockets are closed then. */
  async run(): Promise<void> {
    const { client } = this.#options;
    const ignore = (): void => undefined;
    client.on('error', ignore);
    this.#server.on('error', ignore);
    await Promise.race([
      this.#pump(client, (frame) => this.#request(frame)).catch(ignore),
      this.#pump(this.#server, (frame) => this.#answer(frame)).catch(ignore),
    ]);
    this.end();
  }

  /** Closes both sides at once. */
  end(): void {
    this.#options.client.destroy();
    this.#server.destroy();
  }

  async #pump(from: Socket, forward: (frame: Buffer) => Promise<void>): Promise<void> {
    const splitter = this.#options.isKafka ? new FrameSplitter() : undefined;
    for await (const chunk of from) {
      const bytes: Buffer = chunk;
      for (const frame of splitter?.push(bytes) ?? [bytes]) await forward(frame);
    }
  }

  async #request(frame: Buffer): Promise<void> {
    const fault = this.#options.isKafka ? this.#faultOf(frame) : undefined;
    if (fault?.action === 'cut-before') {
      this.end();
      fault.strike();
      return;
    }
    if (fault?.action === 'hold') {
      fault.strike();
      await fault.released;
    }
    await write(this.#server, frame);
  }

  #faultOf(frame: Buffer): ArmedFault | undefined {
    const { apiKey, correlationId } = requestHead(frame);
    const fault = this.#options.faultFor(apiKey);
    if (fault?.action === 'swallow-response' || fault?.action === 'cut-after') {
      this.#atAnswer.set(correlationId, fault);
    }
    return fault;
  }

  async #answer(frame: Buffer): Promise<void> {
    const fault = this.#options.isKafka ? this.#takeFault(frame) : undefined;
    if (fault !== undefined) {
      if (fault.action === 'cut-after') this.end();
      fault.strike();
      return;
    }
    const { delayMs } = this.#options.mode();
    if (delayMs > 0) await delay(delayMs);
    if (this.#options.mode().isSwallowing) return;
    await write(this.#options.client, frame);
  }

  #takeFault(frame: Buffer): ArmedFault | undefined {
    const correlationId = responseCorrelationId(frame);
    const fault = this.#atAnswer.get(correlationId);
    this.#atAnswer.delete(correlationId);
    return fault;
  }
}

async function write(to: Socket, bytes: Buffer): Promise<void> {
  if (to.destroyed) throw new Error('The other side is gone.');
  if (to.write(bytes)) return;
  await new Promise<void>((resolve) => {
    const goOn = (): void => {
      to.off('drain', goOn);
      to.off('close', goOn);
      resolve();
    };
    to.on('drain', goOn);
    to.on('close', goOn);
  });
}
