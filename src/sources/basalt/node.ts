/** One Basalt node: typed calls over REST. It knows nothing of positions or retries. */
import { DataError, TransientError } from '../../model/errors.ts';
import type { HttpEndpoint, HttpResponse } from '../../transport/http.ts';
import { parseLosslessJson } from '../../transport/lossless-json.ts';
import type { AdmissibleNode } from '../following/admitted-nodes.ts';
import type { HeadView } from '../following/chain.ts';
import type { SourceRuntime } from '../source.ts';
import { isObject } from '../wire-object.ts';
import type { BasaltBlock, WireFields, WireTransaction } from './messages.ts';
import { parseRawBlock } from './raw-block.ts';
import type { RequestBudget } from './request-budget.ts';
import { hashIn, heightIn, malformed, objectIn, parseBlock, parseTransactions } from './wire.ts';

/** Most blocks that `/v1/sync/blocks` gives at once (Basalt reference 5). */
const rawBlocksMax = 100;

/** Calls may run concurrently. All throw `PipelineError`s; an abort throws the signal's reason. */
export class BasaltNode implements AdmissibleNode {
  readonly #http: HttpEndpoint;
  readonly #budget: RequestBudget;
  readonly #runtime: Pick<SourceRuntime, 'name' | 'clock' | 'metrics'>;
  #hasHistory = true;

  constructor(
    http: HttpEndpoint,
    budget: RequestBudget,
    runtime: Pick<SourceRuntime, 'name' | 'clock' | 'metrics'>,
  ) {
    this.#http = http;
    this.#budget = budget;
    this.#runtime = runtime;
  }

  get origin(): string {
    return this.#http.origin;
  }

  /** False once the node said that it keeps no blocks on disk (501). */
  get hasHistory(): boolean {
    return this.#hasHistory;
  }

  async chain(signal: AbortSignal): Promise<string> {
    const { value } = await this.#required('/v1/sync/status', signal);
    return `basalt:${heightIn(objectIn(value, 'sync/status'), 'chainId', 'sync/status')}`;
  }

  async genesisHash(signal: AbortSignal): Promise<string> {
    const { value } = await this.#required('/v1/blocks/0', signal);
    return parseBlock(value, 'height 0').hash;
  }

  /** The tip, by the cheapest question there is. */
  async tips(signal: AbortSignal): Promise<HeadView> {
    const { value, receivedAtUs } = await this.#required('/v1/status', signal);
    const fields = objectIn(value, 'status');
    const height = heightIn(fields, 'blockHeight', 'status');
    return { head: { height, hash: hashIn(fields, 'latestBlockHash', 'status') }, receivedAtUs };
  }

  /** From memory, else from disk. */
  async hashAt(height: number, signal: AbortSignal): Promise<string | null> {
    return (await this.blockAt(height, signal))?.hash ?? null;
  }

  /** The block at a height, from memory, else from disk; null where the node has it in neither. */
  async blockAt(height: number, signal: AbortSignal): Promise<BasaltBlock | null> {
    const block = await this.#blockInMemory(height, signal);
    if (block !== null) return block;
    const [raw] = await this.rawBlocks(height, 1, signal);
    return raw ?? null;
  }

  /**
   * Blocks from disk by ascending height, with their transactions: as many as there are without a
   * hole, at most `rawBlocksMax`. None where the node keeps none.
   */
  async rawBlocks(from: number, count: number, signal: AbortSignal): Promise<BasaltBlock[]> {
    if (!this.#hasHistory) return [];
    const path = `/v1/sync/blocks?from=${from}&count=${Math.min(count, rawBlocksMax)}`;
    const response = await this.#get(path, signal);
    if (response.status === 501) {
      this.#hasHistory = false;
      return [];
    }
    const value = this.#json(this.#checked(response, path), path);
    const blocks = isObject(value) ? value['blocks'] : undefined;
    if (!Array.isArray(blocks) || blocks.length > count) throw malformed(path, 'blocks', blocks);
    return blocks.map((each, index) => {
      const block = parseRawBlock(each, path);
      if (block.height !== from + index) throw malformed(path, 'number', block.height);
      return block;
    });
  }

  /** Null where the block is not in memory. */
  async transactionsAt(
    height: number,
    signal: AbortSignal,
  ): Promise<readonly WireTransaction[] | null> {
    const path = `/v1/blocks/${height}/transactions`;
    const value = await this.#known(path, signal);
    return value === null ? null : parseTransactions(value, path);
  }

  /** Null where no receipt is known. It may be of a block that was rolled back. */
  async receipt(hash: string, signal: AbortSignal): Promise<WireFields | null> {
    const path = `/v1/receipts/${hash}`;
    const value = await this.#known(path, signal);
    return value === null ? null : objectIn(value, path);
  }

  async #blockInMemory(height: number, signal: AbortSignal): Promise<BasaltBlock | null> {
    const value = await this.#known(`/v1/blocks/${height}`, signal);
    if (value === null) return null;
    const block = parseBlock(value, `height ${height}`);
    if (block.height !== height) throw malformed(`height ${height}`, 'number', block.height);
    return block;
  }

  async #required(path: string, signal: AbortSignal) {
    const response = this.#checked(await this.#get(path, signal), path);
    return { value: this.#json(response, path), receivedAtUs: response.frame.receivedAtUs };
  }

  /** Null for 404: the node does not have it here, which does not say that it does not exist. */
  async #known(path: string, signal: AbortSignal): Promise<unknown> {
    const response = await this.#get(path, signal);
    return response.status === 404 ? null : this.#json(this.#checked(response, path), path);
  }

  async #get(path: string, signal: AbortSignal): Promise<HttpResponse> {
    if (this.#budget.closedMs > 0) throw this.#limited();
    await this.#budget.take(signal);
    const { name: source, clock, metrics } = this.#runtime;
    metrics.add('rpc_requests', { source, method: 'GET' });
    const startedAtUs = clock.nowUs();
    const response = await this.#http.get(path, {}, signal);
    const seconds = (clock.nowUs() - startedAtUs) / 1e6;
    metrics.observe('rpc_duration_seconds', { source, method: 'GET' }, seconds);
    return response;
  }

  #checked(response: HttpResponse, path: string): HttpResponse {
    const { status, frame } = response;
    if (status === 200) return response;
    const { origin } = this;
    if (status === 429) {
      this.#budget.close();
      throw this.#limited();
    }
    const words = frame.bytes.toString('utf8', 0, 200).replaceAll(/\s+/g, ' ');
    throw new TransientError(status >= 500 ? 'source.unreachable' : 'source.request_failed', {
      stage: 'sources',
      message: `${origin}${path} answered HTTP ${status} (${words}). ${status >= 500 ? 'It is tried again.' : 'Check the version of the node, and that "rest" is its base address.'}`,
      context: { origin, status },
    });
  }

  #limited(): TransientError {
    // The node counts by the minute and does not say when the next one begins.
    const retryAfterMs = this.#budget.closedMs;
    return new TransientError('source.rate_limited', {
      stage: 'sources',
      message: `${this.origin} answered HTTP 429: too many requests from this address. It is left alone for ${retryAfterMs} ms. Lower requestsPerMinuteMax, or add an endpoint to "rest".`,
      context: { origin: this.origin, status: 429, retryAfterMs },
    });
  }

  #json({ frame: { bytes } }: HttpResponse, path: string): unknown {
    try {
      return parseLosslessJson(bytes.toString('utf8'));
    } catch {
      throw new DataError('source.malformed_frame', {
        stage: 'sources',
        message: `${this.origin}${path} answered with what is not JSON (${bytes.length} bytes). Check that it is a Basalt node and that nothing between changes its answers.`,
        context: { origin: this.origin },
        raw: bytes.subarray(0, 65_536),
      });
    }
  }
}
