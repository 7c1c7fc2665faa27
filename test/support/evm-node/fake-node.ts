/**
 * A scripted JSON-RPC node over HTTP and WebSocket that can misbehave in the ways real nodes do and a
 * development chain cannot: every call can be answered by the test instead.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  type FakeBlock,
  fakeBlock,
  type WireObject,
  wireBlock,
  wireReceipts,
  wireTraces,
} from './fake-chain.ts';

/** One call as it arrived. */
export interface SeenCall {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** What a test may answer to a call instead of the node: undefined leaves it to the node. */
export type CallScript = (
  call: SeenCall,
) => { readonly result: unknown } | { readonly error: WireObject } | undefined;

/** What a test may answer to a whole request: `stall` never answers. */
export type RequestScript = (
  body: unknown,
) =>
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly text: string }
  | 'stall'
  | undefined;

/** See `start`. */
export class FakeNode {
  /** All calls so far. */
  readonly calls: SeenCall[] = [];
  onCall: CallScript = () => undefined;
  onRequest: RequestScript = () => undefined;
  chainId = 31_337;
  finalizedHeight: number | undefined = 0;
  /** Order of the answers within a batch is turned around. */
  isBatchReversed = false;
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly #blocks = new Map<string, FakeBlock>();
  #canonical: FakeBlock[] = [];
  #subscribers: WebSocket[] = [];

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
    this.#sockets = new WebSocketServer({ server: this.#server });
    this.#sockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer) => this.#onFrame(socket, data));
    });
  }

  /** A node on a free loopback port whose chain is the genesis block `0a`. */
  static async start(): Promise<FakeNode> {
    const node = new FakeNode();
    await new Promise<void>((resolve) => {
      node.#server.listen(0, '127.0.0.1', resolve);
    });
    node.setHead(node.add(fakeBlock('0a', 'f')));
    return node;
  }

  get http(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get ws(): string {
    return this.http.replace('http', 'ws');
  }

  get connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  }

  get head(): FakeBlock {
    const head = this.#canonical.at(-1);
    if (head === undefined) throw new Error('The chain has no block.');
    return head;
  }

  /** Hash by height of the canonical chain. */
  get canonical(): readonly FakeBlock[] {
    return this.#canonical;
  }

  /** Makes a block known; it is not canonical until `setHead`. */
  add(block: FakeBlock): FakeBlock {
    this.#blocks.set(block.hash, block);
    return block;
  }

  /** Forgets a block: asked by hash the answer is null. */
  forget(block: FakeBlock): void {
    this.#blocks.delete(block.hash);
  }

  /** The chain is what leads to this block. Nothing is announced. */
  setHead(block: FakeBlock): void {
    const chain: FakeBlock[] = [];
    for (let at: FakeBlock | undefined = block; at; at = this.#blocks.get(at.parentHash)) {
      chain.unshift(at);
    }
    this.#canonical = chain;
  }

  /** Adds blocks `3a 4a …` in a row on `parent`, each with a transaction, and makes the last the head. */
  grow(names: string, parent: string): FakeBlock {
    let on = parent;
    for (const name of names.split(' ')) {
      this.add(fakeBlock(name, on, [`${name}1`]));
      on = name;
    }
    this.setHead(this.byName(on));
    return this.head;
  }

  byName(name: string): FakeBlock {
    const block = [...this.#blocks.values()].find(({ hash }) => hash === fakeBlock(name, '').hash);
    if (block === undefined) throw new Error(`No block ${name}.`);
    return block;
  }

  get isSubscribed(): boolean {
    return this.#subscribers.length > 0;
  }

  /** Sends a newHeads notification. */
  announce(block: FakeBlock): void {
    const params = { subscription: '0x1', result: wireBlock(block, false) };
    this.sendFrame(JSON.stringify({ jsonrpc: '2.0', method: 'eth_subscription', params }));
  }

  /** Sends any text to all subscribers. */
  sendFrame(text: string): void {
    for (const socket of this.#subscribers) socket.send(text);
  }

  /** Closes the sockets with a code and a reason. */
  hangUp(code: number, reason: string): void {
    for (const socket of this.#subscribers.splice(0)) socket.close(code, reason);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  #onFrame(socket: WebSocket, data: Buffer): void {
    const call = JSON.parse(data.toString('utf8'));
    const scripted = this.onCall(call);
    if (scripted === undefined && call.method === 'eth_subscribe') this.#subscribers.push(socket);
    const answer = scripted ?? { result: '0x1' };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...answer }));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const scripted = this.onRequest(body);
    if (scripted === 'stall') return;
    if (scripted !== undefined) {
      response.writeHead(scripted.status ?? 200, scripted.headers);
      response.end(scripted.text);
      return;
    }
    const calls = Array.isArray(body) ? body : [body];
    const answers = calls.map((call) => ({ jsonrpc: '2.0', id: call.id, ...this.#answer(call) }));
    if (this.isBatchReversed) answers.reverse();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(Array.isArray(body) ? answers : answers[0]));
  }

  #answer(call: SeenCall): WireObject {
    this.calls.push({ method: call.method, params: call.params });
    return this.onCall(call) ?? this.defaultAnswer(call);
  }

  /** What the node itself would answer. */
  defaultAnswer(call: SeenCall): WireObject {
    const [first, second] = call.params;
    switch (call.method) {
      case 'eth_chainId':
        return { result: `0x${this.chainId.toString(16)}` };
      case 'eth_getBlockByNumber':
        return this.#byNumber(String(first), second === true);
      case 'eth_getBlockByHash':
        return this.#about(first, (block) => wireBlock(block, second === true));
      case 'eth_getBlockReceipts':
        return this.#about(first, wireReceipts);
      case 'eth_getTransactionReceipt':
        return { result: this.#receiptOf(first) };
      case 'debug_traceBlockByHash':
        return this.#about(first, wireTraces);
      default:
        return { error: { code: -32601, message: 'Method not found' } };
    }
  }

  #about(hash: unknown, answer: (block: FakeBlock) => unknown): WireObject {
    const block = this.#blocks.get(String(hash));
    return { result: block === undefined ? null : answer(block) };
  }

  #receiptOf(hash: unknown): unknown {
    const receipts = this.#canonical.flatMap(wireReceipts);
    return receipts.find(({ transactionHash }) => transactionHash === hash) ?? null;
  }

  #byNumber(text: string, isFull: boolean): WireObject {
    if (text === 'finalized' && this.finalizedHeight === undefined) {
      return { error: { code: -32000, message: 'finalized block not found' } };
    }
    const tags = { latest: this.head.height, finalized: this.finalizedHeight };
    const height = text === 'latest' || text === 'finalized' ? tags[text] : Number(text);
    const block = height === undefined ? undefined : this.#canonical[height];
    return { result: block === undefined ? null : wireBlock(block, isFull) };
  }
}
