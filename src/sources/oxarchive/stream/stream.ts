/** All sockets of a session as one stream, read in turn. Between sockets there is no order. */
import { FatalError, TransientError } from '../../../model/errors.ts';
import type { SocketPlan } from './plan.ts';
import { OxarchiveSocket, type SocketEvent, type SocketOptions } from './socket.ts';
import { type Subscription, subscriptionKey } from './subscriptions.ts';

/** One reader. `take` throws the ending of any of the sockets. */
export class OxarchiveStream {
  readonly #sockets: readonly OxarchiveSocket[];
  readonly #socketOf = new Map<string, OxarchiveSocket>();

  private constructor(
    opened: readonly { readonly socket: OxarchiveSocket; readonly plan: SocketPlan }[],
  ) {
    this.#sockets = opened.map(({ socket }) => socket);
    for (const { socket, plan } of opened) {
      for (const { channel, symbol } of plan.subscriptions) {
        this.#socketOf.set(subscriptionKey(channel, symbol), socket);
      }
    }
  }

  /**
   * Throws `source.key_refused`, `source.handshake_closed`, `source.rate_limited` or
   * `source.unreachable`.
   */
  static async open(
    plans: readonly SocketPlan[],
    options: SocketOptions,
  ): Promise<OxarchiveStream> {
    const opened: { readonly socket: OxarchiveSocket; readonly plan: SocketPlan }[] = [];
    try {
      for (const plan of plans)
        opened.push({ plan, socket: await OxarchiveSocket.open(plan, options) });
      return new OxarchiveStream(opened);
    } catch (error) {
      for (const { socket } of opened) socket.close();
      options.signal.throwIfAborted();
      throw explained(error);
    }
  }

  /** How many subscriptions the server has acknowledged. */
  get active(): number {
    return this.#sockets.reduce((sum, { subscriptions }) => sum + subscriptions.active, 0);
  }

  /** True once every subscription was accepted or refused for good. */
  get isSettled(): boolean {
    return this.#sockets.every(({ subscriptions }) => subscriptions.active === subscriptions.size);
  }

  nextAtMs(nowMs: number): number {
    return Math.min(...this.#sockets.map((socket) => socket.nextAtMs(nowMs)));
  }

  take(nowMs: number): SocketEvent | undefined {
    for (const socket of this.#sockets) {
      try {
        socket.tend(nowMs);
        const event = socket.take();
        if (event !== undefined) return event;
      } catch (error) {
        throw explained(error);
      }
    }
    return undefined;
  }

  /** The socket that a subscription goes over; undefined for one that was not planned. */
  socketOf({ channel, symbol }: Subscription): OxarchiveSocket | undefined {
    return this.#socketOf.get(subscriptionKey(channel, symbol));
  }

  /** Ends everything of a market, for good. */
  drop(symbol: string): void {
    for (const { subscriptions } of this.#sockets) {
      for (const each of subscriptions.matching(null, symbol)) subscriptions.drop(each);
    }
  }

  /** Every tracked subscription of this channel and symbol; null stands for any. */
  matching(channel: string | null, symbol: string | null): readonly Subscription[] {
    return this.#sockets.flatMap((each) => each.subscriptions.matching(channel, symbol));
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

/** What a status or close code means (reference sections 1.2, 1.5 and 5.2). */
export function explained(error: unknown): unknown {
  if (!(error instanceof TransientError)) return error;
  const { status, closeCode, failure } = error.context;
  const detail = (advice: string) => ({
    stage: 'sources' as const,
    message: `${error.message} ${advice}`,
    context: error.context,
  });
  if (status === 401 || status === 403 || closeCode === 1008) {
    const advice = 'Check apiKey, its plan, and whether it has expired.';
    return new TransientError('source.key_refused', detail(advice));
  }
  if (status === 429 || closeCode === 1013) {
    const advice =
      'The plan may have no more connections: end another reader, or use another plan.';
    return new TransientError('source.rate_limited', detail(advice));
  }
  if (closeCode === 1009) {
    const advice = 'A message was larger than one of both sides takes: raise messageBytesMax.';
    return new FatalError('transport.frame_too_large', detail(advice));
  }
  if (failure === 'ECONNRESET') {
    return new TransientError(
      'source.handshake_closed',
      detail('It was closed during the handshake.'),
    );
  }
  return error;
}
