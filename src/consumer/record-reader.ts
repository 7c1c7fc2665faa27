/** Reads topics record by record: the lowest latency, in the order of each partition. */
import type { ChangeDecoder, DecodedChange } from '../encoding/change-decoder.ts';
import type { FetchedRecords } from '../publishing/partition-fetcher.ts';
import type { Change, Dataset } from './change.ts';
import type { Settings } from './options.ts';
import { outOfRange } from './partition-queue.ts';
import { changeOf, type Fetcher } from './step-reader.ts';

/** Where one partition is read on. */
export interface RecordPosition {
  readonly topic: string;
  readonly partition: number;
  offset: number;
}

/** Drops repeats. */
export interface ChangeFilter {
  lets(change: DecodedChange, height: number): boolean;
}

export interface RecordReaderOptions<D extends Dataset> {
  readonly fetcher: Fetcher;
  readonly settings: Settings<D>;
  readonly changes: ChangeDecoder;
  readonly positions: readonly RecordPosition[];
  /** Rows below this height are not handed over. */
  readonly minHeight: number;
  readonly filter: ChangeFilter | null;
  /** Records below these offsets are only shown to the filter. */
  readonly silentBelow: readonly RecordPosition[];
  readonly signal: AbortSignal;
}

export class RecordReader<D extends Dataset> {
  readonly #options: RecordReaderOptions<D>;
  readonly #datasets: ReadonlyMap<string, D>;
  #ahead: Promise<readonly FetchedRecords[]> | null = null;

  constructor(options: RecordReaderOptions<D>) {
    this.#options = options;
    this.#datasets = new Map(options.settings.topics.map(({ topic, dataset }) => [topic, dataset]));
  }

  /** Where each partition is read on after what was handed over. */
  get positions(): readonly RecordPosition[] {
    return this.#options.positions;
  }

  /** What each answer of the brokers brought, until the signal aborts. */
  async *batches(): AsyncGenerator<readonly Change<D>[]> {
    const { signal, positions } = this.#options;
    while (!signal.aborted) {
      const parts = await this.#fetchAhead();
      this.#ahead = null;
      const ends = parts.map((part) => this.#end(part));
      const asked = positions.map((at) => {
        const end = ends.find(({ part }) => isAt(at, part));
        return { ...at, offset: end?.part.nextOffset ?? at.offset };
      });
      void this.#fetchAhead(asked);
      for (const { position, part } of ends) {
        const changes = await this.#decoded(part);
        if (changes.length > 0) yield changes;
        position.offset = part.nextOffset;
      }
    }
  }

  #fetchAhead(positions = this.#options.positions): Promise<readonly FetchedRecords[]> {
    const { fetcher, settings, signal } = this.#options;
    const { fetchBytesMax, fetchWaitMs } = settings.limits;
    this.#ahead ??= fetcher.fetch(
      positions,
      {
        isolation: 'read_committed',
        maxWaitMs: fetchWaitMs,
        responseBytesMax: fetchBytesMax * 8,
        partitionBytesMax: fetchBytesMax,
      },
      signal,
    );
    this.#ahead.catch(() => undefined);
    return this.#ahead;
  }

  #end(part: FetchedRecords) {
    const position = this.#options.positions.find((at) => isAt(at, part));
    if (position === undefined) throw new RangeError(`${part.topic} was not asked for`);
    if (part.isOutOfRange) throw outOfRange(position);
    return { position, part };
  }

  async #decoded(part: FetchedRecords): Promise<Change<D>[]> {
    const { changes, filter, minHeight, silentBelow } = this.#options;
    const found: Change<D>[] = [];
    const first = silentBelow.find((at) => isAt(at, part))?.offset ?? 0;
    for (const record of part.records) {
      const pending = changes.decode(record);
      const decoded = pending instanceof Promise ? await pending : pending;
      if (minHeight > 0 || filter !== null) {
        const height = Number(decoded.row['height'] ?? 0);
        if (height < minHeight || filter?.lets(decoded, height) === false) continue;
      }
      if (record.offset >= first) found.push(changeOf(this.#datasets, record, decoded));
    }
    return found;
  }
}

interface Place {
  readonly topic: string;
  readonly partition: number;
}

function isAt(a: Place, b: Place): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}
