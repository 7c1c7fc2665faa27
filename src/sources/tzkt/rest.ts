/**
 * TzKT's REST API: checked answers, each with the server's version and the level it had then. It
 * knows no dataset.
 */
import { TransientError } from '../../model/errors.ts';
import type { HttpResponse } from '../../transport/http.ts';
import { type Quiet, RestClient } from '../rest-client.ts';
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
  /** Version of the server; null where it does not say. */
  readonly version: string | null;
  /** When it began to arrive, microseconds since the epoch. */
  readonly receivedAtUs: number;
}

/** One base address. Requests may run concurrently; `close` must follow. */
export class TzktRest {
  readonly #client: RestClient;
  #version: string | null = null;

  constructor(config: TzktConfig, runtime: SourceRuntime, quiet?: Quiet) {
    const base = { url: config.url, headers: headersOf(config) };
    this.#client = new RestClient(base, config, {
      runtime,
      quiet,
      refusal: (response, path) => this.#refusal(response, path),
    });
  }

  get origin(): string {
    return this.#client.origin;
  }

  /** Version of the server that said so last; null while none did. */
  get version(): string | null {
    return this.#version;
  }

  /**
   * Asks until it is answered or tried often enough. Throws `source.unreachable`,
   * `source.rate_limited`, `source.request_failed` (a 4xx) or `source.malformed_frame`.
   */
  async get(query: RestQuery, signal: AbortSignal): Promise<RestAnswer> {
    const search = new URLSearchParams(query.params).toString();
    const path = search === '' ? query.path : `${query.path}?${search}`;
    const { value, headers, receivedAtUs } = await this.#client.ask({ path }, signal);
    const version = header(headers, 'tzkt-version');
    this.#version = version ?? this.#version;
    return { value, level: levelOf(headers), version, receivedAtUs };
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #refusal({ status, frame }: HttpResponse, path: string): TransientError {
    const { origin } = this;
    const words = frame.bytes.toString('utf8', 0, 200).replaceAll(/\s+/g, ' ');
    return new TransientError(status >= 500 ? 'source.unreachable' : 'source.request_failed', {
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

function header(headers: HttpResponse['headers'], name: string): string | null {
  const text = headers[name];
  return typeof text === 'string' ? text : null;
}

function levelOf(headers: HttpResponse['headers']): number | null {
  const text = header(headers, 'tzkt-level');
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}
