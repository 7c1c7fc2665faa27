/**
 * A server that answers each Kafka frame with a frame of the same correlation id, and a client that
 * asks it. Stand in for a broker where only frames matter.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { FrameSplitter, responseCorrelationId } from '../../../src/devnet/kafka-frames.ts';

/** Carried out requests are listed by correlation id. */
export interface FramedServer {
  readonly port: number;
  readonly carriedOut: readonly number[];
  close(): Promise<void>;
}

/** Listens on a free port. */
export async function openFramedServer(): Promise<FramedServer> {
  const carriedOut: number[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const splitter = new FrameSplitter();
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const request of splitter.push(chunk)) {
        const correlationId = request.readInt32BE(8);
        carriedOut.push(correlationId);
        const response = Buffer.alloc(8);
        response.writeInt32BE(4, 0);
        response.writeInt32BE(correlationId, 4);
        socket.write(response);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    carriedOut,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A connection that sends requests and collects what comes back. */
export class FramedClient {
  readonly closed: Promise<void>;
  readonly answers: number[] = [];
  readonly #socket: Socket;
  readonly #waiting = new Map<number, () => void>();

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.#socket.once('close', () => resolve()));
    const splitter = new FrameSplitter();
    this.#socket.on('data', (chunk) => {
      for (const response of splitter.push(chunk)) {
        const correlationId = responseCorrelationId(response);
        this.answers.push(correlationId);
        this.#waiting.get(correlationId)?.();
      }
    });
  }

  /** Sends a request; resolves with its answer. */
  ask(apiKey: number, correlationId: number): Promise<void> {
    const request = Buffer.alloc(12);
    request.writeInt32BE(8, 0);
    request.writeInt16BE(apiKey, 4);
    request.writeInt32BE(correlationId, 8);
    this.#socket.write(request);
    return new Promise((resolve) => this.#waiting.set(correlationId, resolve));
  }

  close(): void {
    this.#socket.destroy();
  }
}
