/** The REST side: rows of the 24 datasets below `/v1`, usage, health and the record of a row. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../../model/runtime.ts';
import { waitOut } from '../../simulator/faults.ts';
import { type Item, isItem } from '../../simulator/json.ts';
import { includes, type KeyPlan, type Keys, keyOf, planOf } from '../access.ts';
import type { BlockdbChain } from '../chain/blockdb-chain.ts';
import { type Dataset, datasets } from '../chain/datasets.ts';
import type { Faults } from '../faults.ts';
import type { Profile } from '../profile.ts';
import type { Shape } from '../shape.ts';
import { type AnswerOptions, costOf, pageOf, recordOf } from './answers.ts';
import { parseQuery } from './query.ts';
import { readJson } from './read-json.ts';
import { RestError } from './rest-error.ts';
import { type View, viewOf } from './view.ts';

/** What the REST side needs. */
export interface RestOptions {
  readonly chainId: number;
  readonly chain: BlockdbChain;
  readonly shape: Shape;
  readonly profile: Profile;
  readonly faults: Faults;
  readonly keys: Keys;
  readonly clock: Clock;
  /** Replaces the last blocks; called by a fault between two pages. */
  reorganize(depth: number): void;
}

const base = '/v1';

/** Answers requests. */
export class Rest {
  readonly #options: RestOptions;
  readonly #byPath: ReadonlyMap<string, Dataset>;
  #lagging: View | undefined;
  #usedUnits = 0;
  #second = 0;
  #requestsOfSecond = 0;

  constructor(options: RestOptions) {
    const { faults } = options;
    this.#options = options;
    this.#byPath = new Map(
      [...datasets.values()].flatMap((dataset) =>
        dataset.restPaths.map((path) => [`${base}${path}`, dataset] as const),
      ),
    );
    faults.onArmed(({ name }) => {
      if (name === 'rest-lag') this.#lagging = this.#current;
    });
    faults.onOver(({ name }) => {
      if (name === 'rest-lag') this.#lagging = undefined;
    });
  }

  /** Answers one request. Rejects only when the connection is gone. */
  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://simulator').pathname;
    const { faults, profile } = this.#options;
    const slow = faults.take('rest-delay', { path });
    if (slow !== undefined) await waitOut(slow);
    if (faults.take('rest-reset', { path }) !== undefined) {
      request.socket.destroy();
      return;
    }
    const headers = { 'content-type': 'application/json', ...this.#rateHeaders() };
    try {
      const text = JSON.stringify(await this.#find(request, path));
      const isTruncated = faults.take('rest-truncated', { path }) !== undefined;
      response.writeHead(200, headers).end(isTruncated ? text.slice(0, text.length / 2) : text);
    } catch (error) {
      if (!(error instanceof RestError)) throw error;
      const seconds = error.retryAfterSeconds;
      const after = seconds === undefined ? {} : { 'retry-after': String(seconds) };
      response.writeHead(error.status, { ...headers, ...after });
      response.end(JSON.stringify(error.body(profile.rest.errors)));
    }
  }

  get #current(): View {
    const { chain, profile } = this.#options;
    return viewOf(chain.blocks, profile.rest.bufferBlocks);
  }

  #answerOptions(path: string): AnswerOptions {
    const { faults, shape, chainId, profile } = this.#options;
    const isLagging =
      this.#lagging !== undefined && faults.take('rest-lag', { path }) !== undefined;
    const view = isLagging && this.#lagging !== undefined ? this.#lagging : this.#current;
    return { view, shape, chainId, responses: profile.rest.responses };
  }

  async #find(request: IncomingMessage, path: string): Promise<Item> {
    if (request.method === 'GET' && path === `${base}/health`) return { status: 'ok' };
    const plan = planOf(this.#options.keys, keyOf(request));
    if (plan === undefined) throw new RestError(401, 'The API key is missing, wrong or expired.');
    this.#strike(path);
    this.#limit();
    if (request.method === 'GET' && path === `${base}/usage`) return this.#usage(plan);
    const dataset = this.#byPath.get(path);
    const isRecord = path === `${base}/evm/lineage/record`;
    if (request.method !== 'POST' || (dataset === undefined && !isRecord)) {
      throw new RestError(404, `There is no ${request.method} ${path}.`);
    }
    const body = await readJson(request);
    if (dataset === undefined) return this.#record(body, path);
    const hidden = this.#options.profile.rest.hiddenPaths[path];
    if (hidden !== undefined) throw new RestError(hidden, 'This dataset is not public yet.');
    if (!includes(plan, dataset.id)) throw new RestError(403, 'The plan does not include it.');
    return this.#page(dataset, body, path);
  }

  #page(dataset: Dataset, body: unknown, path: string): Item {
    const { faults, reorganize } = this.#options;
    const query = parseQuery(body, dataset, this.#options);
    this.#usedUnits += costOf(dataset);
    const page = pageOf(dataset, query, this.#answerOptions(path));
    const fault = page['cursor'] === null ? undefined : faults.take('rest-reorg', { path });
    if (fault !== undefined) reorganize(fault.request.depth ?? 1);
    return page;
  }

  #record(body: unknown, path: string): Item {
    const handle = isItem(body) ? (body['tracing_id'] ?? body['_tracing_id']) : undefined;
    if (typeof handle !== 'string') throw new RestError(400, 'tracing_id is missing.');
    const record = recordOf(handle, this.#answerOptions(path));
    if (record === undefined) throw new RestError(404, `There is no record ${handle}.`);
    return record;
  }

  #usage({ plan = 'growth' }: KeyPlan): Item {
    const { computeUnits, requestsPerSecond } = this.#options.profile.rest;
    return {
      plan,
      cu_used: this.#usedUnits,
      cu_limit: computeUnits,
      cu_remaining: Math.max(computeUnits - this.#usedUnits, 0),
      cu_reset_at: '2026-12-01T00:00:00Z',
      rate_limit_rps: requestsPerSecond,
    };
  }

  #strike(path: string): void {
    const fault = this.#options.faults.take('rest-status', { path });
    if (fault === undefined) return;
    const { status = 500, retryAfterSeconds, text = 'Simulated' } = fault.request;
    const seconds = retryAfterSeconds ?? (status === 429 ? 1 : undefined);
    throw new RestError(
      status,
      text,
      seconds === undefined ? {} : { retry_after_seconds: seconds },
    );
  }

  #limit(): void {
    const { requestsPerSecond, computeUnits } = this.#options.profile.rest;
    if (this.#usedUnits >= computeUnits) {
      throw new RestError(429, 'The budget of the month is used up.', {
        retry_after_seconds: 3600,
      });
    }
    if (this.#requestsOfSecond > requestsPerSecond) {
      throw new RestError(429, 'Too many requests.', { retry_after_seconds: 1 });
    }
  }

  #rateHeaders(): Readonly<Record<string, string>> {
    const second = Math.floor(this.#options.clock.nowMs() / 1000);
    if (second !== this.#second) this.#requestsOfSecond = 0;
    this.#second = second;
    this.#requestsOfSecond += 1;
    const { requestsPerSecond } = this.#options.profile.rest;
    return {
      'x-ratelimit-limit': String(requestsPerSecond),
      'x-ratelimit-remaining': String(Math.max(requestsPerSecond - this.#requestsOfSecond, 0)),
    };
  }
}
