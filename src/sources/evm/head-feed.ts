/** Subscribes to new heads over WebSocket, and reads what is announced there. */
import { TransientError } from '../../model/errors.ts';
import type { Frame } from '../../transport/frame.ts';
import { WebSocketConnection } from '../../transport/websocket.ts';
import { HeadWatcher, parseFrame, type Wake } from '../following/head-watcher.ts';
import type { SourceRuntime } from '../source.ts';
import { isObject } from '../wire-object.ts';
import type { EvmConfig } from './config.ts';
import { isUsableRef } from './node.ts';
import { isQuantity } from './quantity.ts';

const pingIntervalMs = 20_000;
const messageBytesMax = 16 * 1024 * 1024;
const queue = { itemsMax: 10_000, bytesMax: 64 * 1024 * 1024 };

/** Opens the subscription on the first endpoint that takes it; throws the last one's error. */
export async function openHeadWatcher(
  config: EvmConfig,
  { clock, onFrame }: Pick<SourceRuntime, 'clock' | 'onFrame'>,
  signal: AbortSignal,
): Promise<HeadWatcher> {
  let last: unknown;
  for (const url of config.ws) {
    const connection = new WebSocketConnection({
      url,
      openTimeoutMs: config.requestTimeoutMs,
      pingIntervalMs,
      messageBytesMax,
      queue,
      clock,
      onFrame,
    });
    try {
      await connection.opened(signal);
      const watcher = new HeadWatcher(clock, { connection, read: readWake });
      const request = { jsonrpc: '2.0', id: 1, method: 'eth_subscribe', params: ['newHeads'] };
      connection.send(JSON.stringify(request));
      const { origin } = connection;
      const untilMs = clock.nowMs() + config.requestTimeoutMs;
      const isAnswered = await watcher.confirmed(
        (frame) => confirms(frame, origin),
        untilMs,
        signal,
      );
      if (!isAnswered) throw refused(origin, 'it did not answer in time');
      return watcher;
    } catch (error) {
      connection.close();
      signal.throwIfAborted();
      last = error;
    }
  }
  throw last;
}

/** True for the answer to our subscription; throws when it is a refusal. */
function confirms(frame: Frame, origin: string): boolean {
  const answer = parseFrame(frame);
  if (!isObject(answer) || answer['id'] !== 1) return false;
  if (typeof answer['result'] === 'string') return true;
  throw refused(origin, JSON.stringify(answer['error'] ?? answer).slice(0, 200));
}

function readWake(frame: Frame): Wake | undefined {
  const message = parseFrame(frame);
  if (message === undefined) return { kind: 'malformed', frame, reason: 'is not JSON' };
  if (!isObject(message)) return { kind: 'malformed', frame, reason: 'is not an object' };
  if (message['method'] !== 'eth_subscription') return undefined;
  const { params } = message;
  const header = isObject(params) ? params['result'] : undefined;
  const hash = isObject(header) ? header['hash'] : undefined;
  const parentHash = isObject(header) ? header['parentHash'] : undefined;
  const number = isObject(header) ? header['number'] : undefined;
  const height = isQuantity(number) ? Number(number) : -1;
  if (!isUsableRef(height, hash) || !isUsableRef(height, parentHash)) {
    return { kind: 'malformed', frame, reason: 'is a notification without a usable header' };
  }
  const head = { height, hash, parentHash };
  return { kind: 'announced', head, receivedAtUs: frame.receivedAtUs };
}

function refused(origin: string, why: string): TransientError {
  return new TransientError('source.unsupported', {
    stage: 'sources',
    message: `${origin} did not accept a subscription to newHeads: ${why}. Use another WebSocket endpoint, or none: the head is then polled.`,
    context: { origin },
  });
}
