/**
 * 0xArchive's REST API (reference section 8): pages of rows of a market over a range of time, what the
 * archive has come to. It knows no row.
 */
import { FatalError, type PipelineError, TransientError } from '../../../model/errors.ts';
import type { HttpResponse } from '../../../transport/http.ts';
import { parseExactJson } from '../../decimal.ts';
import { RestClient } from '../../rest-client.ts';
import type { SourceRuntime } from '../../source.ts';
import { isObject } from '../../wire-object.ts';
import type { OxarchiveConfig } from '../config.ts';
import { type Market, restPath } from '../markets.ts';
import { refusalOf } from '../refusal.ts';

/** Milliseconds since the epoch; both ends are included. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Rows as they came. */
export interface ArchivePage {
  readonly rows: readonly unknown[];
  /** Members that say how far the answer goes. */
  readonly meta: Readonly<Record<string, unknown>>;
  readonly receivedAtUs: number;
}

/** One base address. Requests may run concurrently; `close` must follow. */
export class Archive {
  readonly #client: RestClient;
  readonly #config: OxarchiveConfig;

  constructor(config: OxarchiveConfig, runtime: SourceRuntime) {
    const { apiKey, contract } = config;
    const key: Readonly<Record<string, string>> = apiKey === null ? {} : { 'x-api-key': apiKey };
    const headers = { '0xarchive-version': contract, ...key };
    this.#config = config;
    this.#client = new RestClient({ url: config.rest.replace(/\/$/, ''), headers }, config, {
      runtime,
      refusal: (response, path) => this.#refusal(response, path),
      parse: parseExactJson,
    });
  }

  get origin(): string {
    return this.#client.origin;
  }

  /**
   * The pages of one resource of a market, oldest rows first. Throws `source.unreachable`,
   * `source.rate_limited`, `source.malformed_frame`, `source.key_refused`, `transport.frame_too_large`,
   * or what the server's refusal means, with its word as `refusal` in the context.
   */
  async *pages(
    market: Market,
    query: {
      readonly resource: string;
      readonly range?: TimeRange;
      readonly params?: Readonly<Record<string, string>>;
      /** The newest rows, which may be preliminary. */
      readonly isRecent?: boolean;
    },
    signal: AbortSignal,
  ): AsyncGenerator<ArchivePage> {
    const { resource, range, params = {}, isRecent = false } = query;
    const where = `${restPath(market, resource)}${isRecent ? '/recent' : ''}`;
    const asked = new URLSearchParams({ ...params, limit: String(this.#config.rowsPerPage) });
    if (range !== undefined) {
      asked.set('start', String(range.fromMs));
      asked.set('end', String(range.toMs));
    }
    for (;;) {
      const path = `${where}?${asked}`;
      const { value, receivedAtUs } = await this.#client.ask({ path }, signal);
      const page = pageOf(value);
      if (page === undefined) throw this.#notAPage(path, value);
      yield { ...page, receivedAtUs };
      const { next_cursor: cursor, has_more: hasMore } = page.meta;
      const isNext = typeof cursor === 'string' && cursor !== asked.get('cursor');
      if (!isNext && hasMore === true) throw this.#cutShort(path);
      if (!isNext || hasMore === false) return;
      asked.set('cursor', cursor);
    }
  }

  /** An answer of whatever form. Throws like `pages`. */
  async answer(path: string, signal: AbortSignal): Promise<unknown> {
    const { value } = await this.#client.ask({ path }, signal);
    return isObject(value) ? (value['data'] ?? value) : value;
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  #refusal({ status, frame }: HttpResponse, path: string): PipelineError {
    const { origin } = this;
    const text = frame.bytes.toString('utf8', 0, 8_000);
    const { word, message, requestId, coverageFromMs } = wordsOf(text);
    const asked = path.replace(/\?.*/, '');
    const where = `${origin}${asked} answered HTTP ${status} (${word}: ${message}).`;
    const context = { origin, status, refusal: word, requestId, coverageFromMs };
    if (status === 401) {
      return new TransientError('source.key_refused', {
        stage: 'sources',
        message: `${where} Check apiKey: it may be mistyped or expired.`,
        context,
      });
    }
    if (status >= 500) {
      return new TransientError('source.unreachable', {
        stage: 'sources',
        message: `${where} It is tried again.`,
        context,
      });
    }
    const { code, advice } = refusalOf(word, status);
    return new FatalError(code, { stage: 'sources', message: `${where} ${advice}`, context });
  }

  /** What is missing at the end of such an answer must not be taken for all there is. */
  #cutShort(path: string): TransientError {
    return new TransientError('source.request_failed', {
      stage: 'sources',
      message: `${this.origin}${path.replace(/\?.*/, '')} says that there is more, and gives no new cursor to ask for it. It is tried again.`,
      context: { origin: this.origin },
    });
  }

  #notAPage(path: string, value: unknown): TransientError {
    return new TransientError('source.request_failed', {
      stage: 'sources',
      message: `${this.origin}${path.replace(/\?.*/, '')} answered with ${typeof value} that holds no "data". Check that the address is that of 0xArchive's REST API.`,
      context: { origin: this.origin },
    });
  }
}

function pageOf(value: unknown): Omit<ArchivePage, 'receivedAtUs'> | undefined {
  if (!isObject(value)) return undefined;
  const { data, meta } = value;
  if (!Array.isArray(data)) return undefined;
  return { rows: data, meta: isObject(meta) ? meta : {} };
}

/** Both forms of an error's body (reference section 8). */
function wordsOf(told: string): {
  readonly word: string;
  readonly message: string;
  readonly requestId: string | null;
  readonly coverageFromMs: number | null;
} {
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 300) : undefined);
  let body: unknown;
  try {
    body = parseExactJson(told);
  } catch {
    const message = told.slice(0, 200).replaceAll(/\s+/g, ' ');
    return { word: 'unknown', message, requestId: null, coverageFromMs: null };
  }
  const outer = isObject(body) ? body : {};
  const inner = isObject(outer['error']) ? outer['error'] : {};
  const meta = isObject(outer['meta']) ? outer['meta'] : {};
  const coverage = outer['coverage_from'] ?? meta['coverage_from'];
  const coverageFromMs = typeof coverage === 'number' ? coverage : Date.parse(String(coverage));
  return {
    word: text(outer['error_code']) ?? text(inner['code']) ?? 'unknown',
    message: text(outer['error']) ?? text(inner['message']) ?? 'no message',
    requestId: text(outer['request_id']) ?? text(meta['request_id']) ?? null,
    coverageFromMs: Number.isFinite(coverageFromMs) ? coverageFromMs : null,
  };
}
