/**
 * The hub as a stream of checked messages: opens the connection, subscribes, and says what of it
 * cannot be read. It judges nothing.
 */
import { settlesWithin } from '../../model/deadline.ts';
import { TransientError } from '../../model/errors.ts';
import type { Clock } from '../../model/runtime.ts';
import type { FrameTap } from '../../transport/frame-tap.ts';
import { hideSecretsInBytes } from '../../transport/hide-secrets.ts';
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
  | {
      readonly kind: 'malformed';
      readonly raw: Buffer;
      readonly code: 'source.malformed_frame' | 'source.unknown_channel';
      readonly reason: string;
    };

const queueItemsMax = 100_000;

/** One reader. `take` throws the connection's ending. */
export class TzktHub {
  readonly #connection: SignalRConnection;
  readonly #clock: Clock;
  readonly #apiKey: string | null;
  /** Subscribed to, and without a state message so far. */
  readonly #unstated = new Set<TzktDataset>();
  #subscribedLevel = 0;

  private constructor(connection: SignalRConnection, clock: Clock, apiKey: string | null) {
    this.#connection = connection;
    this.#clock = clock;
    this.#apiKey = apiKey;
  }

  /** The highest level that a subscription was confirmed with. */
  get subscribedLevel(): number {
    return this.#subscribedLevel;
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
      const hub = new TzktHub(connection, context.clock, config.apiKey);
      for (const each of context.subscriptions) await hub.subscribe(each, context.signal);
      return hub;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /**
   * Subscribes to one thing more. Throws `source.unsupported` when the hub refuses or does not
   * confirm it, and the connection's ending.
   */
  async subscribe({ dataset, method, args }: Subscription, signal: AbortSignal): Promise<void> {
    const { origin } = this.#connection;
    const state = await this.#connection.call(method, args, signal);
    // 0 is the server's word for a failure of its own: no state message follows (section 2.1). Only
    // cycles have it as a state too, in the first cycle of a network; and cycles are read over REST.
    if (!isLevel(state) || (state === 0 && dataset !== 'cycles')) {
      throw new TransientError('source.unsupported', {
        stage: 'sources',
        message: `${origin} did not confirm ${method}: it answered ${JSON.stringify(state) ?? 'nothing'}, expected the channel's state. A new session tries again.`,
        context: { origin, method },
      });
    }
    this.#unstated.add(dataset);
    // The state of cycles is an index, not a level.
    if (dataset !== 'cycles') this.#subscribedLevel = Math.max(this.#subscribedLevel, state);
  }

  /** The oldest message that waits. */
  take(): HubEvent | undefined {
    const frame = this.#connection.frames.take();
    const event = frame === undefined ? undefined : eventOf(frame);
    if (event?.kind === 'message' && event.message.type === 'state') {
      this.#unstated.delete(event.dataset);
    }
    if (event?.kind !== 'malformed') return event;
    return { ...event, raw: hideSecretsInBytes(event.raw, [this.#apiKey]) };
  }

  /**
   * The datasets whose subscription has no state message. It comes before the answer to the call
   * (reference section 2.1), so that after all has been taken once none is still to come.
   */
  get unstated(): readonly TzktDataset[] {
    return [...this.#unstated];
  }

  /** Resolves when there is something to take, at the latest after `ms`. Throws on abort. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await settlesWithin(this.#connection.frames.ready(), { clock: this.#clock, ms, signal });
    signal.throwIfAborted();
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

function eventOf(frame: HubFrame): HubEvent {
  const raw = () => Buffer.from(frame.text, 'utf8');
  const malformed = (reason: string): HubEvent => ({
    kind: 'malformed',
    raw: raw(),
    code: 'source.malformed_frame',
    reason,
  });
  if (frame.kind === 'malformed') return malformed(`A frame ${frame.reason}.`);
  const dataset = datasetOfTarget(frame.target);
  if (dataset === undefined) {
    const reason = `Channel "${frame.target.slice(0, 80)}" is not known, and nothing was subscribed to there. Check the version of TzKT.`;
    return { kind: 'malformed', raw: raw(), code: 'source.unknown_channel', reason };
  }
  const message = parseHubMessage(frame.arguments);
  if (typeof message === 'string') return malformed(`A message of ${frame.target} ${message}.`);
  return { kind: 'message', dataset, message, receivedAtUs: frame.receivedAtUs };
}
