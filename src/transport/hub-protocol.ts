/**
 * The JSON hub protocol as a listener: what the server sends unasked goes to us with its text and in
 * its order, only the rest goes to the SignalR client. Nothing unreadable is dropped on the way.
 */
import {
  type HubMessage,
  type IHubProtocol,
  JsonHubProtocol,
  MessageType,
  NullLogger,
  TransferFormat,
} from '@microsoft/signalr';
import { parseLosslessJson } from './lossless-json.ts';

/** One call of the server, or a frame that is none of the protocol's. */
export type HubFrame =
  | {
      readonly kind: 'call';
      readonly target: string;
      readonly arguments: readonly unknown[];
      readonly text: string;
      readonly receivedAtUs: number;
    }
  | {
      readonly kind: 'malformed';
      readonly reason: string;
      readonly text: string;
      readonly receivedAtUs: number;
    };

/** Who hears what arrives, synchronously and in the order of the wire. */
export interface HubListener {
  nowUs(): number;
  received(frame: HubFrame): void;
  /** A whole message of the wire, before anybody has looked into it. */
  passed(direction: 'in' | 'out', text: string): void;
  /** The server's close frame; `error` is its own words. */
  closing(error: string | undefined): void;
}

const separator = '\u001e';
const known: ReadonlySet<unknown> = new Set([
  MessageType.StreamItem,
  MessageType.Completion,
  MessageType.Ping,
  MessageType.Close,
  MessageType.Ack,
  MessageType.Sequence,
]);

/** See `HubListener`. One per connection. */
export class ListeningHubProtocol implements IHubProtocol {
  readonly name = 'json';
  readonly version = 1;
  readonly transferFormat = TransferFormat.Text;
  readonly #json = new JsonHubProtocol();
  readonly #listener: HubListener;

  constructor(listener: HubListener) {
    this.#listener = listener;
  }

  /** One WebSocket message holds one or several complete frames. */
  parseMessages(input: string | ArrayBuffer): HubMessage[] {
    const receivedAtUs = this.#listener.nowUs();
    const text = typeof input === 'string' ? input : Buffer.from(input).toString('utf8');
    this.#listener.passed('in', text);
    const parts = text.split(separator);
    const rest = parts.pop();
    const messages: HubMessage[] = [];
    for (const part of parts) {
      const message = this.#read(part, receivedAtUs);
      if (message !== undefined) messages.push(message);
    }
    if (rest !== '') {
      const reason = 'does not end with the record separator';
      this.#listener.received({ kind: 'malformed', reason, text: rest ?? text, receivedAtUs });
    }
    return messages;
  }

  writeMessage(message: HubMessage): string {
    const text = this.#json.writeMessage(message) as string;
    // The client makes its ping once and sends it many times: that says nothing of the wire.
    if (message.type !== MessageType.Ping) this.#listener.passed('out', text);
    return text;
  }

  /** What the client itself has to see; everything else has gone to the listener. */
  #read(text: string, receivedAtUs: number): HubMessage | undefined {
    const malformed = (reason: string) =>
      this.#listener.received({ kind: 'malformed', reason, text, receivedAtUs });
    let frame: Readonly<Record<string, unknown>>;
    try {
      frame = Object(parseLosslessJson(text));
    } catch {
      malformed('is not JSON');
      return undefined;
    }
    const { type, target, arguments: args } = frame;
    if (type === MessageType.Invocation && typeof target === 'string' && Array.isArray(args)) {
      this.#listener.received({ kind: 'call', target, arguments: args, text, receivedAtUs });
      return undefined;
    }
    if (!known.has(type)) {
      malformed(`is of type ${JSON.stringify(type) ?? 'missing'}, which the protocol has not`);
      return undefined;
    }
    if (type === MessageType.Close) {
      this.#listener.closing(typeof frame['error'] === 'string' ? frame['error'] : undefined);
    }
    return this.#parsed(text, malformed);
  }

  /** By the client's own rules, which throw for a frame without its members. */
  #parsed(text: string, malformed: (reason: string) => void): HubMessage | undefined {
    try {
      return this.#json.parseMessages(`${text}${separator}`, NullLogger.instance)[0];
    } catch {
      malformed('lacks members of its type');
      return undefined;
    }
  }
}
