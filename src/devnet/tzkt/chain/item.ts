/** Paths into the items of TzKT, and its format of times. Null members are left out: undefined. */
import { type Item, isItem, type Json } from '../../simulator/json.ts';

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

/** The time format of TzKT: ISO 8601 in UTC with whole seconds. */
export function timeText(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
