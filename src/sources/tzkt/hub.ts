/**
 * The hub as a stream of checked messages: opens the connection, subscribes, and says what of it
 * cannot be read. It judges nothing.
 */
import { TransientError } from '../../model/errors.ts';
import type { Clock } from '../../model/runtime.ts';
import type { FrameTap } from '../../transport/frame-tap.ts';
import type { HubFrame } from '../../transport/hub-protocol.ts';
import { SignalRConnection } from '../../transport/signalr.ts';
import type { TzktConfig } from './config.ts';
import type { HubMessage, TzktDataset } from './messages.ts';
import { headersOf } from './rest.ts';
import { datasetOfTarget, type Subscription } from './subscriptions.ts';
import { isLevel, parseHubMessage } from './wire.ts';

/** One message of a channel, or a frame that is none. */
export type HubEvent =
  | {
      readonly kind: 'message';
      readonly dataset: TzktDataset;
      readonly message: HubMessage;
      readonly receivedAtUs: number;
    }
  | { readonly kind: 'malformed'; readonly raw: Uint8Array; readonly reason: string };

const queueItemsMax = 100_000;

/** One reader. `take` throws the connection's ending. */
export class TzktHub {
  readonly #connection: SignalRConnection;
  readonly #clock: Clock;
  /** The highest level that a subscription was confirmed with. */
  readonly subscribedLevel: number;

  private constructor(connection: SignalRConnection, clock: Clock, subscribedLevel: number) {
    this.#connection = connection;
    this.#clock = clock;
    this.subscribedLevel = subscribedLevel;
  }

  /** Opens and subscribes to all; messages that come meanwhile are kept. */
  static async open(
    config: TzktConfig,
    context: {
      readonly clock: Clock;
      readonly onFrame?: FrameTap | undefined;
      readonly subscriptions: readonly Subscription[];
      readonly signal: AbortSignal;
    },
  ): Promise<TzktHub> {
    const connection = new SignalRConnection({
      url: `${config.url.replace(/\/$/, '')}/v1/ws`,
      headers: headersOf(config),
      negotiate: config.negotiate,
      openTimeoutMs: config.requestTimeoutMs,
      serverTimeoutMs: config.serverTimeoutMs,
      keepAliveMs: config.keepAliveMs,
      messageBytesMax: config.messageBytesMax,
      queue: { itemsMax: queueItemsMax, bytesMax: config.queueBytesMax },
      clock: context.clock,
      onFrame: context.onFrame,
    });
    try {
      await connection.opened(context.signal);
      let level = 0;
      for (const subscription of context.subscriptions) {
        const state = await subscribe(connection, subscription, context.signal);
        // The state of cycles is an index, not a level.
        if (subscription.dataset !== 'cycles') level = Math.max(level, state);
      }
      return new TzktHub(connection, context.clock, level);
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** The oldest message that waits. */
  take(): HubEvent | undefined {
    const frame = this.#connection.frames.take();
    return frame === undefined ? undefined : eventOf(frame);
  }

  /** Resolves when there is something to take, at the latest after `ms`. Throws on abort. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const timer = new AbortController();
    const abort = () => timer.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const slept = this.#clock.sleep(ms, timer.signal).catch(() => undefined);
      await Promise.race([slept, this.#connection.frames.ready()]);
    } finally {
      signal.removeEventListener('abort', abort);
      timer.abort();
    }
    signal.throwIfAborted();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

async function subscribe(
  connection: SignalRConnection,
  { method, args }: Subscription,
  signal: AbortSignal,
): Promise<number> {
  const state = await connection.call(method, args, signal);
  // 0 is the server's word for a failure of its own: no state message follows (section 2.1).
  if (isLevel(state) && state > 0) return state;
  throw new TransientError('source.unsupported', {
    stage: 'sources',
    message: `${connection.origin} did not confirm ${method}: it answered ${JSON.stringify(state) ?? 'nothing'}, expected the channel's state. A new session tries again.`,
    context: { origin: connection.origin, method },
  });
}

function eventOf(frame: HubFrame): HubEvent {
  const malformed = (reason: string): HubEvent => ({
    kind: 'malformed',
    raw: Buffer.from(frame.text, 'utf8'),
    reason,
  });
  if (frame.kind === 'malformed') return malformed(`A frame ${frame.reason}.`);
  const dataset = datasetOfTarget(frame.target);
  if (dataset === undefined) return malformed(`Channel "${frame.target}" is not known.`);
  const message = parseHubMessage(frame.arguments);
  if (typeof message === 'string') return malformed(`A message of ${frame.target} ${message}.`);
  return { kind: 'message', dataset, message, receivedAtUs: frame.receivedAtUs };
}
