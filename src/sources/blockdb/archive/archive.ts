/**
 * BlockDB's REST API (reference section 9): pages of rows of a dataset over a range of heights or of
 * time. It lags behind the head on purpose. It knows no row.
 */

import { FatalError, type PipelineError, TransientError } from '../../../model/errors.ts';
import type { HttpResponse } from '../../../transport/http.ts';
import { parseExactJson } from '../../decimal.ts';
import { RestClient, type RestResponse } from '../../rest-client.ts';
import type { HeightRange, SourceRuntime } from '../../source.ts';
import type { TimeRange } from '../bars.ts';
import { type BlockdbConfig, chainIdOf } from '../config.ts';
import type { BlockdbDataset, WireFields } from '../messages.ts';
import { errorOf, isObject } from '../stream/frames.ts';
import { blockdbTables } from '../tables/tables.ts';

/** One question: rows of a dataset within both ends. */
export interface ArchiveQuery {
  readonly dataset: BlockdbDataset;
  /** Of times where the rows are bars: when their buckets begin. */
  readonly range: HeightRange | TimeRange;
  readonly params: WireFields;
  /** Most rows wanted; missing = all. */
  readonly rowsMax?: number;
}

/** Rows as they came, all pages. */
export interface ArchiveRows {
  readonly rows: readonly WireFields[];
  /** The height or time where the answer ended, if it says so: REST may not have come to the end. */
  readonly resolvedTo: number | null;
  readonly receivedAtUs: number;
}

/** Ends of a range in the words of REST, and where its answer says where it ended. */
function windowOf(range: ArchiveQuery['range']) {
  if ('from' in range) {
    return { words: { from_block: range.from, to_block: range.to }, end: 'to_block' };
  }
  const [from_timestamp, to_timestamp] = [range.fromMs, range.toMs].map((timeMs) =>
    new Date(timeMs).toISOString(),
  );
  return { words: { from_timestamp, to_timestamp }, end: 'to_timestamp' };
}

/** One base address. Requests may run concurrently; `close` must follow. */
export class Archive {
  readonly #client: RestClient;
  readonly #config: BlockdbConfig;
  /** Where a dataset was found. */
  readonly #pathOf = new Map<BlockdbDataset, string>();

  constructor(config: BlockdbConfig, runtime: SourceRuntime) {
    const { apiKey } = config;
    const headers: Readonly<Record<string, string>> =
      apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
    this.#config = config;
    this.#client = new RestClient({ url: config.rest, headers }, config, {
      runtime,
      refusal: (response, path) => this.#refusal(response, path),
      parse: parseExactJson,
    });
  }

  get origin(): string {
    return this.#client.origin;
  }

  /**
   * All pages. Throws `source.unreachable`, `source.rate_limited`, `source.malformed_frame`,
   * `source.key_refused`, `transport.frame_too_large` (ask for less), `source.dataset_forbidden` and
   * `source.dataset_unknown` (this dataset REST does not give).
   */
  async rows(query: ArchiveQuery, signal: AbortSignal): Promise<ArchiveRows> {
    const { dataset, range, params, rowsMax = Number.POSITIVE_INFINITY } = query;
    const limit = Math.min(this.#config.rowsPerPage, rowsMax);
    const { words, end } = windowOf(range);
    const rows: WireFields[] = [];
    let cursor: unknown = null;
    let resolvedTo: number | null = null;
    for (;;) {
      const body = JSON.stringify({
        chain_id: chainIdOf(this.#config),
        ...params,
        ...words,
        limit,
        cursor,
      });
      const { value, receivedAtUs, path } = await this.#ask(dataset, body, signal);
      const page = pageOf(value, end);
      if (page === undefined) throw this.#notAPage(path, value);
      rows.push(...page.rows);
      resolvedTo = page.resolvedTo;
      cursor = page.cursor;
      const isEnd = cursor === null || page.rows.length === 0 || rows.length >= rowsMax;
      if (isEnd) return { rows, resolvedTo, receivedAtUs };
    }
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  /** Older revisions of REST have other paths (reference section 9.3): the newest that is there counts. */
  async #ask(
    dataset: BlockdbDataset,
    body: string,
    signal: AbortSignal,
  ): Promise<RestResponse & { readonly path: string }> {
    const known = this.#pathOf.get(dataset);
    const paths = known === undefined ? blockdbTables[dataset].restPaths : [known];
    let missing: unknown;
    for (const path of paths) {
      try {
        const response = await this.#client.ask({ path, body }, signal);
        this.#pathOf.set(dataset, path);
        return { ...response, path };
      } catch (error) {
        if (!(error instanceof FatalError) || error.context['status'] !== 404) throw error;
        missing ??= error;
      }
    }
    throw missing;
  }

  #refusal({ status, frame }: HttpResponse, path: string): PipelineError {
    const { origin } = this;
    const words = wordsOf(frame.bytes);
    const where = `${origin}${path} answered HTTP ${status} (${words}).`;
    const context = { origin, status };
    const error = (code: PipelineError['code'], advice: string) =>
      new TransientError(code, { stage: 'sources', message: `${where} ${advice}`, context });
    if (status === 401) {
      return error('source.key_refused', 'Check apiKey: it may be mistyped or expired.');
    }
    if (status === 403) return notGiven('source.dataset_forbidden', where, context);
    if (status === 404 || status === 501) return notGiven('source.dataset_unknown', where, context);
    if (status === 413) return tooLarge(where, context);
    if (status >= 500) return error('source.unreachable', 'It is tried again.');
    return error('source.request_failed', 'Check the filters, the chain and the version of REST.');
  }

  #notAPage(path: string, value: unknown): TransientError {
    return new TransientError('source.request_failed', {
      stage: 'sources',
      message: `${this.origin}${path} answered with ${typeof value} that holds no list "data". Check that the address is that of BlockDB's REST API.`,
      context: { origin: this.origin },
    });
  }
}

interface Page {
  readonly rows: readonly WireFields[];
  readonly cursor: unknown;
  readonly resolvedTo: number | null;
}

/** Both shapes of the documents: the older one has no `meta` (reference section 9.2). */
function pageOf(value: unknown, end: string): Page | undefined {
  if (!isObject(value) || !Array.isArray(value['data'])) return undefined;
  const rows = value['data'].filter(isObject);
  if (rows.length < value['data'].length) return undefined;
  const meta = isObject(value['meta']) ? value['meta'] : {};
  const resolved = isObject(meta['resolved_window']) ? meta['resolved_window'] : {};
  const to = resolved[end];
  const resolvedTo = typeof to === 'string' ? Date.parse(to) : Number(to ?? Number.NaN);
  return {
    rows,
    cursor: value['cursor'] ?? null,
    resolvedTo: Number.isSafeInteger(resolvedTo) ? resolvedTo : null,
  };
}

/** No other try would help: the caller goes on without this dataset, or ends. */
function notGiven(
  code: 'source.dataset_forbidden' | 'source.dataset_unknown',
  where: string,
  context: { readonly origin: string; readonly status: number },
): FatalError {
  return new FatalError(code, {
    stage: 'sources',
    message: `${where} REST does not give this dataset to this key: check the plan, or leave it out of "datasets".`,
    context,
  });
}

function tooLarge(
  where: string,
  context: { readonly origin: string; readonly status: number },
): FatalError {
  return new FatalError('transport.frame_too_large', {
    stage: 'sources',
    message: `${where} Lower blocksPerFetch or rowsPerPage.`,
    context,
  });
}

function wordsOf(bytes: Buffer): string {
  try {
    const value = parseExactJson(bytes.toString('utf8', 0, 4_000));
    const { code, message } = errorOf(isObject(value) ? value['error'] : undefined);
    return `${code}: ${message}`;
  } catch {
    return bytes.toString('utf8', 0, 200).replaceAll(/\s+/g, ' ');
  }
}
