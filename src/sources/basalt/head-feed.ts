/** Opens the block stream of a node, and reads what is announced there. */
import { PipelineError, TransientError } from '../../model/errors.ts';
import type { Clock } from '../../model/runtime.ts';
import type { Frame } from '../../transport/frame.ts';
import { originOf } from '../../transport/http.ts';
import { WebSocketConnection } from '../../transport/websocket.ts';
import { HeadWatcher, parseFrame, type Wake } from '../following/head-watcher.ts';
import type { SourceRuntime } from '../source.ts';
import { isObject } from '../wire-object.ts';
import type { BasaltConfig } from './config.ts';
import { isHash, isHeight } from './wire.ts';

/** A header of the reference takes about 600 bytes. */
const messageBytesMax = 1024 * 1024;
const queue = { itemsMax: 10_000, bytesMax: 16 * 1024 * 1024 };

/** The streams of one source: remembers over sessions which of them rest. */
export class HeadFeeds {
  readonly #config: BasaltConfig;
  readonly #clock: Clock;
  readonly #onFrame: SourceRuntime['onFrame'];
  /** Passed over while another one can be opened. */
  readonly #failedAt = new Map<string, number>();
  /** Not opened before: the node has too many connections. */
  readonly #closedUntilMs = new Map<string, number>();
  #failures = 0;

  constructor(config: BasaltConfig, { clock, onFrame }: Pick<SourceRuntime, 'clock' | 'onFrame'>) {
    this.#config = config;
    this.#clock = clock;
    this.#onFrame = onFrame;
  }

  /** Opens the first that can be had; throws the last one's error. */
  async open(
    signal: AbortSignal,
  ): Promise<{ readonly url: string; readonly watcher: HeadWatcher }> {
    let last: unknown = resting();
    for (const url of this.#inOrder()) {
      const connection = this.#connect(url);
      try {
        await connection.opened(signal);
        const watcher = new HeadWatcher(this.#clock, { connection, read: readWake });
        return { url, watcher };
      } catch (error) {
        connection.close();
        signal.throwIfAborted();
        this.failed(url, error);
        last = error;
      }
    }
    throw last;
  }

  /** The connection was lost or refused: another one comes first next time. */
  failed(url: string, error: unknown): void {
    this.#failures += 1;
    this.#failedAt.set(url, this.#failures);
    if (!isTooMany(error)) return;
    this.#closedUntilMs.set(url, this.#clock.nowMs() + this.#config.limitedRestMs);
  }

  #connect(url: string): WebSocketConnection {
    const { requestTimeoutMs, pingIntervalMs } = this.#config;
    const limits = { openTimeoutMs: requestTimeoutMs, pingIntervalMs, messageBytesMax, queue };
    return new WebSocketConnection({ url, ...limits, clock: this.#clock, onFrame: this.#onFrame });
  }

  /** By the last failure, the configured order where there was none. */
  #inOrder(): string[] {
    const nowMs = this.#clock.nowMs();
    const failedAt = (url: string) => this.#failedAt.get(url) ?? 0;
    return this.#config.ws
      .filter((url) => (this.#closedUntilMs.get(url) ?? 0) <= nowMs)
      .sort((a, b) => failedAt(a) - failedAt(b));
  }
}

/** Over the limit a node upgrades and then closes with 1008; a limited address gets 429. */
export function isTooMany(error: unknown): boolean {
  if (!(error instanceof PipelineError)) return false;
  return error.context['closeCode'] === 1008 || error.context['status'] === 429;
}

/** `current_block` and `new_block` say the same: this is the tip now. Other types are ignored. */
function readWake(frame: Frame): Wake | undefined {
  const message = parseFrame(frame);
  if (message === undefined) return { kind: 'malformed', frame, reason: 'is not JSON' };
  if (!isObject(message)) return { kind: 'malformed', frame, reason: 'is not an object' };
  if (message['type'] !== 'new_block' && message['type'] !== 'current_block') return undefined;
  const { block } = message;
  if (!isObject(block)) return { kind: 'malformed', frame, reason: 'has no block' };
  const { number: height, hash, parentHash } = block;
  if (!isHeight(height) || !isHash(hash) || !isHash(parentHash)) {
    return { kind: 'malformed', frame, reason: 'has no usable number, hash and parent hash' };
  }
  const head = { height, hash, parentHash };
  return { kind: 'announced', head, receivedAtUs: frame.receivedAtUs };
}

function resting(): TransientError {
  return new TransientError('source.unreachable', {
    stage: 'sources',
    message:
      'Every block stream had too many connections a short while ago and is left alone. The head is polled meanwhile.',
  });
}

/** How a block stream is called in a verdict. */
export function feedName(url: string): string {
  return `${originOf(url)} blocks`;
}
