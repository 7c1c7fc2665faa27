/**
 * Several endpoints of the same venue in order of preference: an operation is tried again with
 * growing pauses, then on the next endpoint; one that keeps failing is left alone for a while.
 * One operation never mixes the answers of two endpoints.
 */
import { DataError, type PipelineError, retryAfterMsOf, TransientError } from '../model/errors.ts';
import type { Clock } from '../model/runtime.ts';

/** How patient to be. */
export interface EndpointPolicy {
  /** Tries of one operation on one endpoint, the first included. */
  readonly attemptsMax: number;
  /** Pause before the second try; it doubles, with jitter, up to the maximum. */
  readonly retryDelayMs: number;
  /** A server that asks for a longer pause is not tried again here. */
  readonly retryDelayMaxMs: number;
  /** For how long a failed endpoint is passed over while another one works. */
  readonly restMs: number;
}

/** What the process lends: time, jitter, and who wants to know about retries. */
export interface EndpointRuntime {
  readonly clock: Clock;
  random(): number;
  onRetry(error: PipelineError): void;
}

/** Failing over makes sense for what another endpoint may not suffer from. */
function isWorthAnotherTry(error: unknown): error is PipelineError {
  if (error instanceof TransientError) return true;
  return error instanceof DataError && error.code === 'source.malformed_frame';
}

/** The endpoints and which of them rest. */
export class Endpoints<E extends { readonly origin: string }> {
  readonly #endpoints: readonly E[];
  readonly #policy: EndpointPolicy;
  readonly #runtime: EndpointRuntime;
  readonly #restsUntilMs = new Map<E, number>();

  constructor(endpoints: readonly E[], policy: EndpointPolicy, runtime: EndpointRuntime) {
    this.#endpoints = endpoints;
    this.#policy = policy;
    this.#runtime = runtime;
  }

  /** All of them, preferred first. */
  get all(): readonly E[] {
    return this.#endpoints;
  }

  /**
   * Runs one operation on the first endpoint that carries it through. Throws what the last endpoint
   * threw; an error that no other endpoint could cure is thrown at once. What a server asks for by
   * `Retry-After` (`retryAfterMs` in the error's context) is waited for here, or by who catches it.
   */
  async run<T>(operation: (endpoint: E) => Promise<T>, signal: AbortSignal): Promise<T> {
    let last: unknown;
    for (const endpoint of this.#inOrder()) {
      try {
        return await this.#tryOn(endpoint, operation, signal);
      } catch (error) {
        signal.throwIfAborted();
        if (!isWorthAnotherTry(error)) throw error;
        last = error;
        this.rest(endpoint, Math.max(this.#policy.restMs, retryAfterMsOf(error)));
      }
    }
    throw last;
  }

  /** Passes this endpoint over for a while, if there is another one. */
  rest(endpoint: E, ms: number = this.#policy.restMs): void {
    this.#restsUntilMs.set(endpoint, this.#runtime.clock.nowMs() + ms);
  }

  /** The rested ones come last, so that they are used when nothing else works. */
  #inOrder(): E[] {
    const nowMs = this.#runtime.clock.nowMs();
    const isResting = (endpoint: E) => (this.#restsUntilMs.get(endpoint) ?? 0) > nowMs;
    const rested = this.#endpoints.filter(isResting);
    return [...this.#endpoints.filter((endpoint) => !isResting(endpoint)), ...rested];
  }

  async #tryOn<T>(
    endpoint: E,
    operation: (endpoint: E) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      signal.throwIfAborted();
      try {
        return await operation(endpoint);
      } catch (error) {
        signal.throwIfAborted();
        const { attemptsMax, retryDelayMaxMs } = this.#policy;
        if (attempt >= attemptsMax || !isWorthAnotherTry(error)) throw error;
        if (error.code === 'source.unsupported') throw error;
        // Asking sooner than the server wants would only prolong its refusal.
        if (retryAfterMsOf(error) > retryDelayMaxMs) throw error;
        this.#runtime.onRetry(error);
        await this.#runtime.clock.sleep(this.#pauseMs(attempt, error), signal);
      }
    }
  }

  #pauseMs(attempt: number, error: PipelineError): number {
    const { retryDelayMs, retryDelayMaxMs } = this.#policy;
    const ceilingMs = Math.min(retryDelayMaxMs, retryDelayMs * 2 ** (attempt - 1));
    const jitteredMs = ceilingMs / 2 + (ceilingMs / 2) * this.#runtime.random();
    return Math.max(jitteredMs, retryAfterMsOf(error));
  }
}
