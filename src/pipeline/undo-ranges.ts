/** Where on the changelogs the undo window lies: one range per topic-partition. */
import type { UndoRange } from '../model/checkpoint.ts';
import { PartitionMap } from './partition-map.ts';

/** A range while it is joined: changed in place, because a checkpoint joins thousands. */
type Joined = { -readonly [Member in keyof UndoRange]: UndoRange[Member] };

/** Joins the ranges of several blocks; sorted by topic and partition, so that checkpoints compare. */
export function undoRanges(ranges: readonly UndoRange[]): UndoRange[] {
  const joined = new PartitionMap<Joined>();
  for (const range of ranges) {
    const known = joined.get(range);
    if (known === undefined) {
      joined.add(range, { ...range });
      continue;
    }
    if (range.firstOffset < known.firstOffset) known.firstOffset = range.firstOffset;
    if (range.lastOffset > known.lastOffset) known.lastOffset = range.lastOffset;
  }
  return [...joined.values].sort(
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

  /**
   * The ranges of a checkpoint whose publication wrote up to `written`: what is returned joins them, at
   * any later time, because most checkpoints are never written.
   */
  ranges(blocks: readonly UndoRange[], written: readonly UndoRange[]): () => UndoRange[] {
    const ends = latestEnds([...this.#ends, ...written]);
    const held = new PartitionMap<UndoRange>();
    for (const range of blocks) if (held.get(range) === undefined) held.add(range, range);
    // Where no row can be taken back now, the next one that can comes after all that is there.
    const kept = this.#isComplete ? ends : ends.filter((end) => held.get(end) !== undefined);
    this.#ends = kept;
    return () => undoRanges([...kept, ...blocks]);
  }
}

/** The empty range after this one. */
export function endOf(range: UndoRange): UndoRange {
  return { ...range, firstOffset: range.lastOffset + 1 };
}

/** Of several ends of one topic-partition, the last. */
function latestEnds(ends: readonly UndoRange[]): UndoRange[] {
  const latest = new PartitionMap<{ end: UndoRange }>();
  for (const end of ends) {
    const known = latest.get(end);
    if (known === undefined) latest.add(end, { end });
    else if (known.end.lastOffset < end.lastOffset) known.end = end;
  }
  return latest.values.map(({ end }) => end);
}
