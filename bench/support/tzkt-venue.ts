/**
 * A TzKT with prepared answers, in a process of its own: blocks of equally many transactions, whose
 * texts are made once. It says live blocks on the hub when it is told to.
 */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { TzktSimulator } from '../../src/devnet/tzkt/simulator.ts';

/** What the venue is to hold. */
export interface VenueOrder {
  readonly blocks: number;
  readonly operationsPerBlock: number;
}

/** What it is told later: to announce so many more blocks, one after the other. */
export interface LiveOrder {
  readonly blocks: number;
  readonly everyMs: number;
}

export interface VenueAnswer {
  readonly url: string;
  readonly firstLevel: number;
}

const firstLevel = 9_100_001;
const firstId = 1_363_000_000_000_000;
const idsPerLevel = 100_000;
const separator = '\u001e';

class Venue {
  readonly #order: VenueOrder;
  readonly #templates: readonly object[];
  readonly #blocks: string[] = [];
  readonly #operations: string[][] = [];
  readonly #clients = new Set<WebSocket>();

  constructor(order: VenueOrder) {
    this.#order = order;
    const { operations } = new TzktSimulator({ historyLevels: 30 }).canonical();
    this.#templates = operations.filter(({ type }) => type === 'transaction');
    for (let index = 0; index < order.blocks; index += 1) this.#grow();
  }

  get head(): number {
    return firstLevel + this.#blocks.length - 1;
  }

  connect(client: WebSocket): void {
    this.#clients.add(client);
    client.on('close', () => this.#clients.delete(client));
    client.on('message', (data) => {
      for (const text of String(data).split(separator)) {
        if (text === '') continue;
        const { type, protocol, invocationId } = JSON.parse(text);
        if (protocol !== undefined) client.send(`{}${separator}`);
        if (type === 1) this.#send(client, { type: 3, invocationId, result: this.head });
      }
    });
  }

  ping(): void {
    for (const client of this.#clients) this.#send(client, { type: 6 });
  }

  /** One block more, told on the channels as TzKT does. */
  announce(): void {
    this.#grow();
    const level = this.head;
    const index = this.#blocks.length - 1;
    const say = (target: string, data: string) => {
      const message = `{"type":1,"target":"${target}","arguments":[{"type":1,"state":${level},"data":${data}}]}`;
      for (const client of this.#clients) client.send(`${message}${separator}`);
    };
    say('head', `{"level":${level},"hash":"${hashOf(level)}"}`);
    say('blocks', `[${this.#blocks[index]}]`);
    say('operations', `[${this.#operations[index]?.join(',')}]`);
  }

  answer(url: URL, response: ServerResponse): void {
    const query = url.searchParams;
    const from = Math.max(firstLevel, Number(query.get('level.ge') ?? firstLevel));
    const to = Math.min(this.head, Number(query.get('level.le') ?? this.head));
    const limit = Number(query.get('limit') ?? 100);
    const levels = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
    const send = (text: string) => {
      response.writeHead(200, { 'content-type': 'application/json', 'tzkt-level': this.head });
      response.end(text);
    };
    if (url.pathname === '/v1/head') {
      send(`{"chainId":"NetXSCw6Rghzp68","level":${this.head},"hash":"${hashOf(this.head)}"}`);
    } else if (url.pathname === '/v1/blocks' && query.has('select.values')) {
      send(JSON.stringify(levels.slice(0, limit).map((level) => [level, hashOf(level)])));
    } else if (url.pathname === '/v1/blocks') {
      send(`[${levels.slice(0, limit).map((level) => this.#blocks[level - firstLevel])}]`);
    } else if (url.pathname === '/v1/operations/transactions') {
      send(`[${this.#page(levels, Number(query.get('offset.cr') ?? 0), limit)}]`);
    } else send('[]');
  }

  #page(levels: readonly number[], after: number, limit: number): string {
    const page: string[] = [];
    for (const level of levels) {
      const own = this.#operations[level - firstLevel] ?? [];
      const passed = Math.max(0, after - idOf(level, 0) + 1);
      page.push(...own.slice(passed, passed + limit - page.length));
      if (page.length === limit) break;
    }
    return page.join(',');
  }

  #grow(): void {
    const level = this.head + 1;
    const timestamp = new Date(Date.UTC(2026, 6, 2) + level * 6_000).toISOString();
    const block = hashOf(level);
    const common = { level, timestamp, block };
    this.#blocks.push(JSON.stringify({ cycle: 1102, level, hash: block, timestamp, fees: level }));
    this.#operations.push(
      Array.from({ length: this.#order.operationsPerBlock }, (_, index) =>
        JSON.stringify({
          ...this.#templates[(level + index) % this.#templates.length],
          ...{ id: idOf(level, index), ...common },
        }),
      ),
    );
  }

  #send(client: WebSocket, frame: object): void {
    client.send(`${JSON.stringify(frame)}${separator}`);
  }
}

function hashOf(level: number): string {
  return `BL${String(level).padStart(49, 'x')}`;
}

function idOf(level: number, index: number): number {
  return firstId + (level - firstLevel) * idsPerLevel + index;
}

process.once('message', (order: VenueOrder) => {
  const venue = new Venue(order);
  const server = createServer((request, response) => {
    venue.answer(new URL(request.url ?? '/', 'http://venue'), response);
  });
  new WebSocketServer({ server }).on('connection', (client) => venue.connect(client));
  setInterval(() => venue.ping(), 5_000).unref();
  server.listen(0, '127.0.0.1', () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.send?.({ url, firstLevel } satisfies VenueAnswer);
  });
  process.on('message', ({ blocks, everyMs }: LiveOrder) => {
    let left = blocks;
    const timer = setInterval(() => {
      venue.announce();
      left -= 1;
      if (left === 0) clearInterval(timer);
    }, everyMs);
  });
});
process.once('disconnect', () => process.exit(0));
