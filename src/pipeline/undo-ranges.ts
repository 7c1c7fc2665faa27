/** Where on the changelogs the undo window lies: one range per topic-partition. */
import type { EncodedRecord } from '../encoding/encoded-record.ts';
import type { UndoRange } from '../model/checkpoint.ts';

/** Joins the ranges of several blocks; sorted by topic and partition, so that checkpoints compare. */
export function undoRanges(ranges: readonly UndoRange[]): UndoRange[] {
  const joined = new Map<string, UndoRange>();
  for (const range of ranges) {
    const id = partitionId(range);
    const known = joined.get(id);
    joined.set(id, {
      ...range,
      firstOffset: Math.min(range.firstOffset, known?.firstOffset ?? range.firstOffset),
      lastOffset: Math.max(range.lastOffset, known?.lastOffset ?? range.lastOffset),
    });
  }
  return [...joined.values()].sort(
    (a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition,
  );
}

/**
 * The last record of this source on each partition. A range of the undo window goes on to it: a row
 * in the range that was taken back would else be found without its retraction, because a revision
 * of a lower block may be published between the two.
 */
export class UndoEnds {
  readonly #isComplete: boolean;
  #ends: readonly UndoRange[];

  /**
   * `ends` are empty ranges after the last record; with `isComplete` all partitions have one in the
   * checkpoint, because restore reads on past them.
   */
  constructor(ends: readonly UndoRange[], isComplete: boolean) {
    this.#ends = ends;
    this.#isComplete = isComplete;
  }

  /** The ranges of a checkpoint whose publication wrote up to `written`. */
  ranges(blocks: readonly UndoRange[], written: readonly UndoRange[]): UndoRange[] {
    const ends = latestEnds([...this.#ends, ...written]);
    const held = new Set(blocks.map(partitionId));
    // Where no row can be taken back now, the next one that can comes after all that is there.
    this.#ends = this.#isComplete ? ends : ends.filter((end) => held.has(partitionId(end)));
    return undoRanges([...this.#ends, ...blocks]);
  }
}

/** The empty range after this one. */
export function endOf(range: UndoRange): UndoRange {
  return { ...range, firstOffset: range.lastOffset + 1 };
}

function partitionId({ topic, partition }: Pick<EncodedRecord, 'topic' | 'partition'>): string {
  return `${topic}/${partition}`;
}

/** Of several ends of one topic-partition, the last. */
function latestEnds(ends: readonly UndoRange[]): UndoRange[] {
  const latest = new Map<string, UndoRange>();
  for (const end of ends) {
    const id = partitionId(end);
    const known = latest.get(id);
    if (known === undefined || known.lastOffset < end.lastOffset) latest.set(id, end);
  }
  return [...latest.values()];
}
