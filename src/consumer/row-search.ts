/** Finds the first row at or above a height on one partition, by bisection over its offsets. */
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

/** Reads a few records per step, whatever the partition's length. */
export class RowSearch {
  readonly #options: Pick<ControlLogOptions, 'reader' | 'schemaById' | 'signal'>;
  readonly #layouts = new Map<number, ValueLayout>();

  constructor(options: Pick<ControlLogOptions, 'reader' | 'schemaById' | 'signal'>) {
    this.#options = options;
  }

  /**
   * Offset of the first row at `height` or above at or after `floor`, the end when there is none.
   * Heights must not fall there. Throws `checkpoint.undo_window_incomplete` for a foreign record.
   */
  async from(at: Place, height: number, floor: number): Promise<number> {
    const { earliest, lastStable } = await this.#options.reader.offsets(at);
    let low = Math.max(floor, earliest);
    let high = lastStable;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const row = await this.#rowAfter(at, middle, high);
      if (row === undefined || row.height >= height) high = middle;
      else low = row.offset + 1;
    }
    return low;
  }

  async #rowAfter(at: Place, from: number, limit: number) {
    for (let start = from; start < limit; start += windowOffsets) {
      const lastOffset = Math.min(start + windowOffsets, limit) - 1;
      const { signal } = this.#options;
      const batches = this.#options.reader.readRecords({
        ranges: [{ ...at, firstOffset: start, lastOffset }],
        isolation: 'read_committed',
        partitionBytesMax: windowBytesMax,
        ...(signal === undefined ? {} : { signal }),
      });
      for await (const [record] of batches) {
        if (record !== undefined) {
          return { offset: record.offset, height: (await this.#change(record)).height };
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
