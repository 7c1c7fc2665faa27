/** A client of the BlockDB stream without a library: it shows each frame as it came. */
import { defaultKey } from '../../../src/devnet/blockdb/access.ts';
import { type Item, isItem } from '../../../src/devnet/simulator/json.ts';
import { RawWebSocket } from '../raw-web-socket.ts';

/** How to connect. */
export interface RawOptions {
  /** null = no header. */
  readonly key?: string | null;
  readonly autoPong?: boolean;
}

/** Frames of one raw connection. */
export class RawStream extends RawWebSocket {
  /** Opens a connection; rejects with the text of a refused upgrade. */
  static async open(url: string, { key = defaultKey, autoPong = true }: RawOptions = {}) {
    const headers = key === null ? {} : { authorization: `Bearer ${key}` };
    const stream = new RawStream(url, { headers, autoPong });
    await stream.opened();
    return stream;
  }

  /** Asks and returns the next frame. */
  async ask(request: Item): Promise<string> {
    this.sendRaw(JSON.stringify(request));
    return this.next();
  }

  /** Subscribes; throws when the next frame is not the acknowledgement. */
  async subscribe(dataset: string, params: Item = {}): Promise<void> {
    const ack = { action: 'subscribe', chain_id: 1, dataset_id: dataset };
    const answer = await this.ask({ ...ack, params });
    const expected = JSON.stringify({ ...ack, status: 'success' });
    if (answer !== expected) throw new Error(`Expected ${expected}, got ${answer}.`);
  }

  /** The next frames, parsed. */
  async take(count: number): Promise<readonly Item[]> {
    const items: Item[] = [];
    while (items.length < count) {
      const item: unknown = JSON.parse(await this.next());
      items.push(isItem(item) ? item : { array: item as Item[] });
    }
    return items;
  }

  /** Everything that was sent so far: a refused request comes back behind it. */
  async drain(): Promise<readonly Item[]> {
    this.sendRaw('drain');
    const items: Item[] = [];
    for (;;) {
      const [item = {}] = await this.take(1);
      if (item['error'] !== undefined && item['action'] === undefined) return items;
      items.push(item);
    }
  }
}
