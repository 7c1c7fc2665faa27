/**
 * A venue's REST API as questions with JSON answers: so many at a time, at even distances, tried again
 * with pauses. What an answer means, and which error a status is, is the source's.
 */
import { DataError, type PipelineError, TransientError } from '../model/errors.ts';
import { Endpoints } from '../transport/endpoints.ts';
import { hideSecrets, hideSecretsInBytes, secretsOf } from '../transport/hide-secrets.ts';
import { HttpEndpoint, type HttpResponse } from '../transport/http.ts';
import { parseLosslessJson } from '../transport/lossless-json.ts';
import type { SourceRuntime } from './source.ts';

/** Limits, as the options of sources are called. */
export interface RestLimits {
  readonly concurrency: number;
  readonly requestsPerSecondMax: number;
  readonly requestTimeoutMs: number;
  readonly responseBytesMax: number;
  readonly attemptsMax: number;
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
}

/** One question: a `body` makes it a POST. */
export interface RestRequest {
  /** Below the base address, with its query. */
  readonly path: string;
  readonly body?: string;
}

/** A good answer; `value` is null for 204. */
export interface RestResponse {
  readonly value: unknown;
  readonly headers: HttpResponse['headers'];
  /** When it began to arrive, microseconds since the epoch. */
  readonly receivedAtUs: number;
}

/** Until when the server does not want to be asked; outlives the connections. */
export interface Quiet {
  untilMs: number;
  /** How it said so; of no meaning while `untilMs` is past. */
  status: RefusedStatus;
}

/** Says of every request: too many, or not available. */
type RefusedStatus = 429 | 503;

/** The error that an answer with another status than 200, 204, 429 and 503 is. */
export type Refusal = (response: HttpResponse, path: string) => PipelineError;

/** One base address. Requests may run concurrently; `close` must follow. */
export class RestClient {
  readonly #http: HttpEndpoint;
  readonly #endpoints: Endpoints<HttpEndpoint>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #secrets: readonly string[];
  readonly #limits: RestLimits;
  readonly #runtime: SourceRuntime;
  readonly #refusal: Refusal;
  readonly #quiet: Quiet;
  readonly #parse: (text: string) => unknown;
  #nextAtMs = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    base: { readonly url: string; readonly headers: Readonly<Record<string, string>> },
    limits: RestLimits,
    context: {
      readonly runtime: SourceRuntime;
      readonly refusal: Refusal;
      readonly quiet?: Quiet | undefined;
      /** Reads an answer's text; `parseLosslessJson` where a source needs no other. */
      readonly parse?: (text: string) => unknown;
    },
  ) {
    const { clock, metrics, name: source, logger, onFrame } = context.runtime;
    this.#limits = limits;
    this.#runtime = context.runtime;
    this.#refusal = context.refusal;
    this.#quiet = context.quiet ?? { untilMs: 0, status: 429 };
    this.#parse = context.parse ?? parseLosslessJson;
    this.#headers = base.headers;
    this.#secrets = secretsOf(base.url, base.headers);
    this.#http = new HttpEndpoint({
      url: base.url,
      connectionsMax: limits.concurrency,
      timeoutMs: limits.requestTimeoutMs,
      responseBytesMax: limits.responseBytesMax,
      clock,
      onFrame,
    });
    const policy = { ...limits, restMs: 0 };
    this.#endpoints = new Endpoints([this.#http], policy, {
      clock,
      random: () => context.runtime.random(),
      onRetry: (error: PipelineError) => {
        metrics.add('rpc_retries', { source, code: error.code });
        logger.debug({ err: error }, 'request retried');
      },
    });
  }

  get origin(): string {
    return this.#http.origin;
  }

  /**
   * Asks until it is answered or tried often enough. Throws `source.unreachable`,
   * `source.rate_limited`, `source.malformed_frame`, or the source's refusal.
   */
  async ask(request: RestRequest, signal: AbortSignal): Promise<RestResponse> {
    await this.#admitted();
    try {
      return await this.#endpoints.run((endpoint) => this.#try(endpoint, request, signal), signal);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** Waits for its turn; an abort is noticed by the request itself, which then has it. */
  async #admitted(): Promise<void> {
    while (this.#running >= this.#limits.concurrency) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    this.#running += 1;
  }

  async #try(
    endpoint: HttpEndpoint,
    { path, body }: RestRequest,
    signal: AbortSignal,
  ): Promise<RestResponse> {
    await this.#obey(signal);
    await this.#pace(signal);
    const { metrics, name: source } = this.#runtime;
    metrics.add('rpc_requests', { source, method: body === undefined ? 'GET' : 'POST' });
    const headers = this.#headers;
    const response =
      body === undefined
        ? await endpoint.get(path, headers, signal)
        : await endpoint.post(body, signal, { path, headers });
    const { status, frame, retryAfterMs } = response;
    const { bytes, receivedAtUs } = frame;
    if (status === 429 || status === 503) throw this.#told(status, retryAfterMs);
    if (status === 204) return { value: null, headers: response.headers, receivedAtUs };
    if (status !== 200) throw this.#refusal(this.#masked(response), path);
    try {
      // A server that refuses a key may quote it in an answer that looks like any other.
      const value = this.#parse(hideSecrets(bytes.toString('utf8'), this.#secrets));
      return { value, headers: response.headers, receivedAtUs };
    } catch {
      throw new DataError('source.malformed_frame', {
        stage: 'sources',
        message: `${this.origin}${path} answered with what is not JSON (${bytes.length} bytes). Check that the address is right and that nothing between changes its answers.`,
        context: { origin: this.origin },
        raw: hideSecretsInBytes(bytes, this.#secrets).subarray(0, 65_536),
      });
    }
  }

  /** A server that refuses a key may quote it. */
  #masked(response: HttpResponse): HttpResponse {
    const { frame } = response;
    const bytes = hideSecretsInBytes(frame.bytes, this.#secrets);
    return { ...response, frame: { ...frame, bytes } };
  }

  /** What one request was told holds for all: a short wait is waited here, a long one ends the session. */
  async #obey(signal: AbortSignal): Promise<void> {
    const { clock } = this.#runtime;
    const waitMs = this.#quiet.untilMs - clock.nowMs();
    if (waitMs > this.#limits.retryDelayMaxMs) throw this.#refused(this.#quiet.status, waitMs);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }

  #told(status: RefusedStatus, retryAfterMs: number | null): TransientError {
    const untilMs = this.#runtime.clock.nowMs() + (retryAfterMs ?? 0);
    if (untilMs > this.#quiet.untilMs) {
      this.#quiet.untilMs = untilMs;
      this.#quiet.status = status;
    }
    return this.#refused(status, retryAfterMs);
  }

  #refused(status: RefusedStatus, retryAfterMs: number | null): TransientError {
    const { origin } = this;
    const wait = retryAfterMs === null ? '' : `, to be asked again in ${retryAfterMs} ms`;
    const isLimit = status === 429;
    return new TransientError(isLimit ? 'source.rate_limited' : 'source.unreachable', {
      stage: 'sources',
      message: isLimit
        ? `${origin} takes no more requests now (HTTP ${status}${wait}). Lower requestsPerSecondMax, or use an instance that takes more.`
        : `${origin} cannot answer now (HTTP ${status}${wait}). It is tried again.`,
      context: { origin, status, retryAfterMs },
    });
  }

  /** Requests begin at even distances, so that a limit per second is never met in a burst. */
  async #pace(signal: AbortSignal): Promise<void> {
    const { clock } = this.#runtime;
    const distanceMs = 1000 / this.#limits.requestsPerSecondMax;
    const nowMs = clock.nowMs();
    const atMs = Math.max(nowMs, this.#nextAtMs);
    this.#nextAtMs = atMs + distanceMs;
    if (atMs - nowMs >= 1) await clock.sleep(atMs - nowMs, signal);
  }
}
