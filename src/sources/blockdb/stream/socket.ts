/**
 * One socket from its handshake on: sends its subscriptions, matches the answers to them, and gives
 * everything else on as it came. It knows no row.
 */
import { type PipelineError, TransientError } from '../../../model/errors.ts';
import { hideSecretsInBytes } from '../../../transport/hide-secrets.ts';
import type { WebSocketConnection } from '../../../transport/websocket.ts';
import type { Bell } from '../../bell.ts';
import type { SourceRuntime } from '../../source.ts';
import { openVenueSocket } from '../../venue-socket.ts';
import type { BlockdbConfig } from '../config.ts';
import { chainIdOf } from '../config.ts';
import { parseFrame, type StreamMessage, type WireError } from './frames.ts';
import type { Subscription } from './subscriptions.ts';

/** A message that is no answer, or what became of a subscription. */
export type SocketEvent =
  | {
      readonly kind: 'message';
      readonly message: Exclude<StreamMessage, { kind: 'answer' }>;
      readonly raw: Uint8Array;
      readonly receivedAtUs: number;
    }
  | {
      readonly kind: 'refused';
      readonly subscription: Subscription;
      readonly error: WireError;
      readonly raw: Uint8Array;
    };

interface Waiting {
  readonly action: 'subscribe' | 'unsubscribe';
  readonly subscription: Subscription;
  readonly attempts: number;
  /** When an answer is overdue; or, after a refusal that may pass, when to ask again. */
  readonly dueAtMs: number;
  readonly isRefused: boolean;
}

/** One reader. `take` throws the connection's ending. */
export class BlockdbSocket {
  readonly #connection: WebSocketConnection;
  readonly #config: BlockdbConfig;
  readonly #runtime: SourceRuntime;
  /** By dataset id: nothing else ties an answer to its question (reference section 4.2). */
  readonly #waiting = new Map<string, Waiting>();
  /** By dataset id, what was asked for and not refused. */
  readonly #subscriptions = new Map<string, Subscription>();
  /** Dataset ids whose subscription was ended. */
  readonly #left = new Set<string>();
  readonly #events: SocketEvent[] = [];

  private constructor(
    connection: WebSocketConnection,
    config: BlockdbConfig,
    runtime: SourceRuntime,
  ) {
    this.#connection = connection;
    this.#config = config;
    this.#runtime = runtime;
  }

  /** Opens a socket at this address and asks for the subscriptions. Throws as the connection does. */
  static async open(
    url: string,
    context: {
      readonly config: BlockdbConfig;
      readonly runtime: SourceRuntime;
      readonly subscriptions: readonly Subscription[];
      readonly bell: Bell;
      readonly signal: AbortSignal;
    },
  ): Promise<BlockdbSocket> {
    const { config, runtime, subscriptions } = context;
    const connection = await openVenueSocket(credentials(url, config), config, context);
    const socket = new BlockdbSocket(connection, config, runtime);
    for (const subscription of subscriptions) {
      socket.#subscriptions.set(subscription.datasetId, subscription);
      socket.#ask({ action: 'subscribe', subscription, attempts: 1 });
    }
    return socket;
  }

  get origin(): string {
    return this.#connection.origin;
  }

  /** True once every subscription was accepted or refused for good. */
  get isSettled(): boolean {
    return this.#waiting.size === 0;
  }

  /** The oldest event that waits. Throws when the connection ended or an answer is overdue. */
  take(): SocketEvent | undefined {
    this.#watchAnswers();
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      const frame = this.#connection.frames.take();
      if (frame === undefined) return undefined;
      const { raw, messages } = this.#read(frame.bytes);
      for (const message of messages) {
        if (message.kind === 'answer') this.#answered(message, raw);
        else if (message.kind !== 'row' || this.#isSubscribed(message.datasetId)) {
          this.#events.push({ kind: 'message', message, raw, receivedAtUs: frame.receivedAtUs });
        }
      }
    }
  }

  /** Ends the subscription to a dataset where there is one; what still comes of it is dropped. */
  leave(datasetId: string): void {
    const subscription = this.#subscriptions.get(datasetId);
    if (subscription === undefined || this.#left.has(datasetId)) return;
    this.#left.add(datasetId);
    this.#ask({ action: 'unsubscribe', subscription, attempts: 1 });
  }

  close(): void {
    this.#connection.close();
  }

  #ask(question: Pick<Waiting, 'action' | 'subscription' | 'attempts'>): void {
    const { action, subscription } = question;
    const { datasetId, params } = subscription;
    const dueAtMs = this.#runtime.clock.nowMs() + this.#config.ackTimeoutMs;
    this.#waiting.set(datasetId, { ...question, dueAtMs, isRefused: false });
    const frame = { action, chain_id: chainIdOf(this.#config), dataset_id: datasetId };
    this.#connection.send(JSON.stringify(action === 'subscribe' ? { ...frame, params } : frame));
  }

  /** A row is as good as an answer: the server has the subscription. */
  #isSubscribed(datasetId: string): boolean {
    if (this.#left.has(datasetId)) return false;
    this.#waiting.delete(datasetId);
    return true;
  }

  /** What is no row may quote the key, and goes into messages and dead letters. */
  #read(bytes: Buffer): { readonly raw: Buffer; readonly messages: readonly StreamMessage[] } {
    const messages = parseFrame(bytes.toString('utf8'));
    const { apiKey } = this.#config;
    if (apiKey === null || messages.every(({ kind }) => kind === 'row')) {
      return { raw: bytes, messages };
    }
    const raw = hideSecretsInBytes(bytes, [apiKey]);
    return { raw, messages: raw === bytes ? messages : parseFrame(raw.toString('utf8')) };
  }

  #answered(answer: Extract<StreamMessage, { kind: 'answer' }>, raw: Uint8Array): void {
    const waiting = this.#waiting.get(answer.datasetId);
    if (waiting === undefined || answer.action !== waiting.action) return;
    const { error, datasetId } = answer;
    if (error === null || waiting.action === 'unsubscribe') {
      this.#waiting.delete(datasetId);
      return;
    }
    const { subscription, attempts } = waiting;
    if (error.isRetryable && attempts < this.#config.attemptsMax) {
      const pauseMs = Math.min(
        this.#config.retryDelayMaxMs,
        this.#config.retryDelayMs * 2 ** (attempts - 1),
      );
      const dueAtMs = this.#runtime.clock.nowMs() + pauseMs;
      this.#waiting.set(datasetId, { ...waiting, dueAtMs, isRefused: true });
      return;
    }
    this.#waiting.delete(datasetId);
    this.#subscriptions.delete(datasetId);
    this.#events.push({ kind: 'refused', subscription, error, raw });
  }

  #watchAnswers(): void {
    if (this.#waiting.size === 0) return;
    const nowMs = this.#runtime.clock.nowMs();
    for (const waiting of this.#waiting.values()) {
      const { action, subscription, attempts, dueAtMs, isRefused } = waiting;
      if (nowMs < dueAtMs) continue;
      if (action === 'unsubscribe') this.#forget(subscription);
      else if (isRefused) this.#ask({ action, subscription, attempts: attempts + 1 });
      else throw unanswered(this.origin, subscription, this.#config.ackTimeoutMs);
    }
  }

  /** No harm is done without the answer, whose form no document shows: its rows are dropped. */
  #forget({ dataset, datasetId }: Subscription): void {
    this.#waiting.delete(datasetId);
    const { ackTimeoutMs: waitedMs } = this.#config;
    this.#runtime.logger.warn({ dataset, waitedMs }, 'the end of a subscription was not answered');
  }
}

/** The key goes into a header where that is possible: addresses end up in logs of others. */
function credentials(url: string, { apiKey, apiKeyIn }: BlockdbConfig) {
  if (apiKey === null) return { url };
  if (apiKeyIn === 'header') return { url, headers: { authorization: `Bearer ${apiKey}` } };
  const withKey = new URL(url);
  withKey.searchParams.set('api_key', apiKey);
  return { url: withKey.href };
}

function unanswered(
  origin: string,
  { dataset, datasetId }: Subscription,
  waitedMs: number,
): PipelineError {
  return new TransientError('source.session_lost', {
    stage: 'sources',
    message: `${origin} did not answer the subscription to ${dataset} (${datasetId}) within ${waitedMs} ms. A new session tries again.`,
    context: { origin, dataset, datasetId, waitedMs },
  });
}
