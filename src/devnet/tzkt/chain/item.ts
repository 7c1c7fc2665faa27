/**
 * The JSON values that both interfaces of the simulator show, with members in the order of the wire.
 */

/** Any JSON value; a member that is undefined is left out of the text. */
export type Json = null | boolean | number | string | readonly Json[] | Item;

/** A JSON object as TzKT sends it: null members are left out, here they are undefined. */
export interface Item {
  readonly [name: string]: Json | undefined;
}

/** True for a JSON object. */
export function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a dotted path (`token.contract.address`); undefined where the path ends early. */
export function valueAt(item: Item, path: string): Json | undefined {
  if (!path.includes('.')) return item[path];
  let value: Json | undefined = item;
  for (const name of path.split('.')) {
    if (!isItem(value)) return undefined;
    value = value[name];
  }
  return value;
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

/** The time format of TzKT: ISO 8601 in UTC with whole seconds. */
export function timeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
