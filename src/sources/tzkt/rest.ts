/**
 * TzKT's REST API as questions with checked answers: paced, tried again with pauses, each answer with
 * the level the server had then. It knows no dataset.
 */
import { DataError, type PipelineError, TransientError } from '../../model/errors.ts';
import { Endpoints } from '../../transport/endpoints.ts';
import { HttpEndpoint, type HttpResponse } from '../../transport/http.ts';
import { parseLosslessJson } from '../../transport/lossless-json.ts';
import type { SourceRuntime } from '../source.ts';
import type { TzktConfig } from './config.ts';

/** A path below the base address and its query. */
export interface RestQuery {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
}

/** An answer; `value` is null for 204. */
export interface RestAnswer {
  readonly value: unknown;
  /** Head level of the server when the request began; null where it does not say. */
  readonly level: number | null;
  /** When it began to arrive, microseconds since the epoch. */
  readonly receivedAtUs: number;
}

/** Until when the server does not want to be asked; outlives the connections. */
export interface Quiet {
  untilMs: number;
}

/** One base address. Requests may run concurrently; `close` must follow. */
export class TzktRest {
  readonly #http: HttpEndpoint;
  readonly #endpoints: Endpoints<HttpEndpoint>;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #config: TzktConfig;
  readonly #runtime: SourceRuntime;
  #nextAtMs = 0;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #quiet: Quiet;

  constructor(config: TzktConfig, runtime: SourceRuntime, quiet: Quiet = { untilMs: 0 }) {
    this.#quiet = quiet;
    const { clock, metrics, name: source } = runtime;
    this.#config = config;
    this.#runtime = runtime;
    this.#headers = headersOf(config);
    this.#http = new HttpEndpoint({
      url: config.url,
      connectionsMax: config.concurrency,
      timeoutMs: config.requestTimeoutMs,
      responseBytesMax: config.responseBytesMax,
      clock,
      onFrame: runtime.onFrame,
    });
    const policy = { ...config, restMs: 0 };
    this.#endpoints = new Endpoints([this.#http], policy, {
      clock,
      random: () => runtime.random(),
      onRetry: (error: PipelineError) => {
        metrics.add('rpc_retries', { source, code: error.code });
        runtime.logger.debug({ err: error }, 'request retried');
      },
    });
  }

  get origin(): string {
    return this.#http.origin;
  }

  /**
   * Asks until it is answered or tried often enough. Throws `source.unreachable`,
   * `source.rate_limited`, `source.request_failed` (a 4xx) or `source.malformed_frame`.
   */
  async get(query: RestQuery, signal: AbortSignal): Promise<RestAnswer> {
    const search = new URLSearchParams(query.params).toString();
    const path = search === '' ? query.path : `${query.path}?${search}`;
    await this.#admitted();
    try {
      return await this.#endpoints.run((endpoint) => this.#ask(endpoint, path, signal), signal);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Waits for its turn; an abort is noticed by the request itself, which then has it. */
  async #admitted(): Promise<void> {
    while (this.#running >= this.#config.concurrency) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
    this.#running += 1;
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  async #ask(endpoint: HttpEndpoint, path: string, signal: AbortSignal): Promise<RestAnswer> {
    await this.#obey(signal);
    await this.#pace(signal);
    const { metrics, name: source } = this.#runtime;
    metrics.add('rpc_requests', { source, method: 'GET' });
    const response = await endpoint.get(path, this.#headers, signal);
    this.#checkStatus(response, path);
    const { bytes, receivedAtUs } = response.frame;
    const level = levelOf(response);
    if (response.status === 204) return { value: null, level, receivedAtUs };
    try {
      return { value: parseLosslessJson(bytes.toString('utf8')), level, receivedAtUs };
    } catch {
      throw new DataError('source.malformed_frame', {
        stage: 'sources',
        message: `${this.origin}${path} answered with what is not JSON (${bytes.length} bytes). Check that it is TzKT and that nothing between changes its answers.`,
        context: { origin: this.origin },
        raw: bytes.subarray(0, 65_536),
      });
    }
  }

  /** What one request was told holds for all: a short wait is waited here, a long one ends the session. */
  async #obey(signal: AbortSignal): Promise<void> {
    const { clock } = this.#runtime;
    const waitMs = this.#quiet.untilMs - clock.nowMs();
    if (waitMs > this.#config.retryDelayMaxMs) throw this.#rateLimited('not yet', waitMs);
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }

  #rateLimited(how: string, retryAfterMs: number | null): TransientError {
    const { origin } = this;
    const wait = retryAfterMs === null ? '' : `, to be asked again in ${retryAfterMs} ms`;
    return new TransientError('source.rate_limited', {
      stage: 'sources',
      message: `${origin} takes no more requests now (${how}${wait}). Lower requestsPerSecondMax, or use an instance that takes more.`,
      context: { origin, retryAfterMs },
    });
  }

  /** Requests begin at even distances, so that a limit per second is never met in a burst. */
  async #pace(signal: AbortSignal): Promise<void> {
    const { clock } = this.#runtime;
    const distanceMs = 1000 / this.#config.requestsPerSecondMax;
    const nowMs = clock.nowMs();
    const atMs = Math.max(nowMs, this.#nextAtMs);
    this.#nextAtMs = atMs + distanceMs;
    if (atMs - nowMs >= 1) await clock.sleep(atMs - nowMs, signal);
  }

  #checkStatus({ status, retryAfterMs, frame }: HttpResponse, path: string): void {
    if (status === 200 || status === 204) return;
    const { origin } = this;
    if (status === 429 || status === 503) {
      const untilMs = this.#runtime.clock.nowMs() + (retryAfterMs ?? 0);
      this.#quiet.untilMs = Math.max(this.#quiet.untilMs, untilMs);
      throw this.#rateLimited(`HTTP ${status}`, retryAfterMs);
    }
    const words = frame.bytes.toString('utf8', 0, 200).replaceAll(/\s+/g, ' ');
    throw new TransientError(status >= 500 ? 'source.unreachable' : 'source.request_failed', {
      stage: 'sources',
      message: `${origin}${path} answered HTTP ${status} (${words}). ${status >= 500 ? 'It is tried again.' : 'Check the version of TzKT, the filters and the key.'}`,
      context: { origin, status },
    });
  }
}

/** Headers of every request, of the hub's too. */
export function headersOf(config: TzktConfig): Readonly<Record<string, string>> {
  return config.apiKey === null ? {} : { apikey: config.apiKey };
}

function levelOf({ headers }: HttpResponse): number | null {
  const text = headers['tzkt-level'];
  return typeof text === 'string' && /^\d+$/.test(text) ? Number(text) : null;
}
