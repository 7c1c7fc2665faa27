/**
 * The control server of a running devnet: a small HTTP server on loopback through which the verbs
 * of other processes reach the children. Requests are carried out one after the other.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { FatalError, PipelineError } from '../model/errors.ts';
import { loopback } from './ports.ts';
import type { DevnetProcess } from './process.ts';

/** A reorganization to make: how deep, and whether its transactions are lost or mined again. */
export interface ReorgRequest {
  readonly depth: number;
  readonly drop: boolean;
}

/** What the server drives. */
export interface Controlled {
  status(): unknown;
  /** Broker `n`, from 1; undefined when there is none. */
  broker(n: number): DevnetProcess | undefined;
  restartRegistry(empty: boolean): Promise<void>;
  /** The answer is sent to the caller as JSON. */
  reorg(request: ReorgRequest): Promise<unknown>;
  /** Carries out a request to the simulator of this name; the answer is sent as JSON. */
  simulator(name: string, request: unknown): unknown;
  /** Called after the answer was sent. */
  down(): void;
}

/** A listening control server. */
export interface ControlServer {
  readonly url: string;
  close(): Promise<void>;
}

const bodyBytesMax = 64 * 1024;

/** Listens on `port` of the loopback interface. */
export async function openControl(port: number, controlled: Controlled): Promise<ControlServer> {
  let previous: Promise<unknown> = Promise.resolve();
  const server = createServer((request, response) => {
    const isRead = request.method === 'GET';
    const turn = isRead ? Promise.resolve() : previous;
    const answered = turn.then(() => answer(request, response, controlled));
    if (!isRead) previous = answered;
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, resolve);
  });
  return {
    url: `http://${loopback}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

// Never rejects: the next request waits for it.
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  controlled: Controlled,
): Promise<void> {
  let status = 200;
  let body: unknown;
  try {
    body = await carryOut(request, controlled);
  } catch (error) {
    status = error instanceof PipelineError ? 409 : 500;
    body = {
      code: error instanceof PipelineError ? error.code : 'devnet.request_refused',
      message: error instanceof Error ? error.message : String(error),
    };
  }
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body ?? null), () => {
    if (status === 200 && request.method === 'POST' && request.url === '/down') controlled.down();
  });
}

async function carryOut(request: IncomingMessage, controlled: Controlled): Promise<unknown> {
  const url = new URL(request.url ?? '/', `http://${loopback}`);
  const route = `${request.method} ${url.pathname}`;
  const onBroker = /^POST \/kafka\/(\d+)\/(kill|restart|pause|resume)$/.exec(route);
  if (onBroker !== null) {
    await actOnBroker(Number(onBroker[1]), String(onBroker[2]), controlled);
    return controlled.status();
  }
  const toSimulator = /^POST \/simulators\/(\w+)$/.exec(route);
  if (toSimulator !== null) {
    return controlled.simulator(String(toSimulator[1]), JSON.parse(await readBody(request)));
  }
  switch (route) {
    case 'GET /status':
    case 'POST /down':
      return controlled.status();
    case 'POST /registry/restart':
      await controlled.restartRegistry(url.searchParams.get('empty') === 'true');
      return controlled.status();
    case 'POST /reorg':
      return controlled.reorg(parseReorg(await readBody(request)));
    default:
      throw refused(`There is no ${route}.`);
  }
}

async function actOnBroker(n: number, action: string, controlled: Controlled): Promise<void> {
  const broker = controlled.broker(n);
  if (broker === undefined) throw refused(`There is no broker ${n}; they count from 1.`);
  if (action === 'kill') await broker.kill();
  else if (action === 'restart') await broker.restart();
  else if (action === 'pause') broker.pause();
  else broker.resume();
}

function parseReorg(text: string): ReorgRequest {
  const parsed: unknown = JSON.parse(text === '' ? '{}' : text);
  const { depth, drop = false } = parsed as { depth?: unknown; drop?: unknown };
  if (typeof depth !== 'number' || !Number.isInteger(depth) || depth < 1) {
    throw refused(`A reorg needs a depth of at least 1, not ${JSON.stringify(depth)}.`);
  }
  return { depth, drop: drop === true };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > bodyBytesMax) throw refused(`A body may have ${bodyBytesMax} bytes.`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function refused(message: string): FatalError {
  return new FatalError('devnet.request_refused', { stage: 'devnet', message });
}
