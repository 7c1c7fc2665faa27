/**
 * One HTTP endpoint with kept-alive connections, time-outs and a size limit. Nothing here retries.
 * URLs of nodes hold keys in their path, query or user part, so messages show the origin only.
 */
import { setMaxListeners } from 'node:events';
import { errors, Pool } from 'undici';
import { FatalError, TransientError } from '../model/errors.ts';
import type { Clock } from '../model/runtime.ts';
import type { Frame } from './frame.ts';
import type { FrameTap } from './frame-tap.ts';
import { unlessAborted } from './unless-aborted.ts';

/** How one endpoint is reached, and its limits. */
export interface HttpOptions {
  /** With its secrets; they go on the wire and nowhere else. */
  readonly url: string;
  readonly connectionsMax: number;
  /** For the connection, for the first byte, and between two pieces of a response. */
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
  readonly clock: Clock;
  readonly onFrame?: FrameTap | undefined;
}

/** A complete response, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  /** From `Retry-After`, at most an hour; null when absent or unreadable. */
  readonly retryAfterMs: number | null;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly frame: Frame;
}

interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Below the endpoint's own. */
  readonly below: string;
  readonly body?: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The part of a URL that may be shown: scheme, host and port. */
export function originOf(url: string): string {
  try {
    const { protocol, host } = new URL(url);
    return `${protocol}//${host}`;
  } catch {
    // The text itself may hold a key, so the message must not repeat it.
    throw new FatalError('config.invalid', {
      stage: 'transport',
      message: 'An endpoint is not a URL. Write it as scheme://host[:port]/path.',
    });
  }
}

/** One origin. Requests beyond `connectionsMax` wait for a free connection. */
export class HttpEndpoint {
  readonly origin: string;
  readonly #options: HttpOptions;
  readonly #pool: Pool;
  readonly #path: string;
  readonly #authorization: string | undefined;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.origin = originOf(options.url);
    const url = new URL(options.url);
    this.#path = `${url.pathname}${url.search}`;
    if (url.username !== '' || url.password !== '') {
      const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
      this.#authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
    }
    this.#pool = new Pool(this.origin, {
      connections: options.connectionsMax,
      pipelining: 1,
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
      maxResponseSize: options.responseBytesMax,
      connect: { timeout: options.timeoutMs },
    });
  }

  /**
   * Posts JSON to the endpoint, or to `path` below it. Throws `source.unreachable` when no complete response arrives in time and
   * `transport.frame_too_large` when it is over the limit; an abort throws the signal's reason.
   */
  post(
    body: string,
    signal: AbortSignal,
    to: { readonly path?: string; readonly headers?: Readonly<Record<string, string>> } = {},
  ): Promise<HttpResponse> {
    const headers = { 'content-type': 'application/json', ...to.headers };
    return this.#request({ method: 'POST', below: to.path ?? '', body, headers }, signal);
  }

  /** Gets what is at `path` below the endpoint's own. Throws like `post`. */
  get(
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<HttpResponse> {
    return this.#request({ method: 'GET', below: path, headers }, signal);
  }

  async #request(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    signal.throwIfAborted();
    // All requests of a caller listen to it, and Node takes more than ten listeners for a leak.
    setMaxListeners(0, signal);
    const sentAtUs = this.#options.clock.nowUs();
    try {
      // The pool does not notice an abort while the request waits for a connection.
      const answer = await unlessAborted(this.#answer(request, signal), signal);
      this.#tell(request, answer, sentAtUs);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      throw this.#failure(error);
    }
  }

  async #answer({ below, ...asked }: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { clock } = this.#options;
    const path = below === '' ? this.#path : `${this.#path.replace(/\/$/, '')}${below}`;
    const authorization = this.#authorization;
    const response = await this.#pool.request({
      ...asked,
      path,
      headers: { ...asked.headers, ...(authorization === undefined ? {} : { authorization }) },
      signal,
    });
    const receivedAtUs = clock.nowUs();
    const { statusCode: status, headers, body } = response;
    const bytes = Buffer.from(await body.arrayBuffer());
    const retryAfterMs = parseRetryAfter(headers['retry-after'], clock);
    return { status, retryAfterMs, headers, frame: { bytes, receivedAtUs } };
  }

  /** Cuts all connections; requests under way fail. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  #tell({ method, below, body }: HttpRequest, answer: HttpResponse, sentAtUs: number): void {
    const { status, headers, frame } = answer;
    this.#options.onFrame?.({
      kind: 'http',
      origin: this.origin,
      method,
      path: below,
      body: body ?? null,
      sentAtUs,
      status,
      headers: harmless(headers),
      text: frame.bytes.toString('utf8'),
      receivedAtUs: frame.receivedAtUs,
    });
  }

  #failure(cause: unknown): TransientError {
    const { origin } = this;
    const { responseBytesMax: limitBytes, timeoutMs } = this.#options;
    if (cause instanceof errors.ResponseExceededMaxSizeError) {
      return new TransientError('transport.frame_too_large', {
        stage: 'transport',
        message: `${origin} sent a response of more than ${limitBytes} bytes. Ask for less at once, or raise the limit.`,
        context: { origin, limitBytes },
      });
    }
    return new TransientError('source.unreachable', {
      stage: 'transport',
      message: `${origin} gave no answer: ${describeFailure(cause)}. Check that it runs and can be reached from here.`,
      context: { origin, timeoutMs },
    });
  }
}

/** undici's own messages can repeat the request's URL, so only the kind of failure is shown. */
function describeFailure(cause: unknown): string {
  if (cause instanceof errors.HeadersTimeoutError) return 'no response within the time-out';
  if (cause instanceof errors.BodyTimeoutError) return 'the response stalled';
  if (cause instanceof errors.ConnectTimeoutError) return 'no connection within the time-out';
  if (cause instanceof Error && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.name : 'unknown failure';
}

/** Headers of a response that cannot hold a cookie, a key or a token. */
function harmless(headers: HttpResponse['headers']): Readonly<Record<string, string>> {
  const isHarmless = (name: string) => !/cookie|auth|key|token|secret|session/i.test(name);
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      typeof value === 'string' && isHarmless(name) ? [[name, value]] : [],
    ),
  );
}

/** A server that wants more patience is asked again after so long. */
const retryAfterMaxMs = 3_600_000;

/** Seconds or an HTTP date. */
function parseRetryAfter(header: string | string[] | undefined, clock: Clock): number | null {
  const text = Array.isArray(header) ? header[0] : header;
  if (text === undefined) return null;
  const isSeconds = /^\d+(\.\d+)?$/.test(text.trim());
  const waitMs = isSeconds ? Number(text) * 1000 : Date.parse(text) - clock.nowMs();
  return Number.isNaN(waitMs) ? null : Math.min(Math.max(0, waitMs), retryAfterMaxMs);
}
