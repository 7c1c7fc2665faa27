/**
 * What one connection has subscribed to on one channel: leaves, each a cell of the server's filter
 * tables. The limits count leaves.
 */
import type { Item } from '../../simulator/json.ts';
import type { Row } from '../chain/table.ts';
import { HubError } from './hub-error.ts';

/** One cell. */
export interface Leaf {
  /** Two leaves with the same key are one. */
  readonly key: string;
  /** Decides on the row as it is shown. */
  matches(item: Item, row: Row): boolean;
}

/** Each row. */
export const everything: Leaf = { key: '*', matches: () => true };

/** The leaves of one connection on one channel; it gets the union. */
export class Subscription {
  readonly #leaves = new Map<string, Leaf>();

  /** All leaves, in the order in which they came. */
  get leaves(): readonly Leaf[] {
    return [...this.#leaves.values()];
  }

  /** Adds leaves; known ones add nothing. Throws a `HubError` when `limit` is reached already. */
  add(leaves: readonly Leaf[], limit: number): void {
    if (this.#leaves.size >= limit) throw new HubError('Subscriptions limit exceeded');
    for (const leaf of leaves) this.#leaves.set(leaf.key, leaf);
  }

  /** As `add`, but counts what this call asks for, repeated leaves included, before it adds. */
  addCounted(leaves: readonly Leaf[], counted: number, limit: number): void {
    if (this.#leaves.size + counted > limit) throw new HubError('Subscriptions limit exceeded');
    for (const leaf of leaves) this.#leaves.set(leaf.key, leaf);
  }
}
