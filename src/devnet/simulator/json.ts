/** The JSON values that simulators show, with members in the order of the wire. */

/** Any JSON value; a member that is undefined is left out of the text. */
export type Json = null | boolean | number | string | readonly Json[] | Item;

/** A JSON object. */
export interface Item {
  readonly [name: string]: Json | undefined;
}

/** True for a JSON object. */
export function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The members named, in the order named, without those that are undefined. */
export function inOrder(item: Item, names: readonly string[]): Item {
  const ordered: Record<string, Json> = {};
  for (const name of names) {
    const value = item[name];
    if (value !== undefined) ordered[name] = value;
  }
  return ordered;
}
