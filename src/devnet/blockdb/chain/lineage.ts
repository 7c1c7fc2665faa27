/**
 * The members that BlockDB adds to each row: its handle, those of its parents, when it was written.
 * Handles follow the key or the content, as the profile says.
 */
import { createHash } from 'node:crypto';
import type { Item, Json } from '../../simulator/json.ts';
import { keyOf, type Row, timeText } from './block.ts';
import { type DatasetId, datasetNamed } from './datasets.ts';

/** What lineage depends on. */
export interface LineageOptions {
  readonly follows: 'key' | 'content';
  nowMs(): number;
}

/** A row written for the first time appears so long after its block was seen. */
const handleDigits = 32;
const volatile: ReadonlySet<string> = new Set([
  '_tracing_id',
  '_parent_tracing_ids',
  '_created_at',
  '_updated_at',
]);

/** Adds lineage, and remembers when the rows of a height were written first. */
export class Lineage {
  readonly #options: LineageOptions;
  /** First writing by handle, by height. */
  readonly #created = new Map<number, Map<string, string>>();

  constructor(options: LineageOptions) {
    this.#options = options;
  }

  /** The row with its lineage. `parents` are handles. */
  write(dataset: DatasetId, item: Item, at: { height: number; parents: readonly string[] }): Row {
    const key = keyOf(dataset, item);
    const source = this.#options.follows === 'key' ? key : contentText(item);
    const handle = `${dataset}${digest(`${dataset}/${source}`).slice(0, handleDigits)}`;
    const now = timeText(this.#options.nowMs());
    const lineage: Record<string, Json> = { _tracing_id: handle };
    if (datasetNamed(dataset).members.some(({ name }) => name === '_parent_tracing_ids')) {
      lineage['_parent_tracing_ids'] = at.parents;
    }
    lineage['_created_at'] = this.#createdAt(at.height, handle, now);
    lineage['_updated_at'] = now;
    return { dataset, key, height: at.height, item: { ...item, ...lineage } };
  }

  /** Forgets heights up to this one. */
  forget(height: number): void {
    for (const known of [...this.#created.keys()]) if (known <= height) this.#created.delete(known);
  }

  #createdAt(height: number, handle: string, now: string): string {
    const known = this.#created.get(height) ?? new Map<string, string>();
    this.#created.set(height, known);
    const created = known.get(handle) ?? now;
    known.set(handle, created);
    return created;
  }
}

/** The handle of a row. */
export function handleOf({ item }: Row): string {
  return String(item['_tracing_id']);
}

/** True when the members of two rows tell the same, lineage aside. */
export function isSameContent(a: Item, b: Item): boolean {
  return contentText(a) === contentText(b);
}

/** Hexadecimal SHA-256: names and hashes of the simulated chain. */
export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function contentText(item: Item): string {
  return JSON.stringify(Object.entries(item).filter(([name]) => !volatile.has(name)));
}
