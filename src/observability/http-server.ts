/**
 * The one HTTP port of the process: health, readiness, metrics, status. Read-only; it listens on
 * loopback unless configured otherwise, because it has no authentication.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FatalError } from '../model/errors.ts';
import type { ExposedMetrics } from './metrics.ts';
import { readinessOf } from './readiness.ts';
import type { StatusBoard } from './status.ts';
import { statusPage } from './status-page/page.ts';
import { statusScript } from './status-page/script.ts';
import { statusStyle } from './status-page/style.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly metrics: ExposedMetrics;
  readonly board: StatusBoard;
  readonly version: string;
}

export interface HttpServer {
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Ends open connections too. Idempotent. */
  close(): Promise<void>;
}

/** Resolves when it listens. Throws `http.address_unavailable`. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const startedAt = Date.now();
  const server = createServer((request, response) => {
    void answer(request, response, { ...options, startedAt });
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(unavailable(options, cause)));
    server.listen(options.port, options.host, resolve);
  });
  // The process may end although somebody watches.
  server.unref();
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

interface Serving extends HttpServerOptions {
  readonly startedAt: number;
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Never rejects. */
async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  serving: Serving,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  const { status, type, body } = isRead
    ? await answerTo(path, serving).catch(failed)
    : text(405, 'Only GET and HEAD are answered.\n');
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy':
      "default-src 'none'; connect-src 'self'; style-src 'self'; script-src 'self'; img-src data:",
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answerTo(path: string, serving: Serving): Promise<Answer> {
  switch (path) {
    case '/healthz':
      return text(200, 'ok\n');
    case '/readyz': {
      const { isReady, reasons } = readinessOf(serving.board.statuses());
      return text(isReady ? 200 : 503, isReady ? 'ready\n' : `${reasons.join('\n')}\n`);
    }
    case '/metrics':
      return {
        status: 200,
        type: serving.metrics.contentType,
        body: await serving.metrics.expose(),
      };
    case '/api/status':
      return { status: 200, type: 'application/json', body: statusJson(serving) };
    case '/':
      return { status: 200, type: 'text/html; charset=utf-8', body: statusPage };
    case '/status.css':
      return { status: 200, type: 'text/css; charset=utf-8', body: statusStyle };
    case '/status.js':
      return { status: 200, type: 'text/javascript; charset=utf-8', body: statusScript };
    default:
      return text(404, 'There are /, /healthz, /readyz, /metrics and /api/status.\n');
  }
}

function statusJson({ board, version, startedAt }: Serving): string {
  const sources = board.statuses();
  const { isReady, reasons } = readinessOf(sources);
  return JSON.stringify({ version, startedAt, now: Date.now(), isReady, reasons, sources });
}

function text(status: number, body: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body };
}

function failed(error: unknown): Answer {
  return text(500, `${error instanceof Error ? error.message : String(error)}\n`);
}

function unavailable({ host, port }: HttpServerOptions, cause: unknown): FatalError {
  const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
  return new FatalError('http.address_unavailable', {
    stage: 'cli',
    message: `Cannot listen on ${host}:${port} (${reason}). Set http.host and http.port to a free address of this machine, or http.enabled to false.`,
    cause,
    context: { host, port },
  });
}
