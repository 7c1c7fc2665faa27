/**
 * The rows per primary key of a dataset whose later rows take the place of earlier ones: the newest
 * finalized one and those above it, because a retraction makes an earlier row the latest again.
 */
import type { RowRecord } from '../encoding/encoded-record.ts';
import { FatalError } from '../model/errors.ts';
import type { CoveredSpec } from './table-spec.ts';

/** A row, which one it is, and of which block. */
export interface HeightRow {
  readonly row: RowRecord;
  readonly id: string;
  readonly height: number;
}

interface Entry {
  /** In chain order: at most one finalized row, then those that could still be retracted. */
  readonly rows: HeightRow[];
  unfinalized: number;
}

/** Text of a key's bytes, for maps. */
export function keyText(key: Buffer): string {
  return key.toString('latin1');
}

/** One per state topic; holds at most `keysMax` keys. Records are those of the state topic. */
export class CurrentRows {
  readonly #topic: string;
  readonly #spec: CoveredSpec;
  readonly #entries = new Map<string, Entry>();

  constructor(topic: string, spec: CoveredSpec) {
    this.#topic = topic;
    this.#spec = spec;
  }

  /** A row as the topic of covered rows has it; of one key the last counts. */
  restore(stored: RowRecord): void {
    const row = { ...stored, topic: this.#topic };
    const final = { row, id: '', height: Number.NEGATIVE_INFINITY };
    this.#add(row).rows.splice(0, Number.POSITIVE_INFINITY, final);
  }

  /**
   * A row that is not final yet, after those of its block and of lower ones; gives the key's latest.
   * Throws `state.too_many_keys`.
   */
  insert(added: HeightRow): RowRecord {
    const entry = this.#add(added.row);
    const { rows } = entry;
    const before = rows.findLastIndex(({ height }) => height <= added.height);
    rows.splice(before + 1, 0, added);
    entry.unfinalized += 1;
    return rows.at(-1)?.row ?? added.row;
  }

  /** Takes a row of the key back, usually the newest; gives the one that is the latest then. */
  remove(key: Buffer, id: string): RowRecord | undefined {
    const text = keyText(key);
    const entry = this.#entries.get(text);
    const at = entry?.rows.findLastIndex((row) => row.id === id) ?? -1;
    if (entry === undefined || at === -1) {
      throw new Error(`Invariant: row ${id} of ${this.#topic} is retracted and not held.`);
    }
    entry.rows.splice(at, 1);
    entry.unfinalized -= 1;
    if (entry.rows.length === 0) this.#entries.delete(text);
    return entry.rows.at(-1)?.row;
  }

  /** The key's newest row. */
  latest(key: Buffer): RowRecord | undefined {
    return this.#entries.get(keyText(key))?.rows.at(-1)?.row;
  }

  /** The key's oldest row that was not final now is; gives it as the topic of covered rows takes it. */
  finalize(key: Buffer): RowRecord | undefined {
    const entry = this.#entries.get(keyText(key));
    if (entry === undefined || entry.unfinalized === 0) return undefined;
    const isCovering = entry.rows.length > entry.unfinalized;
    if (isCovering) entry.rows.shift();
    entry.unfinalized -= 1;
    const row = entry.rows[0]?.row;
    return row === undefined ? undefined : { ...row, topic: this.#spec.covered };
  }

  #add({ key }: RowRecord): Entry {
    const text = keyText(key);
    const known = this.#entries.get(text);
    if (known !== undefined) return known;
    if (this.#entries.size >= this.#spec.keysMax)
      throw tooManyKeys(this.#topic, this.#spec.keysMax);
    const entry: Entry = { rows: [], unfinalized: 0 };
    this.#entries.set(text, entry);
    return entry;
  }
}

/** The error of a state topic that remembers its keys. */
export function tooManyKeys(topic: string, keysMax: number): FatalError {
  return new FatalError('state.too_many_keys', {
    stage: 'pipeline',
    message: `State topic ${topic} has more than ${keysMax} primary keys, and what is the latest of each is held in memory. Nothing of this step was published. Give the process memory and raise state.keysMax of the route, or switch its state topic off.`,
    context: { topic, keysMax },
  });
}
