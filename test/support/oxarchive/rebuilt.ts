/** Books rebuilt from frames as a client has to: a snapshot, then what the batches change. */
import type { TrueBook } from '../../../src/devnet/oxarchive/simulator.ts';
import { type Item, isItem } from '../../../src/devnet/simulator/json.ts';

/** The rows of frames, whether `data` is one or a list. */
export function rowsOf(frames: readonly Item[]): readonly Item[] {
  return frames.flatMap(({ data }) => listOf(data).filter(isItem));
}

/** Resting orders by id, as `side price size`. Throws when a diff does not fit. */
export function rebuiltOrders(frames: readonly Item[]): ReadonlyMap<number, string> {
  const orders = new Map<number, string>();
  for (const side of ['bids', 'asks']) {
    for (const entry of listOf(snapshotOf(frames)[side])) {
      const order = Array.isArray(entry) ? entry[1] : entry;
      if (!isItem(order)) throw new Error(`No order: ${JSON.stringify(entry)}.`);
      const { oid, limitPx, sz } = order;
      orders.set(Number(oid), `${order['side']} ${Number(limitPx)} ${Number(sz)}`);
    }
  }
  for (const { oid, side, price, diff_type, new_size } of rowsOf(frames.slice(1))) {
    const isKnown = orders.has(Number(oid));
    if (isKnown === (diff_type === 'new')) throw new Error(`${diff_type} of ${oid} does not fit.`);
    if (diff_type === 'remove') orders.delete(Number(oid));
    else orders.set(Number(oid), `${side} ${price} ${new_size}`);
  }
  return sorted(orders);
}

/** Levels by `side price`, with their sizes. */
export function rebuiltLevels(frames: readonly Item[]): ReadonlyMap<string, number> {
  const levels = new Map<string, number>();
  const snapshot = snapshotOf(frames);
  for (const [side, name] of [
    ['B', 'bids'],
    ['A', 'asks'],
  ] as const) {
    for (const level of listOf(snapshot[name]).filter(isItem)) {
      levels.set(`${side} ${level['px']}`, Number(level['sz']));
    }
  }
  for (const { side, px, sz } of rowsOf(frames.slice(1))) {
    if (sz === 0) levels.delete(`${side} ${px}`);
    else levels.set(`${side} ${px}`, Number(sz));
  }
  return sorted(levels);
}

/** A true book in the same form. */
export function levelsOf({ bids, asks }: TrueBook): ReadonlyMap<string, number> {
  return sorted([
    ...bids.map(({ px, sz }) => [`B ${Number(px)}`, Number(sz)] as const),
    ...asks.map(({ px, sz }) => [`A ${Number(px)}`, Number(sz)] as const),
  ]);
}

/** The same entries in the order of their keys. */
export function sorted<Key, Value>(map: Iterable<readonly [Key, Value]>): ReadonlyMap<Key, Value> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function snapshotOf([first]: readonly Item[]): Item {
  if (first?.['type'] === 'l4_snapshot' && isItem(first['data'])) return first['data'];
  throw new Error(`No snapshot: ${JSON.stringify(first)}.`);
}

function listOf(value: Item[string]): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value === undefined ? [] : [value];
}
