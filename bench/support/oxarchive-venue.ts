/**
 * A live 0xArchive socket that sends as fast as it is told to, in a process of its own, so that its
 * CPU is not ours: prepared frames, market after market. It knows subscriptions, pings, and no more.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { LoopbackServer } from '../../src/devnet/simulator/loopback-server.ts';
import { FrameTemplate, type Load } from './oxarchive-frames.ts';

/** What it is to send: frames of all loads in turn, of so many markets. */
export interface OxarchiveOrder {
  readonly loads: readonly Load[];
  readonly markets: number;
}

/** Where it listens. */
export interface OxarchiveAnswer {
  readonly ws: string;
  readonly rest: string;
}

/**
 * `upTo`: so many frames from the beginning, as fast as the socket takes them, stamped with their
 * number. `perSecond`: from now on at this pace, stamped with the machine's monotonic clock in
 * microseconds; 0 ends it.
 */
export type OxarchiveDemand = { readonly upTo: number } | { readonly perSecond: number };

/** `GET /bench`. */
export interface OxarchiveProgress {
  readonly subscriptions: number;
  readonly sent: number;
}

const framesPerWrite = 64;

class Venue extends LoopbackServer {
  readonly #templates: readonly FrameTemplate[];
  readonly #subscribed = new Set<string>();
  #client: Duplex | null = null;
  #sent = 0;
  #upTo = 0;
  #pace: {
    readonly perSecond: number;
    readonly startedAtMs: number;
    readonly from: number;
  } | null = null;
  #isFeeding = false;
  #stamp = 0;

  constructor({ loads, markets }: OxarchiveOrder) {
    super({ perMessageDeflate: false });
    this.#templates = Array.from({ length: markets }).flatMap((_, market) =>
      loads.map((load) => new FrameTemplate(load, market)),
    );
  }

  demand(demand: OxarchiveDemand): void {
    if ('upTo' in demand) {
      this.#upTo = demand.upTo;
      this.#feed();
      return;
    }
    const { perSecond } = demand;
    const wasPaced = this.#pace !== null;
    const startedAtMs = performance.now();
    this.#pace = perSecond === 0 ? null : { perSecond, startedAtMs, from: this.#sent };
    if (!wasPaced) this.#keepPace();
  }

  protected override async answer(
    { url = '/' }: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const progress: OxarchiveProgress = {
      subscriptions: this.#subscribed.size,
      sent: this.#sent,
    };
    // An archive that has nothing: the live feed does not depend on it.
    const data = url.includes('/freshness/') ? {} : [];
    const empty = { success: true, data, meta: { count: 0, next_cursor: null } };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(url === '/bench' ? progress : empty));
  }

  protected override upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.sockets.handleUpgrade(request, socket, head, (client) => {
      this.#client = socket;
      client.on('message', (data) => this.#hear(client, JSON.parse(String(data))));
    });
  }

  protected override release(): void {
    this.#client = null;
  }

  #hear(client: WebSocket, { op, channel, symbol }: Readonly<Record<string, string>>): void {
    if (op === 'ping') client.send('{"type":"pong"}');
    if (op !== 'subscribe') return;
    this.#subscribed.add(`${channel}/${symbol}`);
    const version = '2026-10-01';
    client.send(JSON.stringify({ type: 'subscribed', channel, coin: symbol, symbol, version }));
  }

  #feed(): void {
    if (this.#isFeeding) return;
    this.#isFeeding = true;
    const step = (): void => {
      const socket = this.#client;
      const count = Math.min(framesPerWrite, this.#upTo - this.#sent);
      if (socket === null || count <= 0) {
        this.#isFeeding = false;
        return;
      }
      const isTaken = socket.write(this.#frames(count, (frame) => frame));
      if (isTaken) setImmediate(step);
      else socket.once('drain', step);
    };
    step();
  }

  #keepPace(): void {
    const pace = this.#pace;
    if (pace === null) return;
    const { perSecond, startedAtMs, from } = pace;
    const due = from + Math.floor(((performance.now() - startedAtMs) * perSecond) / 1_000);
    if (due > this.#sent) {
      const nowUs = Number(process.hrtime.bigint() / 1_000n);
      const stampOf = (): number => {
        // Of one market no stamp occurs twice, also when many frames are due at once.
        this.#stamp = Math.max(this.#stamp + 1, nowUs);
        return this.#stamp;
      };
      this.#client?.write(this.#frames(due - this.#sent, stampOf));
    }
    setTimeout(() => this.#keepPace(), 1);
  }

  #frames(count: number, stampOf: (frame: number) => number): Buffer {
    const timeMs = Date.now();
    const templates = Array.from({ length: count }, (_, index) => {
      const template = this.#templates[(this.#sent + index) % this.#templates.length];
      if (template === undefined) throw new Error('A venue without markets sends nothing.');
      return template;
    });
    const bytes = Buffer.allocUnsafe(templates.reduce((sum, { length }) => sum + length, 0));
    let offset = 0;
    for (const template of templates) {
      this.#sent += 1;
      template.write(bytes, offset, { stamp: stampOf(this.#sent), timeMs });
      offset += template.length;
    }
    return bytes;
  }
}

process.once('disconnect', () => process.exit(0));
process.once('message', async (order) => {
  const venue = new Venue(order as OxarchiveOrder);
  await venue.listen(0);
  process.on('message', (demand) => venue.demand(demand as OxarchiveDemand));
  const answer: OxarchiveAnswer = { ws: `${venue.socketOrigin}/ws`, rest: venue.origin };
  process.send?.(answer);
});
