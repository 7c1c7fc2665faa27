/** An HTTP server on the loopback interface: listening, its address, its connections, its end. */
import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { loopback } from '../ports.ts';

/** Listens; port 0 = any free one. */
export async function listenOn(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, resolve);
  });
}

/** The base URL of a listening server. */
export function urlOf(server: Server): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${loopback}:${port}`;
}

/** How many connections are open now. */
export async function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
  });
}

/** Ends all connections and stops listening. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeAllConnections();
  await closed;
}

/** Answers an upgrade with an HTTP status (`401 Unauthorized`) and ends the connection. */
export function refuseUpgrade(
  socket: Duplex,
  status: string,
  headers: readonly string[] = [],
): void {
  const lines = [`HTTP/1.1 ${status}`, 'connection: close', 'content-length: 0', ...headers];
  socket.end(`${lines.join('\r\n')}\r\n\r\n`);
}
