/**
 * One request and its whole response, without a stream between: for small answers the streams of `request` cost
 * more than all else that is done with them.
 */
import type { Dispatcher } from 'undici';
import type { Clock } from '../model/runtime.ts';

/** What came, whatever its status. */
export interface ReceivedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly bytes: Buffer;
  /** When its headers came. */
  readonly receivedAtUs: number;
}

/** A body is cut off as soon as it is over the limit. */
export interface ExchangeLimits {
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, 'nowUs'>;
  readonly bytesMax: number;
  /** The error of a response over the limit. */
  readonly tooLarge: () => Error;
}

/**
 * Resolves when the response is complete. Rejects with the signal's reason as soon as it aborts, also while
 * the request waits for a connection, with `tooLarge()`, or with undici's error.
 */
export function exchange(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  limits: ExchangeLimits,
): Promise<ReceivedResponse> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(request, new Collector(limits, { resolve, reject }));
  });
}

interface Outcome {
  resolve(response: ReceivedResponse): void;
  reject(error: unknown): void;
}

/** Called by undici as the response comes. */
class Collector implements Dispatcher.DispatchHandler {
  readonly #limits: ExchangeLimits;
  readonly #outcome: Outcome;
  readonly #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #controller: Dispatcher.DispatchController | undefined;
  #head: Omit<ReceivedResponse, 'bytes'> = { status: 0, headers: {}, receivedAtUs: 0 };

  constructor(limits: ExchangeLimits, outcome: Outcome) {
    this.#limits = limits;
    this.#outcome = outcome;
    limits.signal.addEventListener('abort', this.#abort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    const { signal } = this.#limits;
    if (signal.aborted) controller.abort(signal.reason);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: ReceivedResponse['headers'],
  ): void {
    this.#head = { status, headers, receivedAtUs: this.#limits.clock.nowUs() };
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    if (this.#sizeBytes > this.#limits.bytesMax) controller.abort(this.#limits.tooLarge());
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#listenNoMore();
    const [only] = this.#chunks;
    const isWhole = this.#chunks.length === 1 && only !== undefined;
    const bytes = isWhole ? only : Buffer.concat(this.#chunks, this.#sizeBytes);
    this.#outcome.resolve({ ...this.#head, bytes });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#listenNoMore();
    this.#outcome.reject(error);
  }

  readonly #abort = (): void => {
    const { reason } = this.#limits.signal;
    this.#listenNoMore();
    this.#outcome.reject(reason);
    this.#controller?.abort(reason);
  };

  #listenNoMore(): void {
    this.#limits.signal.removeEventListener('abort', this.#abort);
  }
}
