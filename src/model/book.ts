/**
 * A book of prices: its levels, its order, and the checksum by which a reader knows that the book it
 * rebuilt is the one that was published.
 */
import { crc32 } from 'node:zlib';

/** A price of a book. As a change, a quantity of 0 removes it. A type, so that it is a value of a row. */
export type BookLevel = {
  /** Canonical decimal text, not below zero. */
  readonly price: string;
  /** Canonical decimal text. */
  readonly quantity: string;
  /** Orders at the price; 0 where the venue does not tell. */
  readonly orders: number;
};

/** Bids and asks, best first. */
export interface BookSides {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** Levels a side that the checksum covers. */
export const checksumLevels = 20;

/**
 * What the checksum is of: bids, a `|`, asks; the best 20 levels a side, best first, parted by `,`; a
 * level is `price:quantity` as in the rows. An empty book is `|`. Order counts are not in it.
 */
export function checksumText({ bids, asks }: BookSides): string {
  return `${sideText(bids)}|${sideText(asks)}`;
}

/** CRC-32 (IEEE, that of zlib and java.util.zip) of that text in ASCII, from 0 to 2^32 - 1. */
export function bookChecksum(book: BookSides): number {
  const barAt = putSide(book.bids, 0);
  scratch[barAt] = bar;
  const end = putSide(book.asks, barAt + 1);
  return crc32(end <= scratch.length ? scratch.subarray(0, end) : checksumText(book));
}

/** The text is made for every frame, and joining its eighty parts takes longer than their checksum. */
const scratch = Buffer.allocUnsafeSlow(8 * 1024);
const [bar, comma, colon] = [0x7c, 0x2c, 0x3a];

/** Writes a side as `sideText` has it and returns where it ends; what has no room is not written. */
function putSide(levels: readonly BookLevel[], from: number): number {
  let at = from;
  let count = 0;
  for (const { price, quantity } of levels) {
    if (count === checksumLevels) break;
    if (count > 0) {
      scratch[at] = comma;
      at += 1;
    }
    at = putText(price, at);
    scratch[at] = colon;
    at = putText(quantity, at + 1);
    count += 1;
  }
  return at;
}

function putText(text: string, at: number): number {
  for (let index = 0; index < text.length; index += 1) {
    scratch[at + index] = text.charCodeAt(index);
  }
  return at + text.length;
}

function sideText(levels: readonly BookLevel[]): string {
  let text = '';
  let count = 0;
  for (const { price, quantity } of levels) {
    if (count === checksumLevels) break;
    text += count === 0 ? `${price}:${quantity}` : `,${price}:${quantity}`;
    count += 1;
  }
  return text;
}

/** True where somebody would buy for what another sells, or more: no book can be so. */
export function isCrossed({ bids, asks }: BookSides): boolean {
  const [bid] = bids;
  const [ask] = asks;
  return bid !== undefined && ask !== undefined && comparePrices(bid.price, ask.price) >= 0;
}

/** Below zero where `a` is the lower price. Both are canonical decimal text and not negative. */
export function comparePrices(a: string, b: string): number {
  const difference = wholeDigits(a) - wholeDigits(b);
  // As many digits before the point: then the order of the texts is that of the numbers.
  if (difference !== 0) return difference;
  return a < b ? -1 : Number(a > b);
}

function wholeDigits(price: string): number {
  const point = price.indexOf('.');
  return point < 0 ? price.length : point;
}
