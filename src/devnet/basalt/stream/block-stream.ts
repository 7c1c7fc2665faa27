/**
 * The sockets of one node: the tip on connect, then each block that the node announces. There is no
 * replay, no subscription and no word about a rollback.
 */
import type { WebSocket } from 'ws';
import type { Block } from '../chain/block.ts';
import type { Faults } from '../faults.ts';
import { defaultTiming, StreamClient, type StreamTiming } from './client.ts';
import { frameOf, incompleteFrame, strangeFrame } from './frames.ts';

/** What the stream needs of its node. */
export interface StreamOptions {
  readonly faults: Faults;
  readonly connectionsMax: number;
  readonly timing?: Partial<StreamTiming>;
  tip(): Block;
  at(number: number): Block | undefined;
}

/** The sockets of one node. */
export class BlockStream {
  readonly #options: StreamOptions;
  readonly #timing: StreamTiming;
  readonly #clients = new Set<StreamClient>();
  /** Clients that get their `current_block` after the next announcement, and that block. */
  #waiting: { readonly client: StreamClient; readonly block: Block }[] = [];
  #held: Block[] = [];

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#timing = { ...defaultTiming, ...options.timing };
    const { faults } = options;
    faults.onArmed(({ name }) => this.#onChanged(name));
    faults.onOver(({ name }) => this.#onChanged(name));
  }

  /** How many sockets are open. */
  get connections(): number {
    return this.#clients.size;
  }

  /** Takes an upgraded socket. Above the limit it is closed with 1008, without any frame. */
  accept(socket: WebSocket): void {
    const { faults, connectionsMax, tip } = this.#options;
    if (this.connections >= connectionsMax || faults.take('too-many') !== undefined) {
      socket.close(1008, 'Too many connections');
      return;
    }
    const client = new StreamClient(socket, faults, this.#timing);
    this.#clients.add(client);
    socket.on('close', () => {
      this.#clients.delete(client);
      this.#waiting = this.#waiting.filter((waiting) => waiting.client !== client);
    });
    if (faults.take('no-current') !== undefined) return;
    if (faults.take('next-before-current') !== undefined) {
      this.#waiting.push({ client, block: tip() });
      return;
    }
    this.#welcome(client, tip());
  }

  /** Sends `new_block` to all, after the faults that strike it: once for all sockets. */
  announce(block: Block): void {
    const { faults } = this.#options;
    if (faults.has('hold')) {
      faults.take('hold');
      this.#held.push(block);
      return;
    }
    if (faults.take('slow-client') !== undefined) this.dropAll();
    if (faults.take('drop-frame') === undefined) this.#broadcast(block);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { client, block: current } of waiting) this.#welcome(client, current);
  }

  /** Ends all sockets without a close frame. */
  dropAll(): void {
    for (const client of this.#clients) client.drop();
  }

  #welcome(client: StreamClient, block: Block): void {
    const { faults } = this.#options;
    client.send(JSON.stringify(frameOf('current_block', block, faults)));
    if (faults.take('current-as-new') === undefined) return;
    client.send(JSON.stringify(frameOf('new_block', block, faults)));
  }

  #broadcast(block: Block): void {
    const { faults, at } = this.#options;
    if (faults.take('unknown-type') !== undefined) {
      this.#sendAll(JSON.stringify({ type: 'reorg_notice', block: { number: block.number } }));
    }
    const repeat = faults.take('repeat-frame');
    const earlier = repeat && at(block.number - (repeat.request.depth ?? 1));
    if (earlier) this.#sendAll(JSON.stringify(frameOf('new_block', earlier, faults)));
    const frame = JSON.stringify(this.#changed(frameOf('new_block', block, faults)));
    if (faults.take('cut-message') !== undefined) {
      for (const client of this.#clients) client.cut(frame);
      return;
    }
    const malformed = faults.take('malformed-frame');
    const text = malformed?.request.text ?? frame.slice(0, frame.length / 2);
    const isBinary = faults.take('binary-frame') !== undefined;
    const isTwice = faults.take('duplicate-frame') !== undefined;
    const message = malformed === undefined ? frame : text;
    for (let n = 0; n < (isTwice ? 2 : 1); n += 1) {
      this.#sendAll(isBinary ? Buffer.from(message) : message);
    }
  }

  #changed(frame: object): object {
    const { faults } = this.#options;
    const isStrange = faults.take('unknown-field') !== undefined;
    const missing = faults.take('missing-field');
    const whole = isStrange ? strangeFrame(frame) : frame;
    return missing === undefined ? whole : incompleteFrame(whole, missing.request);
  }

  #sendAll(message: string | Buffer): void {
    for (const client of this.#clients) client.send(message);
  }

  #onChanged(name: string): void {
    if (name === 'mute') for (const client of this.#clients) client.listen();
    if (name !== 'hold' || this.#options.faults.has('hold')) return;
    for (const block of this.#held.splice(0)) this.announce(block);
  }
}
