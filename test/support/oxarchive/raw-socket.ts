/** A client of the 0xArchive socket without a library: it shows each frame as it came. */
import { defaultKey } from '../../../src/devnet/oxarchive/access.ts';
import { type Item, isItem } from '../../../src/devnet/simulator/json.ts';
import { RawWebSocket } from '../raw-web-socket.ts';

/** How to connect. */
export interface RawOptions {
  /** null = no header. */
  readonly key?: string | null;
  /** null = the old contract. */
  readonly version?: string | null;
  readonly autoPong?: boolean;
}

/** Frames of one socket. */
export class RawSocket extends RawWebSocket {
  /** Opens a socket; rejects with the text of a refused upgrade. */
  static async open(url: string, options: RawOptions = {}): Promise<RawSocket> {
    const { key = defaultKey, version = '2026-10-01', autoPong = true } = options;
    const headers = key === null ? {} : { authorization: `Bearer ${key}` };
    const target = new URL(url);
    if (version !== null) target.searchParams.set('version', version);
    const raw = new RawSocket(target, { headers, autoPong, maxPayload: 128 * 1024 * 1024 });
    await raw.opened();
    return raw;
  }

  /** What the server and this client agreed on. */
  get extensions(): string {
    return this.socket.extensions;
  }

  send(request: Item): void {
    this.sendRaw(JSON.stringify(request));
  }

  /** Asks and returns the next frame. */
  async ask(request: Item): Promise<Item> {
    this.send(request);
    return this.nextItem();
  }

  /** Subscribes; throws when the next frame is not the acknowledgement. */
  async subscribe(channel: string, symbol?: string, options: Item = {}): Promise<void> {
    const named = symbol === undefined ? {} : { symbol };
    const answer = await this.ask({ op: 'subscribe', channel, ...named, ...options });
    if (answer['type'] !== 'subscribed' || answer['channel'] !== channel) {
      throw new Error(`Expected an acknowledgement, got ${JSON.stringify(answer)}.`);
    }
  }

  /** The next frame, parsed. */
  async nextItem(): Promise<Item> {
    const item: unknown = JSON.parse(await this.next());
    if (isItem(item)) return item;
    throw new Error(`Expected an object, got ${JSON.stringify(item)}.`);
  }

  /** Frames up to the first of a type, which is the last. */
  async through(type: string): Promise<readonly Item[]> {
    const items: Item[] = [];
    for (;;) {
      const item = await this.nextItem();
      items.push(item);
      if (item['type'] === type) return items;
    }
  }

  /** Everything that was sent so far: the answer to a ping comes behind it. */
  async drain(): Promise<readonly Item[]> {
    this.send({ op: 'ping' });
    return (await this.through('pong')).slice(0, -1);
  }
}
