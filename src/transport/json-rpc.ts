/**
 * JSON-RPC 2.0 over one HTTP endpoint: batches within limits, answers matched by id in any order.
 * It asks for less when the node says that a batch is too large; it retries nothing else.
 */
import { DataError, TransientError } from '../model/errors.ts';
import type { HttpEndpoint, HttpResponse } from './http.ts';
import { classifyRpcError, type JsonRpcError, readRpcError } from './rpc-error.ts';

/** One call, before it has an id. */
export interface JsonRpcCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** One answer: exactly one of the two is set. A result may be null. */
export type JsonRpcAnswer =
  | { readonly result: unknown; readonly error?: undefined }
  | { readonly error: JsonRpcError; readonly result?: undefined };

/** Answers in the order of the calls. */
export interface JsonRpcAnswers {
  readonly answers: readonly JsonRpcAnswer[];
  /** When the first response began to arrive, microseconds since the epoch. */
  readonly receivedAtUs: number;
}

/** What one request may hold. */
export interface JsonRpcLimits {
  readonly batchItemsMax: number;
  readonly batchBytesMax: number;
}

/** After so many full batches without complaint, a halved limit is raised by a quarter. */
const batchesBeforeGrowth = 50;

/** One endpoint. Calls may run concurrently. */
export class JsonRpcEndpoint {
  readonly #http: HttpEndpoint;
  readonly #limits: JsonRpcLimits;
  #itemsMax: number;
  #untroubledBatches = 0;
  #nextId = 1;

  constructor(http: HttpEndpoint, limits: JsonRpcLimits) {
    this.#http = http;
    this.#limits = limits;
    this.#itemsMax = limits.batchItemsMax;
  }

  get origin(): string {
    return this.#http.origin;
  }

  /** How many calls go into one request now: it halves when the node finds batches too large. */
  get batchItemsNow(): number {
    return this.#itemsMax;
  }

  /**
   * Asks all, in as many requests as the limits need. An error of a single call is in its answer,
   * except that a rate limit or an unreadable answer fails the whole.
   */
  async ask(calls: readonly JsonRpcCall[], signal: AbortSignal): Promise<JsonRpcAnswers> {
    const answers: JsonRpcAnswer[] = [];
    let receivedAtUs = 0;
    let next = 0;
    while (next < calls.length) {
      const chunk = this.#chunk(calls, next);
      const part = await this.#askChunk(chunk, signal);
      if (part === 'too_large') {
        this.#halve(chunk.length);
        continue;
      }
      if (receivedAtUs === 0) receivedAtUs = part.receivedAtUs;
      answers.push(...part.answers);
      next += chunk.length;
    }
    return { answers, receivedAtUs };
  }

  #chunk(calls: readonly JsonRpcCall[], from: number): string[] {
    const texts: string[] = [];
    let sizeBytes = 2;
    for (let index = from; index < calls.length && texts.length < this.#itemsMax; index += 1) {
      const call = calls[index];
      const id = this.#nextId;
      const text = JSON.stringify({ jsonrpc: '2.0', id, ...call });
      sizeBytes += text.length + 1;
      if (texts.length > 0 && sizeBytes > this.#limits.batchBytesMax) break;
      this.#nextId += 1;
      texts.push(text);
    }
    return texts;
  }

  async #askChunk(
    chunk: readonly string[],
    signal: AbortSignal,
  ): Promise<JsonRpcAnswers | 'too_large'> {
    const firstId = this.#nextId - chunk.length;
    // A batch of one goes as a plain object: that works with nodes that refuse batches.
    const [only] = chunk;
    const body = chunk.length === 1 && only !== undefined ? only : `[${chunk.join(',')}]`;
    const response = await this.#post(body, chunk.length, signal);
    if (response === 'too_large') return response;
    const parsed = this.#parse(response);
    const answers = this.#match(parsed, { firstId, count: chunk.length, response });
    if (answers === 'too_large') return answers;
    this.#growAfter(chunk.length);
    return { answers, receivedAtUs: response.frame.receivedAtUs };
  }

  async #post(
    body: string,
    items: number,
    signal: AbortSignal,
  ): Promise<HttpResponse | 'too_large'> {
    try {
      const response = await this.#http.post(body, signal);
      if (response.status === 413 && items > 1) return 'too_large';
      if (response.status === 429) throw this.#rateLimited('HTTP 429', response.retryAfterMs);
      if (response.status === 503) throw this.#unavailable(response);
      return response;
    } catch (error) {
      const isTooLarge =
        error instanceof TransientError && error.code === 'transport.frame_too_large';
      if (isTooLarge && items > 1) return 'too_large';
      throw error;
    }
  }

  #parse(response: HttpResponse): unknown {
    const { bytes } = response.frame;
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch {
      if (response.status >= 400) {
        throw this.#unavailable(response);
      }
      throw this.#malformed('is not JSON', bytes);
    }
  }

  #match(
    parsed: unknown,
    sent: { firstId: number; count: number; response: HttpResponse },
  ): JsonRpcAnswer[] | 'too_large' {
    const { firstId, count, response } = sent;
    const { bytes } = response.frame;
    if (!Array.isArray(parsed)) {
      if (typeof parsed !== 'object' || parsed === null) {
        throw this.#malformed('is neither an object nor an array', bytes);
      }
      if (count === 1) return [this.#answer(parsed, response)];
      return this.#wholeBatchFailed(readRpcError(parsed), response);
    }
    const answers = new Array<JsonRpcAnswer | undefined>(count).fill(undefined);
    for (const element of parsed) {
      const index = indexOf(element, firstId);
      if (index in answers) answers[index] = this.#answer(element, response);
    }
    if (count > 1 && answers.some(isTooLarge)) return 'too_large';
    const refusal = count > 1 && answers.includes(undefined) ? refusalIn(parsed) : undefined;
    if (refusal !== undefined) return this.#wholeBatchFailed(refusal, response);
    return answers.map((answer, index) => {
      if (answer !== undefined) return answer;
      throw this.#malformed(`has no answer for call ${index + 1} of ${count}`, bytes);
    });
  }

  #wholeBatchFailed(error: JsonRpcError | undefined, response: HttpResponse): 'too_large' {
    if (error === undefined) {
      throw this.#malformed('is one object although a batch was asked', response.frame.bytes);
    }
    if (classifyRpcError(error) === 'rate_limited') {
      throw this.#rateLimited(error.message, response.retryAfterMs);
    }
    // Whatever the node's words are, a smaller batch, in the end a single call, tells more.
    return 'too_large';
  }

  #answer(element: object, response: HttpResponse): JsonRpcAnswer {
    const error = readRpcError(element);
    if (error !== undefined) {
      if (classifyRpcError(error) === 'rate_limited') {
        throw this.#rateLimited(error.message, response.retryAfterMs);
      }
      return { error };
    }
    if (response.status >= 400) {
      throw this.#unavailable(response);
    }
    if (!('result' in element)) {
      throw this.#malformed('has neither result nor error', response.frame.bytes);
    }
    return { result: element.result };
  }

  #halve(sent: number): void {
    this.#itemsMax = Math.max(1, Math.floor(Math.min(this.#itemsMax, sent) / 2));
    this.#untroubledBatches = 0;
  }

  #growAfter(sent: number): void {
    if (sent < this.#itemsMax || this.#itemsMax >= this.#limits.batchItemsMax) return;
    this.#untroubledBatches += 1;
    if (this.#untroubledBatches < batchesBeforeGrowth) return;
    this.#untroubledBatches = 0;
    const grown = Math.ceil(this.#itemsMax * 1.25);
    this.#itemsMax = Math.min(this.#limits.batchItemsMax, grown);
  }

  #rateLimited(reason: string, retryAfterMs: number | null): TransientError {
    return new TransientError('source.rate_limited', {
      stage: 'transport',
      message: `${this.origin} limits the rate of requests (${reason}). Lower the concurrency or the batch size, or use a plan that allows more.`,
      context: { origin: this.origin, retryAfterMs },
    });
  }

  #unavailable({ status, retryAfterMs }: HttpResponse): TransientError {
    return new TransientError('source.unreachable', {
      stage: 'transport',
      message: `${this.origin} answered HTTP ${status} to a JSON-RPC request. Check the URL, the key and the node.`,
      context: { origin: this.origin, status, retryAfterMs },
    });
  }

  #malformed(what: string, bytes: Buffer): DataError {
    return new DataError('source.malformed_frame', {
      stage: 'transport',
      message: `A response of ${this.origin} ${what}. Check that the URL is a JSON-RPC endpoint.`,
      context: { origin: this.origin, sizeBytes: bytes.length },
      raw: bytes.subarray(0, 65_536),
    });
  }
}

/** The place of an answer within its request, by its id; -1 for what has no place there. */
function indexOf(element: unknown, firstId: number): number {
  if (!isObject(element) || !('id' in element)) return -1;
  const { id } = element;
  // Some proxies give it back as text.
  const isNumber = typeof id === 'number' || (typeof id === 'string' && /^\d+$/.test(id));
  return isNumber ? Number(id) - firstId : -1;
}

/** Some nodes refuse a batch by a list of one error that names no call. */
function refusalIn(batch: readonly unknown[]): JsonRpcError | undefined {
  const [first] = batch;
  return batch.length === 1 && isObject(first) ? readRpcError(first) : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isTooLarge(answer: JsonRpcAnswer | undefined): boolean {
  return answer?.error !== undefined && classifyRpcError(answer.error) === 'too_large';
}
