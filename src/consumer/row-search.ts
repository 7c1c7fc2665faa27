/**
 * Finds the first row at or above a height on one partition. Rows of lower blocks may lie after it,
 * because replays put old blocks right: a row's height alone proves nothing, what the control topic
 * tells of its block does.
 */
import type { StoredChange } from '../encoding/encoded-record.ts';
import { readStoredChange } from '../encoding/stored-change.ts';
import { parseValueLayout, schemaIdOf, type ValueLayout } from '../encoding/value-layout.ts';
import type { LogRecord } from '../publishing/record-batch.ts';
import type { ControlLogOptions } from './control-log.ts';

const windowOffsets = 64;
const windowBytesMax = 64 * 1024;

interface Place {
  readonly topic: string;
  readonly partition: number;
}

/** What is known of the partition, and what is asked. */
export interface RowQuery {
  readonly height: number;
  /** Nothing that is asked for lies below. */
  readonly floor: number;
  /** The first row at this height or above lies here at the latest; undefined: not known. */
  readonly limit: number | undefined;
  /** Read one by one at most. */
  readonly scanOffsetsMax: number;
  /**
   * One past rows that the source published on this partition for the canonical block of a lower
   * height; undefined where it published none, or that is not known.
   */
  endOf(height: number): Promise<number | undefined>;
}

/** Reads a few records per step, whatever the partition's length. */
export class RowSearch {
  readonly #options: Pick<ControlLogOptions, 'reader' | 'schemaById' | 'signal'>;
  readonly #layouts = new Map<number, ValueLayout>();

  constructor(options: Pick<ControlLogOptions, 'reader' | 'schemaById' | 'signal'>) {
    this.#options = options;
  }

  /**
   * Offset of the first row at the height or above, the end when there is none. It may be earlier
   * where replays wrote much, never later. Throws `checkpoint.undo_window_incomplete` for a foreign
   * record.
   */
  async from(at: Place, query: RowQuery): Promise<number> {
    const { earliest, lastStable } = await this.#options.reader.offsets(at);
    const high = Math.min(query.limit ?? lastStable, lastStable);
    const low = await this.#proven(at, query, [Math.max(query.floor, earliest), high]);
    const end = Math.min(high, low + query.scanOffsetsMax);
    const found = await this.#rowAfter(at, low, end, (height) => height >= query.height);
    return found?.offset ?? end;
  }

  /**
   * Invariant: rows of the asked blocks lie at `low` or after. Only what proves that moves it, so
   * where nothing does the search goes to the lower half.
   */
  async #proven(at: Place, query: RowQuery, [from, to]: readonly [number, number]) {
    let [low, high] = [from, to];
    while (high - low > query.scanOffsetsMax) {
      const middle = Math.floor((low + high) / 2);
      const proven = await this.#provenAbove(at, query, [middle, high]);
      if (proven === undefined) high = middle;
      else low = Math.min(proven, high);
    }
    return low;
  }

  /** An offset above the first one which is not later than what is asked; looks at a few rows. */
  async #provenAbove(at: Place, query: RowQuery, [from, to]: readonly [number, number]) {
    let step = windowOffsets;
    for (let start = from; start < to; start += step, step *= 4) {
      const row = await this.#rowAfter(at, start, to);
      if (row === undefined || row.height >= query.height) return undefined;
      const end = await query.endOf(row.height);
      if (end !== undefined && end > from) return end;
    }
    return undefined;
  }

  async #rowAfter(
    at: Place,
    from: number,
    limit: number,
    isWanted: (height: number) => boolean = () => true,
  ) {
    for (let start = from; start < limit; start += windowOffsets) {
      const lastOffset = Math.min(start + windowOffsets, limit) - 1;
      const { signal } = this.#options;
      const batches = this.#options.reader.readRecords({
        ranges: [{ ...at, firstOffset: start, lastOffset }],
        isolation: 'read_committed',
        partitionBytesMax: windowBytesMax,
        ...(signal === undefined ? {} : { signal }),
      });
      for await (const records of batches) {
        for (const record of records) {
          const { height } = await this.#change(record);
          if (isWanted(height)) return { offset: record.offset, height };
        }
      }
    }
    return undefined;
  }

  async #change({ key, value, ...place }: LogRecord): Promise<StoredChange> {
    const stored = { ...place, key: key ?? Buffer.alloc(0), value: value ?? Buffer.alloc(0) };
    const id = schemaIdOf(stored.value);
    if (id === undefined) return readStoredChange(stored, undefined);
    const layout = this.#layouts.get(id) ?? parseValueLayout(await this.#options.schemaById(id));
    this.#layouts.set(id, layout);
    return readStoredChange(stored, layout);
  }
}
