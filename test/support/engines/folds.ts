/** How the output of an example is read: the lines that count now, by view and key. */
import { canonicalDecimal } from '../../../src/sources/decimal.ts';
import type { Said } from './reader.ts';

/** Lines of sign, view, key and values; empty values are left out. */
export function rowsThatCameAndStayed(lines: readonly string[]): Said {
  const copies = new Map<string, number>();
  for (const line of lines) {
    const [sign, ...row] = line.split('\t');
    if (sign !== '+' && sign !== '-') continue;
    const text = row.join('\t');
    copies.set(text, (copies.get(text) ?? 0) + (sign === '+' ? 1 : -1));
  }
  const said = new Map<string, Map<string, string>>();
  for (const [text, count] of copies) {
    if (count === 0) continue;
    const { view, key, value } = parts(text);
    // Anything but one copy is wrong, and so is a second row of the key.
    const own = said.get(view)?.get(key);
    const row = own === undefined && count === 1 ? value : `${own ?? ''} ${value} × ${count}`;
    put(said, { view, key, value: row });
  }
  return said;
}

/** Lines of view, key and values; a count of 0 takes the key away. */
export function newestLines(lines: readonly string[]): Said {
  const said = new Map<string, Map<string, string>>();
  for (const line of lines) {
    if (!line.includes('\t')) continue;
    const { view, key, value } = parts(line);
    if (value.startsWith('0 ')) said.get(view)?.delete(key);
    else put(said, { view, key, value });
  }
  return said;
}

/** Engines write all 18 digits of a decimal: 2.500000000000000000 and 2.5 are one number. */
export function plainNumbers(said: Said): Said {
  const plain = (text: string) =>
    text.replaceAll(/(?<=^| )-?\d+\.\d+(?= |$)/g, (number) => canonicalDecimal(number) ?? number);
  const views = [...said].map(([view, rows]): [string, ReadonlyMap<string, string>] => [
    view,
    new Map([...rows].map(([key, value]) => [key, plain(value)])),
  ]);
  return new Map(views);
}

interface Entry {
  readonly view: string;
  readonly key: string;
  readonly value: string;
}

function parts(text: string): Entry {
  const [view = '', key = '', ...values] = text.split('\t');
  return { view, key, value: values.filter((value) => value !== '').join(' ') };
}

function put(said: Map<string, Map<string, string>>, { view, key, value }: Entry): void {
  const entries = said.get(view) ?? new Map<string, string>();
  said.set(view, entries.set(key, value));
}
