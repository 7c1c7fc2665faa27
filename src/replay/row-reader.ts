/** Reads the rows that control records point at back from the changelogs. */
import type { StoredChange, StoredRecord } from '../encoding/encoded-record.ts';
import { FatalError } from '../model/errors.ts';
import { PublishedRows } from '../pipeline/published-rows.ts';
import { groupBy } from '../publishing/group-by.ts';
import type { PartitionReader } from '../publishing/partition-reader.ts';
import type { HeightRange } from '../sources/source.ts';
import type { ToldTally } from './told-rows.ts';

/** What reading rows needs of Kafka and of the encoder. */
export interface RowReaderOptions {
  readonly reader: Pick<PartitionReader, 'offsets' | 'readRange'>;
  /** Changelog topics of the source; tallies of other topics are passed over. */
  readonly topics: ReadonlySet<string>;
  readChange(record: StoredRecord): StoredChange | Promise<StoredChange>;
  /** Stretches with at most so many offsets between them are read as one: a request costs more. */
  readonly gapOffsetsMax: number;
  readonly signal: AbortSignal;
}

/**
 * Another producer's records may lie between those of one step, so the last of them further on; how
 * far is bounded by the time a transaction may take.
 */
const beyondOffsetsMax = 100_000;
const beyondOffsetsFirst = 64;

interface Wanted extends ToldTally {
  found: number;
}

interface Stretch {
  readonly first: number;
  readonly last: number;
  readonly wanted: readonly Wanted[];
}

/** Keeps no rows between calls. */
export class RowReader {
  readonly #options: RowReaderOptions;

  constructor(options: RowReaderOptions) {
    this.#options = options;
  }

  /**
   * Every record about these heights where the tallies point; rows that are not there are not found.
   * Throws `replay.rows_deleted` when retention took some of them.
   */
  async read(heights: HeightRange, tallies: readonly ToldTally[]): Promise<PublishedRows> {
    const rows = new PublishedRows();
    const own = tallies.filter(({ topic }) => this.#options.topics.has(topic));
    const partitions = groupBy(own, ({ topic, partition }) => `${topic}/${partition}`);
    await Promise.all(
      [...partitions.values()].map((each) => this.#readPartition(each, heights, rows)),
    );
    return rows;
  }

  async #readPartition(
    tallies: readonly ToldTally[],
    heights: HeightRange,
    rows: PublishedRows,
  ): Promise<void> {
    const at = tallies[0];
    if (at === undefined) return;
    const { earliest, lastStable } = await this.#options.reader.offsets(at);
    const stretches = stretchesOf(tallies, this.#options.gapOffsetsMax);
    const first = stretches[0]?.first ?? earliest;
    if (first < earliest) throw deleted(at, { first, earliest, height: heights.from });
    const take = (change: StoredChange, offset: number, wanted: readonly Wanted[]): void => {
      for (const each of wanted) {
        if (offset >= each.firstOffset && each.matches(change)) each.found += 1;
      }
      if (change.height >= heights.from && change.height <= heights.to) rows.add(change, offset);
    };
    let next = first;
    for (const { first: from, last, wanted } of stretches) {
      next = Math.max(next, from);
      const limit = Math.min(lastStable - 1, last + beyondOffsetsMax);
      let to = Math.min(last, limit);
      for (let step = beyondOffsetsFirst; next <= to; step *= 4) {
        await this.#readTo(at, { next, to }, (change, offset) => take(change, offset, wanted));
        next = to + 1;
        if (wanted.every(({ found, count }) => found >= count)) break;
        to = Math.min(to + step, limit);
      }
    }
  }

  async #readTo(
    { topic, partition }: ToldTally,
    { next: firstOffset, to: lastOffset }: { readonly next: number; readonly to: number },
    take: (change: StoredChange, offset: number) => void,
  ): Promise<void> {
    const { reader, readChange, signal } = this.#options;
    const range = { topic, partition, firstOffset, lastOffset };
    const batches = reader.readRange({ ranges: [range], isolation: 'read_committed', signal });
    for await (const records of batches) {
      for (const stored of records) take(await readChange(stored), stored.offset);
    }
  }
}

/** Ascending; what lies close together is one. */
function stretchesOf(tallies: readonly ToldTally[], gapOffsetsMax: number): Stretch[] {
  const ascending = tallies
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.firstOffset - b.firstOffset);
  const stretches: Stretch[] = [];
  for (const tally of ascending) {
    const wanted = { ...tally, found: 0 };
    const end = tally.firstOffset + tally.count - 1;
    const last = stretches.at(-1);
    if (last === undefined || tally.firstOffset > last.last + gapOffsetsMax) {
      stretches.push({ first: tally.firstOffset, last: end, wanted: [wanted] });
    } else {
      const joined = { ...last, last: Math.max(last.last, end), wanted: [...last.wanted, wanted] };
      stretches[stretches.length - 1] = joined;
    }
  }
  return stretches;
}

function deleted(
  { topic, partition }: ToldTally,
  at: { readonly first: number; readonly earliest: number; readonly height: number },
): FatalError {
  return new FatalError('replay.rows_deleted', {
    stage: 'replay',
    message: `Rows of block ${at.height} were published on ${topic}/${partition} from offset ${at.first} on, but its oldest record is ${at.earliest}: retention took them, so what is missing there cannot be told from what was there. Replay later blocks only, or publish the history to a new topic.`,
    context: { topic, partition, offset: at.first, earliest: at.earliest },
  });
}
