/**
 * Frames of a live 0xArchive socket as bytes (reference sections 4.3 and 4.5), made once for each
 * market: what changes from frame to frame is written over fixed places, so that a feeder costs little.
 */

import { marketDigits, markOf, stampDigits, stampMark } from './stamp.ts';

/** What a feed sends: a frame is one leg of a trade, or a book of 20 levels a side. */
export type Load = 'trades' | 'books';

/** Names of made-up markets of Hyperliquid. */
export function marketNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `M${String(index).padStart(3, '0')}`);
}

/** Channel of a load. */
export const channelOf = { trades: 'trades', books: 'orderbook' } as const;

const hole = '~';
const timeDigits = 13;
const idDigits = 14;
const levels = 20;
/** As on the wire: trailing text of a quantity that a book changes from frame to frame. */
const changingDigits = 3;
const changedPerFrame = 10;
const nameEnd = stampMark.length + marketDigits;

/** One market's frame, with the header of a WebSocket message before it. */
export class FrameTemplate {
  readonly #bytes: Buffer;
  readonly #stampAt: number;
  readonly #idAts: readonly number[];
  readonly #timeAts: readonly number[];
  readonly #changing: readonly number[];
  #round = 0;

  constructor(load: Load, market: number) {
    const text = load === 'trades' ? tradeText(market) : bookText(market);
    this.#bytes = Buffer.concat([headerOf(Buffer.byteLength(text)), Buffer.from(text)]);
    const at = (run: number) => placesOf(this.#bytes, hole.repeat(run));
    this.#stampAt = this.#bytes.indexOf(stampMark) + nameEnd;
    // The longest first: a shorter run is a part of it.
    this.#idAts = at(idDigits);
    this.#timeAts = at(timeDigits);
    this.#changing = at(changingDigits);
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** Writes the next frame into `target`. The stamp is a whole number, and a trade's id. */
  write(target: Buffer, offset: number, at: { readonly stamp: number; readonly timeMs: number }) {
    this.#round += 1;
    for (const place of this.#idAts) writeDigits(this.#bytes, place, at.stamp, idDigits);
    for (const place of this.#timeAts) writeDigits(this.#bytes, place, at.timeMs, timeDigits);
    writeDigits(this.#bytes, this.#stampAt, at.stamp, stampDigits);
    for (let change = 0; change < changedPerFrame; change += 1) {
      const place = this.#changing[(this.#round + change) % this.#changing.length];
      if (place === undefined) break;
      writeDigits(this.#bytes, place, ((this.#round * 7 + change) % 99) * 10 + 1, changingDigits);
    }
    this.#bytes.copy(target, offset);
  }
}

function tradeText(market: number): string {
  const coin = marketNames(market + 1)[market] ?? '';
  const stamp = markOf(market);
  const row = {
    coin,
    side: market % 2 === 0 ? 'A' : 'B',
    px: `${2_500 + market}.${hole.repeat(changingDigits)}`,
    sz: '0.825',
    time: hole.repeat(timeDigits),
    hash: `0x${'b'.repeat(64 - stamp.length)}${stamp}`,
    tid: `1${hole.repeat(idDigits)}`,
    oid: 510_000_000_000 + market,
    crossed: market % 2 === 1,
    dir: 'Open Long',
    fee: '0.412543',
    fee_token: 'USDC',
    closed_pnl: '0.0',
    start_position: '12.5',
    users: [`0x${String(market).padStart(40, 'a')}`],
  };
  return unquoted(frameOf('trades', coin, [row]));
}

function bookText(market: number): string {
  const coin = marketNames(market + 1)[market] ?? '';
  const side = (direction: number) =>
    Array.from({ length: levels }, (_, depth) => ({
      px: (2_500 + market + direction * (depth + 1) * 0.1).toFixed(1),
      sz: `${depth + 1}.${hole.repeat(changingDigits)}`,
      n: depth + 1,
    }));
  const bids = side(-1);
  const last = bids.at(-1);
  // Never 0 at the end, so that the text is as long when it is canonical.
  if (last !== undefined) last.sz = `0.${markOf(market)}1`;
  const data = { coin, time: hole.repeat(timeDigits), levels: [bids, side(1)] };
  return unquoted(frameOf('orderbook', coin, data));
}

function frameOf(channel: string, coin: string, data: unknown): string {
  return JSON.stringify({ type: 'data', channel, coin, symbol: coin, data });
}

/** Times and trade ids are numbers, and a number begins with no zero. */
function unquoted(text: string): string {
  return text.replaceAll(/"(1?~{13,})"/g, '$1');
}

/** Of an unmasked text message in one piece (RFC 6455 section 5.2). */
function headerOf(length: number): Buffer {
  if (length < 126) return Buffer.from([0x81, length]);
  return Buffer.from([0x81, 126, length >> 8, length & 0xff]);
}

/** Runs of exactly this text; they are filled, so that every template begins as a whole frame. */
function placesOf(bytes: Buffer, run: string): readonly number[] {
  const found: number[] = [];
  for (let at = bytes.indexOf(run); at >= 0; at = bytes.indexOf(run, at + run.length)) {
    found.push(at);
    bytes.fill('1', at, at + run.length);
  }
  return found;
}

function writeDigits(bytes: Buffer, at: number, value: number, digits: number): void {
  let rest = value;
  for (let place = at + digits - 1; place >= at; place -= 1) {
    bytes[place] = 48 + (rest % 10);
    rest = Math.floor(rest / 10);
  }
}
