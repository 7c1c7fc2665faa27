/**
 * The rows per primary key of a dataset whose later rows take the place of earlier ones: the newest
 * finalized one and those above it, because a retraction makes an earlier row the latest again.
 */
import type { RowRecord } from '../encoding/encoded-record.ts';
import { FatalError } from '../model/errors.ts';
import type { SupersedingSpec } from './table-spec.ts';

interface Entry {
  /** Oldest first: at most one finalized row, then those that could still be retracted. */
  readonly rows: RowRecord[];
  unfinalized: number;
}

/** Text of a key's bytes, for maps. */
export function keyText(key: Buffer): string {
  return key.toString('latin1');
}

/** One per state topic; holds at most `keysMax` keys. Records are those of the state topic. */
export class CurrentRows {
  readonly #topic: string;
  readonly #spec: SupersedingSpec;
  readonly #entries = new Map<string, Entry>();

  constructor(topic: string, spec: SupersedingSpec) {
    this.#topic = topic;
    this.#spec = spec;
  }

  /** A row as the topic of covered rows has it; of one key the last counts. */
  restore(stored: RowRecord): void {
    const row = { ...stored, topic: this.#topic };
    this.#add(row).rows.splice(0, Number.POSITIVE_INFINITY, row);
  }

  /** The key's newest row, not final yet. Throws `state.too_many_keys`. */
  push(row: RowRecord): void {
    const entry = this.#add(row);
    entry.rows.push(row);
    entry.unfinalized += 1;
  }

  /** Takes the key's newest row back; gives the one that is the latest again. */
  pop(key: Buffer): RowRecord | undefined {
    const text = keyText(key);
    const entry = this.#entries.get(text);
    if (entry === undefined || entry.unfinalized === 0) {
      throw new Error(`Invariant: a row of ${this.#topic} is retracted that is not held.`);
    }
    entry.rows.pop();
    entry.unfinalized -= 1;
    if (entry.rows.length === 0) this.#entries.delete(text);
    return entry.rows.at(-1);
  }

  /** The key's newest row. */
  latest(key: Buffer): RowRecord | undefined {
    return this.#entries.get(keyText(key))?.rows.at(-1);
  }

  /** The key's oldest row that was not final now is; gives it as the topic of covered rows takes it. */
  finalize(key: Buffer): RowRecord | undefined {
    const entry = this.#entries.get(keyText(key));
    if (entry === undefined || entry.unfinalized === 0) return undefined;
    const isCovering = entry.rows.length > entry.unfinalized;
    if (isCovering) entry.rows.shift();
    entry.unfinalized -= 1;
    const row = entry.rows[0];
    return row === undefined ? undefined : { ...row, topic: this.#spec.covered };
  }

  #add({ key }: RowRecord): Entry {
    const text = keyText(key);
    const known = this.#entries.get(text);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.#spec.keysMax) throw tooMany(this.#topic, this.#spec.keysMax);
    const entry: Entry = { rows: [], unfinalized: 0 };
    this.#entries.set(text, entry);
    return entry;
  }
}

function tooMany(topic: string, keysMax: number): FatalError {
  return new FatalError('state.too_many_keys', {
    stage: 'pipeline',
    message: `State topic ${topic} has more than ${keysMax} primary keys, and the rows of all of them are held in memory, because a reorg can make an earlier one the latest again. Nothing of this block was published. Give the process memory and raise state.keysMax of the route, or switch its state topic off.`,
    context: { topic, keysMax },
  });
}
