/**
 * The rows of one block by key, with what earlier versions of them said, so that a second delivery
 * of an old version is told from a correction (reference section 8.4).
 */
import type { BlockdbDataset } from '../messages.ts';
import { contentHash, saysSame } from '../rows/identity.ts';
import type { KeyedRow, SaidRow } from './said-row.ts';

/** `outdated`: an earlier version of the row came again, and is not what holds now. */
export type RowOutcome = 'added' | 'changed' | 'known' | 'outdated';

/** Versions of one row that are remembered. */
const versionsMax = 8;

/** Owns its rows. */
export class HeldRows {
  #rows = new Map<string, KeyedRow>();
  readonly #past = new Map<string, readonly string[]>();

  get size(): number {
    return this.#rows.size;
  }

  values(): Iterable<KeyedRow> {
    return this.#rows.values();
  }

  /** True when this very content is what is held. */
  holds(row: KeyedRow): boolean {
    const held = this.#rows.get(row.key);
    return held !== undefined && saysSame(row.dataset, held.data, row.data);
  }

  has(key: string): boolean {
    return this.#rows.has(key);
  }

  /** Takes over what the stream says. */
  take(row: Pick<SaidRow, 'key' | 'dataset' | 'data' | 'isCorrection'>): RowOutcome {
    const { key, dataset, data, isCorrection } = row;
    const held = this.#rows.get(key);
    const past = this.#past.get(key);
    if (held === undefined && past === undefined) {
      this.#rows.set(key, { key, dataset, data });
      return 'added';
    }
    if (held !== undefined && saysSame(dataset, held.data, data)) return 'known';
    if (!isCorrection && past?.includes(contentOf(row))) return 'outdated';
    if (held !== undefined) this.#remember(held);
    this.#rows.set(key, { key, dataset, data });
    return held === undefined ? 'added' : 'changed';
  }

  /**
   * Makes these, in this order, the rows of the datasets that `covers` names. A row that says the
   * same stays as it was. Returns whether anything differed.
   */
  settle(rows: readonly KeyedRow[], covers: ReadonlySet<string>): boolean {
    if (!this.#isAsHeld(rows, covers)) return this.#replace(rows, covers);
    // Only REST tells where in the block a snapshot stands.
    for (const row of rows) if (row.dataset === 'reserves') this.#rows.set(row.key, row);
    return false;
  }

  #replace(rows: readonly KeyedRow[], covers: ReadonlySet<string>): boolean {
    const before = itemOrder(this.#rows.values());
    let hasChanged = false;
    const keys = new Set<string>();
    for (const { key } of rows) keys.add(key);
    // What REST does not speak of comes first, as it stood.
    const settled = new Map<string, KeyedRow>();
    for (const held of this.#rows.values()) {
      if (keys.has(held.key)) continue;
      if (!covers.has(held.dataset)) {
        settled.set(held.key, held);
        continue;
      }
      this.#remember(held);
      hasChanged = true;
    }
    for (const row of rows) {
      const { key, dataset, data } = row;
      // Named, not spread: of millions of rows that shows.
      const outcome = this.take({ key, dataset, data, isCorrection: true });
      if (outcome === 'added' || outcome === 'changed') hasChanged = true;
      const held = dataset === 'reserves' ? row : this.#rows.get(key);
      // One that is told twice stands where it is told last.
      settled.delete(key);
      if (held !== undefined) settled.set(key, held);
    }
    this.#rows = settled;
    const after = itemOrder(this.#rows.values());
    return hasChanged || [...after].some(([whole, items]) => before.get(whole) !== items);
  }

  /** What REST says most of the time: just what is held, its items in the order that they came in. */
  #isAsHeld(rows: readonly KeyedRow[], covers: ReadonlySet<string>): boolean {
    const items: string[] = [];
    let count = 0;
    for (const { key, dataset } of this.#rows.values()) {
      if (!covers.has(dataset)) continue;
      count += 1;
      if (isItem(dataset)) items.push(key);
    }
    const keys = new Set<string>();
    let at = 0;
    for (const row of rows) {
      if (!this.holds(row)) return false;
      if (covers.has(row.dataset)) keys.add(row.key);
      if (isItem(row.dataset) && items[at++] !== row.key) return false;
    }
    // One that is told twice stands in for none that is not told.
    return keys.size === count;
  }

  #remember(row: KeyedRow): void {
    const versions = [...(this.#past.get(row.key) ?? []), contentOf(row)];
    this.#past.set(row.key, versions.slice(-versionsMax));
  }
}

/**
 * Keys of the transfers of each log and of the snapshots of each pool, as they follow one another: the
 * items of an ERC-1155 batch are numbered by nothing else, the last snapshot is the one that holds, and
 * the stream may send both in another order than REST's.
 */
function itemOrder(rows: Iterable<KeyedRow>): ReadonlyMap<string, string> {
  const orders = new Map<string, string>();
  for (const { key, dataset, data } of rows) {
    if (!isItem(dataset)) continue;
    const whole = `${dataset}/${dataset === 'reserves' ? data['pool_uid'] : data['log_index']}`;
    orders.set(whole, `${orders.get(whole) ?? ''} ${key}`);
  }
  return orders;
}

/** Several of one log, or of one pool, which their order tells apart. */
function isItem(dataset: BlockdbDataset): boolean {
  return dataset === 'token_transfers' || dataset === 'reserves';
}

function contentOf({ dataset, data }: Pick<KeyedRow, 'dataset' | 'data'>): string {
  return contentHash(dataset, data);
}
