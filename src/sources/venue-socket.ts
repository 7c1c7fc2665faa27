/** A venue's socket from its handshake on, with the limits that sources call alike. */
import { WebSocketConnection } from '../transport/websocket.ts';
import type { Bell } from './bell.ts';
import type { SourceRuntime } from './source.ts';

/** Limits, as the options of sources are called. */
export interface SocketLimits {
  readonly requestTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly silenceMaxMs: number;
  readonly messageBytesMax: number;
  readonly queueBytesMax: number;
  readonly isCompressed?: boolean;
}

const queueItemsMax = 1_000_000;

/**
 * An open connection; it rings whenever a frame came. Throws as the connection does, and leaves none
 * behind.
 */
export async function openVenueSocket(
  address: { readonly url: string; readonly headers?: Readonly<Record<string, string>> },
  limits: SocketLimits,
  context: { readonly runtime: SourceRuntime; readonly bell: Bell; readonly signal: AbortSignal },
): Promise<WebSocketConnection> {
  const { runtime, bell, signal } = context;
  const { requestTimeoutMs, pingIntervalMs, silenceMaxMs, messageBytesMax } = limits;
  const connection = new WebSocketConnection({
    ...address,
    ...{ openTimeoutMs: requestTimeoutMs, pingIntervalMs, silenceMaxMs, messageBytesMax },
    isCompressed: limits.isCompressed ?? false,
    queue: { itemsMax: queueItemsMax, bytesMax: limits.queueBytesMax },
    onReady: () => bell.ring(),
    clock: runtime.clock,
    onFrame: runtime.onFrame,
  });
  try {
    await connection.opened(signal);
  } catch (error) {
    connection.close();
    throw error;
  }
  return connection;
}
