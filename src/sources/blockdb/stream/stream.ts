/**
 * All sockets of a session as one stream: opened at the first address that can be reached, subscribed
 * to by plan, read in turn. Between sockets there is no order (reference section 8.1).
 */
import { PipelineError, TransientError } from '../../../model/errors.ts';
import type { Bell } from '../../bell.ts';
import type { SourceRuntime } from '../../source.ts';
import type { BlockdbConfig } from '../config.ts';
import { BlockdbSocket, type SocketEvent } from './socket.ts';
import type { Subscription } from './subscriptions.ts';

/** What a stream is opened with. */
export interface StreamOptions {
  readonly config: BlockdbConfig;
  readonly runtime: SourceRuntime;
  /** One group per socket. */
  readonly plan: readonly (readonly Subscription[])[];
  /** Rings when there is something to take. */
  readonly bell: Bell;
  readonly signal: AbortSignal;
}

/** One reader. `take` throws the ending of any of the sockets. */
export class BlockdbStream {
  readonly #sockets: readonly BlockdbSocket[];

  private constructor(sockets: readonly BlockdbSocket[]) {
    this.#sockets = sockets;
  }

  /**
   * Throws `source.key_refused`, `source.handshake_closed`, `source.rate_limited` or
   * `source.unreachable`.
   */
  static async open({ plan, ...context }: StreamOptions): Promise<BlockdbStream> {
    const sockets: BlockdbSocket[] = [];
    try {
      for (const subscriptions of plan) {
        sockets.push(await openSocket({ ...context, subscriptions }));
      }
      return new BlockdbStream(sockets);
    } catch (error) {
      for (const socket of sockets) socket.close();
      throw error;
    }
  }

  /** True once every subscription was answered. */
  get isSettled(): boolean {
    return this.#sockets.every((socket) => socket.isSettled);
  }

  take(): SocketEvent | undefined {
    for (const socket of this.#sockets) {
      try {
        const event = socket.take();
        if (event !== undefined) return event;
      } catch (error) {
        throw explained(error);
      }
    }
    return undefined;
  }

  /** Ends all subscriptions to a dataset. */
  leave(datasetId: string): void {
    for (const socket of this.#sockets) socket.leave(datasetId);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

async function openSocket(
  context: Parameters<typeof BlockdbSocket.open>[1],
): Promise<BlockdbSocket> {
  let last: unknown;
  for (const url of context.config.ws) {
    try {
      return await BlockdbSocket.open(url, context);
    } catch (error) {
      context.signal.throwIfAborted();
      last = error;
      if (!isElsewhere(error)) break;
    }
  }
  throw explained(last);
}

/** Only an address that is not there sends to the next one; a refusal is meant. */
function isElsewhere(error: unknown): boolean {
  if (!(error instanceof PipelineError)) return false;
  const { status } = error.context;
  return status === undefined || status === 404 || status === 426;
}

/** What a status or close code means (reference sections 3 and 7). */
function explained(error: unknown): unknown {
  if (!(error instanceof TransientError)) return error;
  const { status, closeCode, failure } = error.context;
  const as = (code: PipelineError['code'], advice: string) =>
    new TransientError(code, {
      stage: 'sources',
      message: `${error.message} ${advice}`,
      context: error.context,
    });
  if (status === 401 || status === 403 || closeCode === 1008) {
    return as('source.key_refused', 'Check apiKey, its plan, and whether it has expired.');
  }
  if (status === 429 || closeCode === 1013) {
    return as('source.rate_limited', 'Use fewer datasets or filters if this goes on.');
  }
  if (failure === 'ECONNRESET') {
    return as('source.handshake_closed', 'The peer closed it during the handshake.');
  }
  return error;
}
